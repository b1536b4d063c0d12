import FoundationEssentials
import Mustache
import WaybillPorts

/// The three files of one email's template.
struct TemplateSource: Sendable {
    /// The tags that a template may use: `lines` repeats, the others stand for text.
    static let variables: Set<String> = ["orderId", "customerName", "total", "currency", "placedOn", "lines"]
    /// The tags that may stand inside `lines`.
    static let lineVariables: Set<String> = ["name", "quantity", "unitPrice", "amount"]

    let subject: MustacheTemplate
    let html: MustacheTemplate
    let text: MustacheTemplate
    /// The bytes of the three files, for the version.
    let bytes: [UInt8]

    /// Reads `subject.txt.mustache`, `body.html.mustache` and `body.txt.mustache` of a folder, and refuses a tag that no
    /// order fills: Mustache would print nothing there.
    static func load(directory: String) throws(RenderError) -> TemplateSource {
        let subject = try read(directory, "subject.txt.mustache")
        let html = try read(directory, "body.html.mustache")
        let text = try read(directory, "body.txt.mustache")
        return TemplateSource(
            subject: try compile(subject, "subject.txt.mustache", contentType: "TEXT"),
            html: try compile(html, "body.html.mustache", contentType: "HTML"),
            text: try compile(text, "body.txt.mustache", contentType: "TEXT"),
            bytes: Array("\(subject)\u{0}\(html)\u{0}\(text)".utf8)
        )
    }

    private static func read(_ directory: String, _ name: String) throws(RenderError) -> String {
        let path = "\(directory)/\(name)"
        do {
            // An editor's last line end is not part of what is written to the customer.
            return try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw RenderError("\(path): expected a template file in UTF-8 that can be read: \(error)")
        }
    }

    private static func compile(
        _ text: String,
        _ name: String,
        contentType: String
    ) throws(RenderError) -> MustacheTemplate {
        for tag in TemplateTag.all(in: text) { try check(tag, name, isHTML: contentType == "HTML") }
        do {
            return try MustacheTemplate(string: "{{% CONTENT_TYPE:\(contentType)}}\(text)")
        } catch {
            throw RenderError("\(name): \(error)")
        }
    }

    private static func check(_ tag: TemplateTag, _ file: String, isHTML: Bool) throws(RenderError) {
        guard !(tag.isUnescaped && isHTML) else {
            throw RenderError("\(file): expected {{\(tag.name)}}, which escapes; found it unescaped")
        }
        guard variables.contains(tag.name) || lineVariables.contains(tag.name) else {
            let known = (variables.union(lineVariables)).sorted().joined(separator: ", ")
            throw RenderError("\(file): expected one of \(known); found {{\(tag.name)}}")
        }
    }
}

/// One `{{…}}` of a template.
struct TemplateTag: Hashable, Sendable {
    let name: String
    /// `{{{name}}}` or `{{&name}}`.
    let isUnescaped: Bool

    /// Every tag but comments (`{{! … }}`).
    static func all(in text: String) -> [TemplateTag] {
        var tags: [TemplateTag] = []
        var rest = text[...]
        while let open = rest.firstRange(of: "{{"), let close = rest[open.upperBound...].firstRange(of: "}}") {
            let inside = rest[open.upperBound..<close.lowerBound].filter { !$0.isWhitespace }
            rest = rest[close.upperBound...]
            guard inside.first != "!" else { continue }
            let name = inside.drop { "#/^&{".contains($0) }
            tags.append(TemplateTag(name: String(name), isUnescaped: inside.first == "{" || inside.first == "&"))
        }
        return tags
    }
}
