import Crypto
import Mustache
package import WaybillCore
package import WaybillPorts

/// Renders order confirmations from Mustache templates: escaped in HTML, plain in text, one line in the subject.
package struct MustacheRenderer: EmailRenderer {
    /// Longer subjects are cut by mail programs anyway; RFC 5322 allows 998 bytes a line.
    package static let longestSubject = 200

    private let source: TemplateSource
    private let from: String
    private let replyTo: String?
    /// Name and version, as it stands in the delivery record: `order-confirmation@` and eight digits of the SHA-256 of the
    /// three files.
    package let version: String

    /// Loads the templates and renders a sample order, so that a faulty template ends the start and not an email.
    package static func load(
        directory: String,
        from: String,
        replyTo: String?
    ) async throws(RenderError) -> MustacheRenderer {
        for (name, value) in [("From", from), ("Reply-To", replyTo ?? "")] {
            guard !value.unicodeScalars.contains(where: \.isControl) else {
                throw RenderError("\(name): expected one line without control characters")
            }
        }
        let source = try TemplateSource.load(directory: directory)
        let digest = Hex.encode(SHA256.hash(data: source.bytes)).prefix(8)
        let name = directory.split(separator: "/").last ?? "template"
        let renderer = MustacheRenderer(source: source, from: from, replyTo: replyTo, version: "\(name)@\(digest)")
        _ = try await renderer.render(.sample)
        return renderer
    }

    private init(source: TemplateSource, from: String, replyTo: String?, version: String) {
        self.source = source
        self.from = from
        self.replyTo = replyTo
        self.version = version
    }

    @concurrent
    package func render(_ order: Order) async throws(RenderError) -> RenderedEmail {
        let values = Self.values(of: order)
        let subject = source.subject.render(values).trimmed
        guard !subject.isEmpty, subject.count <= Self.longestSubject,
            !subject.unicodeScalars.contains(where: \.isControl)
        else {
            throw RenderError("subject: expected one line of 1 to \(Self.longestSubject) characters")
        }
        return RenderedEmail(
            from: from,
            replyTo: replyTo,
            subject: subject,
            html: source.html.render(values),
            text: source.text.render(values),
            template: version
        )
    }

    private static func values(of order: Order) -> [String: Any] {
        let lines = order.lines.map { line -> [String: Any] in
            [
                "name": line.name,
                "quantity": String(line.quantity),
                "unitPrice": line.unitPrice.written(in: order.currency),
                "amount": Amount(minorUnits: line.quantity * line.unitPrice.minorUnits).written(in: order.currency),
            ]
        }
        return [
            "orderId": order.id.text,
            "customerName": order.customer.name,
            "currency": order.currency.code,
            "total": order.total.written(in: order.currency),
            "placedOn": order.placedAt.day,
            "lines": lines,
        ]
    }
}

extension Amount {
    /// `EUR 12.50`: exact, in the currency's own number of decimals.
    package func written(in currency: Currency) -> String {
        let sign = minorUnits < 0 ? "-" : ""
        let digits = String(minorUnits.magnitude)
        guard currency.minorDigits > 0 else { return "\(currency.code) \(sign)\(digits)" }
        let padded = String(repeating: "0", count: max(0, currency.minorDigits + 1 - digits.count)) + digits
        return "\(currency.code) \(sign)\(padded.dropLast(currency.minorDigits)).\(padded.suffix(currency.minorDigits))"
    }
}

extension String {
    fileprivate var trimmed: String {
        let start = drop { $0.isWhitespace }
        return String(start.reversed().drop { $0.isWhitespace }.reversed())
    }
}

extension Unicode.Scalar {
    fileprivate var isControl: Bool { value < 0x20 || (0x7F...0x9F).contains(value) }
}

extension Order {
    /// An order with everything in it that a template may stumble over.
    fileprivate static let sample: Order = {
        guard let id = OrderID("SAMPLE-1") else { preconditionFailure("SAMPLE-1 is an order id") }
        return Order(
            id: id,
            customer: Customer(email: "success@simulator.amazonses.com", name: "Zoë <Sample> & Co"),
            currency: Currency(code: "EUR", minorDigits: 2),
            lines: [Line(name: "A \"thing\"", quantity: 2, unitPrice: Amount(minorUnits: 1250))],
            total: Amount(minorUnits: 2500),
            placedAt: Timestamp(seconds: 1_700_000_000),
            locale: "en",
            reference: nil
        )
    }()
}
