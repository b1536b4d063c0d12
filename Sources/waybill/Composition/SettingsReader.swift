import Configuration
import Foundation
import Logging
import SystemPackage

/// Reads settings with an error that names the setting and what was expected.
struct SettingsReader {
    private let config: ConfigReader

    /// Reads the keys below `waybill`, from the first provider that has them.
    init(providers: [any ConfigProvider]) {
        config = ConfigReader(providers: providers).scoped(to: "waybill")
    }

    static func make() async throws(SettingsError) -> SettingsReader {
        var providers: [any ConfigProvider] = [EnvironmentVariablesProvider()]
        if let path = ProcessInfo.processInfo.environment["WAYBILL_CONFIG"] {
            do {
                providers.append(try await FileProvider<JSONSnapshot>(filePath: FilePath(path)))
            } catch {
                throw SettingsError("WAYBILL_CONFIG: expected a JSON file that can be read at \(path): \(error)")
            }
        }
        return SettingsReader(providers: providers)
    }

    func text(_ setting: Setting) throws(SettingsError) -> String {
        let key = ConfigKey([setting.key])
        if let text = config.string(forKey: key) { return text }
        if let number = config.int(forKey: key) { return String(number) }
        guard let fallback = setting.fallback else { throw SettingsError(setting, "to be set: \(setting.help)") }
        return fallback
    }

    /// Nil when it is empty.
    func optionalText(_ setting: Setting) throws(SettingsError) -> String? {
        let text = try text(setting)
        return text.isEmpty ? nil : text
    }

    /// One of an enumeration's words.
    func choice<Choice: RawRepresentable & CaseIterable>(
        _ setting: Setting,
        of type: Choice.Type
    ) throws(SettingsError) -> Choice where Choice.RawValue == String {
        let text = try text(setting)
        guard let choice = Choice(rawValue: text) else {
            let words = Choice.allCases.map(\.rawValue).joined(separator: " or ")
            throw SettingsError(setting, "\(words), found '\(text)'")
        }
        return choice
    }

    func integer(_ setting: Setting, _ range: ClosedRange<Int>) throws(SettingsError) -> Int {
        let text = try text(setting)
        guard let number = Int(text), range.contains(number) else {
            throw SettingsError(
                setting,
                "a whole number from \(range.lowerBound) to \(range.upperBound), found '\(text)'"
            )
        }
        return number
    }

    /// A decimal number in thousandths: `13.5` is 13,500.
    func decimalThousandths(_ setting: Setting, atLeast lowest: Int64) throws(SettingsError) -> Int64 {
        let text = try text(setting)
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let fraction = parts.count == 2 ? parts[1] : "0"
        guard (1...2).contains(parts.count), let whole = Int64(parts[0]), whole >= 0, whole < 1_000_000,
            (1...3).contains(fraction.count), fraction.allSatisfy({ $0.isASCII && $0.isNumber }),
            let thousandths = Int64(fraction + String(repeating: "0", count: 3 - fraction.count)),
            whole * 1000 + thousandths >= lowest
        else { throw SettingsError(setting, "a number above 0 with up to three decimals, found '\(text)'") }
        return whole * 1000 + thousandths
    }

    func environmentName() throws(SettingsError) -> String {
        let name = try text(.environment)
        let isAllowed = name.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
        }
        guard isAllowed, (1...20).contains(name.utf8.count) else {
            throw SettingsError(.environment, "1 to 20 of a-z, 0-9 and -, found '\(name)'")
        }
        return name
    }

    func logLevel() throws(SettingsError) -> Logger.Level {
        let text = try text(.logLevel)
        guard let level = Logger.Level(rawValue: text) else { throw SettingsError(.logLevel, Setting.logLevel.help) }
        return level
    }

    func logFormat() throws(SettingsError) -> LogFormat {
        let text = try text(.logFormat)
        guard let format = LogFormat(rawValue: text) else { throw SettingsError(.logFormat, Setting.logFormat.help) }
        return format
    }
}
