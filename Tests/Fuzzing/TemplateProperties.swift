import Foundation
import WaybillCore
import WaybillPorts
import WaybillTemplates

/// Input: texts with a byte 0xFF between them: the order's id, the customer's name, the names of lines. They reach the
/// templates as they are, also those that no order may have, because the renderer is the last that can refuse them.
enum TemplateProperties {
    private static let mostLines = 4
    private static let entities = ["amp;", "lt;", "gt;", "quot;", "#39;", "times;"].map { Array($0.utf8) }
    private static let renderer = Rendering()

    static func check(_ bytes: [UInt8]) {
        let texts = bytes.split(separator: 0xFF, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard texts.count >= 3, let id = OrderID(texts[0]) else { return }
        let names = Array(texts[2...].prefix(mostLines))
        let order = order(id: id, customer: texts[1], names: names)
        guard let email = renderer.email(order) else { return }
        let plain = renderer.plain(names.count) {
            guard let id = OrderID("x") else { fail("x is an order's id", "") }
            return self.order(id: id, customer: "x", names: names.map { _ in "x" })
        }
        require(Markup(email.html) == Markup(plain.html), "no text of an order becomes markup", email.html)
        checkReferences(email.html)
        checkHeaders(email, plain)
        let text = Array(email.text.utf8)
        for name in names + [texts[1], id.text] {
            require(text.contains(Array(name.utf8)), "the text body shows every text as it is", email.text)
        }
    }

    private static func order(id: OrderID, customer: String, names: [String]) -> Order {
        let lines = names.enumerated().map { index, name in
            Order.Line(name: name, quantity: Int64(1 + index % 2), unitPrice: Amount(minorUnits: 100))
        }
        var order = Order.sample
        order.id = id
        order.customer.name = customer
        order.lines = lines
        return order
    }

    /// A line break in a header would let its author write further headers.
    private static func checkHeaders(_ email: RenderedEmail, _ plain: RenderedEmail) {
        require(!email.subject.unicodeScalars.contains(where: \.isControlOrLineBreak), "a subject is one line")
        require((email.from, email.replyTo) == (plain.from, plain.replyTo), "no order changes who an email is from")
    }

    /// A `&` of an order would begin a reference of its own.
    private static func checkReferences(_ html: String) {
        let bytes = Array(html.utf8)
        for index in bytes.indices where bytes[index] == UInt8(ascii: "&") {
            let rest = bytes[(index + 1)...]
            require(entities.contains { rest.starts(with: $0) }, "every & of the HTML begins a reference", html)
        }
    }
}

/// How often each byte with a meaning in HTML occurs.
private struct Markup: Equatable {
    private let counts: [Int]

    init(_ html: String) {
        var counts = [0, 0, 0, 0]
        for byte in html.utf8 {
            switch byte {
            case UInt8(ascii: "<"): counts[0] += 1
            case UInt8(ascii: ">"): counts[1] += 1
            case UInt8(ascii: "\""): counts[2] += 1
            case UInt8(ascii: "'"): counts[3] += 1
            default: continue
            }
        }
        self.counts = counts
    }
}

/// The renderer, called from libFuzzer's one thread, which waits for each email.
private final class Rendering: Sendable {
    private let renderer: MustacheRenderer
    /// Emails of orders without signs, by the number of lines: what the template itself contains.
    private nonisolated(unsafe) var plainEmails: [Int: RenderedEmail] = [:]

    init() {
        let loaded = Self.wait {
            () async throws(RenderError) in
            try await MustacheRenderer.load(
                directory: "ops/templates/order-confirmation",
                from: "Shop <orders@example.com>",
                replyTo: "help@example.com"
            )
        }
        switch loaded {
        case .success(let renderer): self.renderer = renderer
        case .failure(let error): fail("the templates can be read", error.description)
        }
    }

    /// Nil when the renderer refuses the order.
    func email(_ order: Order) -> RenderedEmail? {
        let renderer = renderer
        switch Self.wait({ () async throws(RenderError) in try await renderer.render(order) }) {
        case .success(let email): return email
        case .failure(let error):
            require(!error.message.isEmpty, "a refusal has a reason")
            return nil
        }
    }

    func plain(_ lines: Int, order: () -> Order) -> RenderedEmail {
        if let email = unsafe plainEmails[lines] { return email }
        guard let email = email(order()) else { fail("a plain order is rendered", "") }
        unsafe plainEmails[lines] = email
        return email
    }

    private static func wait<Value: Sendable>(
        _ work: @escaping @Sendable () async throws(RenderError) -> Value
    ) -> Result<Value, RenderError> {
        let done = DispatchSemaphore(value: 0)
        nonisolated(unsafe) var result: Result<Value, RenderError>?
        Task.detached {
            do throws(RenderError) {
                let value = try await work()
                unsafe result = .success(value)
            } catch {
                unsafe result = .failure(error)
            }
            done.signal()
        }
        done.wait()
        guard let result = unsafe result else { fail("a task that has ended has a result", "") }
        return result
    }
}
