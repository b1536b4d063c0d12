import Foundation
import Mustache
import WaybillPorts

/// The three files of one email's template.
struct TemplateSource: Sendable {
    /// A template that is larger is no template.
    static let largestFileBytes = 256 * 1024

    let subject: MustacheTemplate
    let html: MustacheTemplate
    let text: MustacheTemplate
    /// The bytes of the three files, for the version.
    let bytes: [UInt8]

    /// Reads `subject.txt.mustache`, `body.html.mustache` and `body.txt.mustache` of a folder, and refuses a tag that no
    /// order fills: Mustache would print nothing there.
    static func load(directory: String) throws(RenderError) -> TemplateSource {
        let subject = try read("\(directory)/subject.txt.mustache")
        let html = try read("\(directory)/body.html.mustache")
        let text = try read("\(directory)/body.txt.mustache")
        return TemplateSource(
            subject: try subject.compiled(),
            html: try html.compiled(),
            text: try text.compiled(),
            bytes: Array("\(subject.text)\u{0}\(html.text)\u{0}\(text.text)".utf8)
        )
    }

    private static func read(_ path: String) throws(RenderError) -> TemplateFile {
        let bytes: Data
        do {
            bytes = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw RenderError("\(path): expected a template file that can be read: \(error)")
        }
        guard bytes.count <= largestFileBytes else {
            throw RenderError("\(path): expected at most \(largestFileBytes) bytes, found \(bytes.count)")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw RenderError("\(path): expected UTF-8") }
        return TemplateFile(path: path, text: text)
    }
}

private struct TemplateFile {
    let path: String
    let text: String

    /// The values are escaped for the kind of document before they reach Mustache, which therefore escapes nothing.
    func compiled() throws(RenderError) -> MustacheTemplate {
        do throws(TemplateFault) {
            try TemplateTags.check(text)
        } catch {
            throw RenderError("\(path), line \(error.line): \(error.message)")
        }
        do {
            return try MustacheTemplate(string: "{{% CONTENT_TYPE:TEXT}}\(text)")
        } catch let error as MustacheTemplate.ParserError {
            throw RenderError("\(path), line \(error.context.lineNumber): \(error.error)")
        } catch {
            throw RenderError("\(path): \(error)")
        }
    }
}
