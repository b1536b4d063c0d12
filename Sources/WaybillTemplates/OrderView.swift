import WaybillCore
import WaybillPorts

/// What the templates see of an order.
struct OrderView: Sendable {
    let order: Order
    /// Who sells: the name that the email is from.
    let shop: String
    let format: LocaleFormat
    /// The day, where the customer is.
    let placedOn: String

    /// The values of a template's tags. Every text goes through `written`, which escapes it for the kind of document.
    func values(written: (String) -> String) throws(RenderError) -> [String: Any] {
        var lines: [[String: Any]] = []
        for line in order.lines { lines.append(try values(of: line, written: written)) }
        return [
            "orderId": written(order.id.text),
            "customerName": written(order.customer.name),
            "shop": written(shop),
            "currency": written(order.currency.code),
            "total": written(format.money(order.total, in: order.currency)),
            "placedOn": written(placedOn),
            "lines": lines,
        ]
    }

    private func values(of line: Order.Line, written: (String) -> String) throws(RenderError) -> [String: Any] {
        guard let total = line.total else { throw RenderError("order \(order.id): a line's total leaves 64 bits") }
        return [
            "name": written(line.name),
            "quantity": written(format.number(line.quantity)),
            "unitPrice": written(format.money(line.unitPrice, in: order.currency)),
            "amount": written(format.money(total, in: order.currency)),
            "several": line.quantity > 1,
        ]
    }
}

/// Escaping for HTML.
enum HTMLText {
    /// The text, fit to stand between tags and between quotes.
    ///
    /// Mustache's own escaping compares characters as Swift sees them, so it passes `"` followed by an accent, which is
    /// one character to Swift and the end of an attribute to a browser. This one looks at each Unicode scalar.
    static func escape(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
