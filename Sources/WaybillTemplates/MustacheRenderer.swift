import Crypto
import Mustache
package import WaybillCore
package import WaybillPorts

/// Renders order confirmations from Mustache templates: escaped in HTML, plain in text, one line in the subject.
package struct MustacheRenderer: EmailRenderer {
    /// Mail programs cut longer subjects; RFC 5322 allows 998 bytes a line.
    package static let longestSubject = 200
    /// SES takes 40 MB. A receipt of this size is a mistake in a template.
    package static let largestBodyBytes = 1024 * 1024

    private let source: TemplateSource
    private let from: Mailbox
    private let replyTo: Mailbox?
    private let format: LocaleFormat
    private let timeZone: BrandTimeZone
    /// Name and version, as it stands in the delivery record: `order-confirmation/default/en@` and eight digits of the
    /// SHA-256 of the three files.
    package let version: String
    private let executor: any TaskExecutor

    /// Loads the templates of a folder and renders a sample order, so that a faulty template ends the start and not an
    /// email. `from` and `replyTo` are mailboxes as people write them: `Shop <orders@example.com>`. `name` is the
    /// template's in the record; nil takes the folder's. Rendering runs on `executor`, away from the caller's.
    package static func load(
        directory: String,
        from: String,
        replyTo: String?,
        name: String? = nil,
        locale: EmailLocale = .en,
        timeZone: BrandTimeZone = .utc,
        executor: any TaskExecutor = globalConcurrentExecutor
    ) async throws(RenderError) -> MustacheRenderer {
        let source = try TemplateSource.load(directory: directory)
        let digest = Hex.encode(SHA256.hash(data: source.bytes)).prefix(8)
        let name = name ?? directory.split(separator: "/").last.map(String.init) ?? "template"
        let renderer = MustacheRenderer(
            source: source,
            from: try mailbox("From", from),
            replyTo: try replyTo.map { text throws(RenderError) in try mailbox("Reply-To", text) },
            format: LocaleFormat(locale),
            timeZone: timeZone,
            version: "\(name)@\(digest)",
            executor: executor
        )
        _ = try await renderer.render(.sample)
        return renderer
    }

    private static func mailbox(_ header: String, _ text: String) throws(RenderError) -> Mailbox {
        do throws(MailboxError) {
            return try Mailbox(text)
        } catch {
            throw RenderError("\(header): expected \(error)")
        }
    }

    package func render(_ order: Order) async throws(RenderError) -> RenderedEmail {
        // A function that is only @concurrent follows the task's preferred executor, which in a worker is the reactor.
        try await withTaskExecutorPreference(executor) { () async throws(RenderError) in
            try await renderElsewhere(order)
        }
    }

    @concurrent
    private func renderElsewhere(_ order: Order) async throws(RenderError) -> RenderedEmail {
        let view = OrderView(
            order: order,
            shop: from.name ?? from.address.text,
            format: format,
            placedOn: format.day(timeZone.date(order.placedAt))
        )
        let text = try view.values { $0 }
        let html = try view.values(written: HTMLText.escape)
        return RenderedEmail(
            from: from.header,
            replyTo: replyTo?.header,
            subject: try Self.subject(source.subject.render(text)),
            html: try Self.body(source.html.render(html), "HTML"),
            text: try Self.body(source.text.render(text), "text"),
            template: version
        )
    }

    /// The subject is a header: a line break in it would let its author write further headers. An editor's line end
    /// around it is no part of it.
    private static func subject(_ rendered: String) throws(RenderError) -> String {
        let subject = rendered.trimmed
        guard !subject.isEmpty, subject.unicodeScalars.count <= longestSubject,
            !subject.unicodeScalars.contains(where: \.isControlOrLineBreak)
        else {
            throw RenderError("subject: expected one line of 1 to \(longestSubject) characters")
        }
        return subject
    }

    private static func body(_ rendered: String, _ kind: String) throws(RenderError) -> String {
        let bytes = rendered.utf8.count
        guard bytes <= largestBodyBytes else {
            throw RenderError("\(kind) body: expected at most \(largestBodyBytes) bytes, found \(bytes)")
        }
        return rendered
    }
}

extension String {
    fileprivate var trimmed: String {
        let start = drop { $0.isWhitespace }
        return String(start.reversed().drop { $0.isWhitespace }.reversed())
    }
}
