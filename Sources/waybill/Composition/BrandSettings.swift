import Foundation
import WaybillCore
import WaybillTemplates

extension WaybillSettings {
    /// The default brand, and those of the file that `WAYBILL_BRANDS` names.
    func brands() throws(SettingsError) -> [Brand] {
        let standard = Brand(
            name: .standard,
            from: from,
            replyTo: replyTo,
            templates: [.en: templates],
            defaultLocale: .en,
            timeZone: .utc
        )
        guard let brandFile else { return [standard] }
        let url = URL(filePath: brandFile)
        let bytes: Data
        do {
            bytes = try Data(contentsOf: url)
        } catch {
            throw SettingsError(.brands, "a JSON file that can be read at \(brandFile): \(error)")
        }
        let folder = url.deletingLastPathComponent().path(percentEncoded: false)
        return try BrandFile.read(Array(bytes), named: brandFile, folder: folder, standard: standard)
    }

    /// The renderer with the templates of all brands.
    func renderer() async throws -> BrandRenderer { try await BrandRenderer.load(try brands()) }
}

/// The file of the brands: an object with an entry a brand.
struct BrandFile {
    /// A refusal of an order lists them all.
    static let mostBrands = 100
    private static let members = ["from", "replyTo", "templates", "defaultLocale", "timeZone"]

    private let folder: String
    private let standard: Brand
    private var reader = JSONReader()

    private init(folder: String, standard: Brand) {
        self.folder = folder
        self.standard = standard
    }

    /// Reads all entries and names everything that is wrong with them at once. Folders of templates are relative to
    /// `folder`. The entry `default` adds languages and a time zone to `standard`, whose other settings have names of
    /// their own.
    static func read(
        _ bytes: [UInt8],
        named path: String,
        folder: String,
        standard: Brand
    ) throws(SettingsError) -> [Brand] {
        var file = BrandFile(folder: folder, standard: standard)
        let brands = file.brands(JSONField(value: try json(bytes, path)))
        let violations = file.reader.violations
        guard violations.isEmpty else {
            let reasons = violations.map(\.description).joined(separator: "; ")
            throw SettingsError("\(Setting.brands.variable): \(path): \(reasons)")
        }
        return brands
    }

    private static func json(_ bytes: [UInt8], _ path: String) throws(SettingsError) -> JSON {
        do throws(JSONSyntaxError) {
            return try JSON.parse(bytes)
        } catch {
            throw SettingsError(.brands, "JSON (RFC 8259) in \(path), found a fault at \(error)")
        }
    }

    private mutating func brands(_ root: JSONField) -> [Brand] {
        guard let root = reader.object(root), let entries = root.value?.members else { return [] }
        guard entries.count <= Self.mostBrands else {
            reader.refuse(root, expected: "at most \(Self.mostBrands) brands", found: "\(entries.count)")
            return []
        }
        var brands: [Brand] = []
        for entry in entries {
            let field = root[entry.name]
            guard let name = BrandName(entry.name) else {
                reader.refuse(field, expected: "a brand's name, 1 to \(BrandName.longest) of a-z, 0-9 and -")
                continue
            }
            if let brand = brand(name, field) { brands.append(brand) }
        }
        return brands.contains { $0.name == .standard } ? brands : [standard] + brands
    }

    private mutating func brand(_ name: BrandName, _ field: JSONField) -> Brand? {
        guard let field = reader.object(field) else { return nil }
        for member in field.value?.members ?? [] where !Self.members.contains(member.name) {
            let expected = "one of the members \(Self.members.joined(separator: ", "))"
            reader.refuse(field[member.name], expected: expected)
        }
        let locale = defaultLocale(field["defaultLocale"], of: name)
        let zone = timeZone(field["timeZone"], of: name)
        let from = from(field["from"], of: name)
        let replyTo = replyTo(field["replyTo"], of: name)
        guard let locale, let zone, let from, let templates = templates(field["templates"], of: name, locale) else {
            return nil
        }
        return Brand(
            name: name,
            from: from,
            replyTo: replyTo,
            templates: templates,
            defaultLocale: locale,
            timeZone: zone
        )
    }

    private mutating func defaultLocale(_ field: JSONField, of name: BrandName) -> EmailLocale? {
        guard name != .standard || field.isGiven else { return standard.defaultLocale }
        return field.value?.text.flatMap(EmailLocale.init(rawValue:)) ?? reader.refused(field, Self.locales)
    }

    private mutating func timeZone(_ field: JSONField, of name: BrandName) -> BrandTimeZone? {
        guard name != .standard || field.isGiven else { return standard.timeZone }
        return field.value?.text.flatMap(BrandTimeZone.init)
            ?? reader.refused(field, "a name of the IANA time zone database like Europe/Berlin, or UTC")
    }

    private mutating func from(_ field: JSONField, of name: BrandName) -> String? {
        guard name != .standard else { return isLeftTo(.from, field) ? standard.from : nil }
        return mailbox(field)
    }

    private mutating func replyTo(_ field: JSONField, of name: BrandName) -> String? {
        guard name != .standard else { return isLeftTo(.replyTo, field) ? standard.replyTo : nil }
        return field.isGiven ? mailbox(field) : nil
    }

    /// What the default brand has a setting for stands nowhere else, or the two could differ.
    private mutating func isLeftTo(_ setting: Setting, _ field: JSONField) -> Bool {
        guard field.isGiven else { return true }
        reader.refuse(field, expected: "nothing here: the default brand's is \(setting.variable)")
        return false
    }

    private mutating func mailbox(_ field: JSONField) -> String? {
        guard let text = field.value?.text else { return reader.refused(field, "a string") }
        do throws(MailboxError) {
            _ = try Mailbox(text)
            return text
        } catch {
            return reader.refused(field, "\(error)")
        }
    }

    private mutating func templates(
        _ field: JSONField,
        of name: BrandName,
        _ defaultLocale: EmailLocale
    ) -> [EmailLocale: String]? {
        let isStandard = name == .standard
        var folders: [EmailLocale: String] = [:]
        if isStandard { folders[defaultLocale] = standard.templates[standard.defaultLocale] }
        guard !isStandard || field.isGiven else { return folders }
        guard let field = reader.object(field) else { return nil }
        for member in field.value?.members ?? [] {
            let folder = field[member.name]
            guard let locale = EmailLocale(rawValue: member.name) else {
                reader.refuse(folder, expected: "a member named \(Self.locales)")
                continue
            }
            if isStandard, locale == defaultLocale, !isLeftTo(.templates, folder) { continue }
            folders[locale] = path(folder)
        }
        guard folders[defaultLocale] != nil else {
            return reader.refused(field[defaultLocale.rawValue], "a folder for the default locale")
        }
        return folders
    }

    private mutating func path(_ field: JSONField) -> String? {
        guard let text = field.value?.text, !text.isEmpty else { return reader.refused(field, "a folder") }
        return text.hasPrefix("/") ? text : URL(filePath: folder).appending(path: text).path(percentEncoded: false)
    }

    private static let locales = EmailLocale.allCases.map(\.rawValue).joined(separator: " or ")
}
