package import WaybillCore

/// Templates. Rendering may take over 200 microseconds, so an implementation leaves the caller's executor.
package protocol EmailRenderer: Sendable {
    /// Renders an order. The error says whether the order cannot be rendered at all, or only not here.
    func render(_ order: Order) async throws(RenderError) -> RenderedEmail
}

package struct RenderedEmail: Hashable, Sendable {
    package var from: String
    package var replyTo: String?
    /// One line.
    package var subject: String
    package var html: String
    package var text: String
    /// Name and version of the template, for the record.
    package var template: String

    package init(from: String, replyTo: String?, subject: String, html: String, text: String, template: String) {
        self.from = from
        self.replyTo = replyTo
        self.subject = subject
        self.html = html
        self.text = text
        self.template = template
    }
}

package struct RenderError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        /// It never will be with this template.
        case unrenderable
        /// This worker's settings do not have the order's brand. Another's do: one accepted the order.
        case unknownBrand
    }

    package let code: Code
    package let message: String

    package init(_ message: String, code: Code = .unrenderable) {
        self.code = code
        self.message = message
    }

    package var description: String { "template: \(message)" }
}
