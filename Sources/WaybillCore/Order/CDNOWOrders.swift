/// Turns lines of the public CDNOW sample (`ops/data/README.md`), real purchases of an online music shop, into orders on
/// their wire form. The same line with the same settings always becomes the same order. The file's lines end in CR LF,
/// which Swift takes for one character: split it by `isNewline`.
package struct CDNOWOrders: Hashable, Sendable {
    /// Of a thousand lines in a row, so many go to an address of SES's mailbox simulator that bounces.
    package var bouncesPerThousand: Int
    /// And so many to one that complains. Both together are at most a thousand.
    package var complaintsPerThousand: Int
    /// In front of every order id, so that runs do not meet. It stands in addresses too: at most 32 of `a-z`, `0-9`, `-`.
    package var prefix: String

    package init(bouncesPerThousand: Int = 20, complaintsPerThousand: Int = 5, prefix: String = "") {
        self.bouncesPerThousand = bouncesPerThousand
        self.complaintsPerThousand = complaintsPerThousand
        self.prefix = prefix
    }

    /// The order of one line, as JSON; nil for a line that is no purchase. `number` counts the file's lines from 1.
    package func order(line: some StringProtocol, number: Int, placedAt: Timestamp) -> JSON? {
        guard let purchase = Purchase(line) else { return nil }
        let id = "\(prefix)cdnow-\(number)"
        let customer: [JSON.Member] = [
            .init("email", .string("\(mailbox(of: purchase, id: id, number: number))@simulator.amazonses.com")),
            .init("name", .string("Customer \(purchase.customer)")),
        ]
        return .object([
            .init("orderId", .string(id)),
            .init("customer", .object(customer)),
            .init("currency", .string(Purchase.dollar.code)),
            .init("lines", .array(purchase.lines)),
            .init("total", .string(purchase.total.decimal(in: Purchase.dollar))),
            .init("placedAt", .string(placedAt.rfc3339)),
            .init("locale", .string("en-US")),
            .init("reference", .string("purchased \(purchase.date.timestamp.day)")),
        ])
    }

    /// A mailbox of SES's simulator. A customer keeps one address; what bounces or complains is unique per order, or the
    /// suppression list would stop the next order of the same customer.
    private func mailbox(of purchase: Purchase, id: String, number: Int) -> String {
        let others = bouncesPerThousand + complaintsPerThousand
        guard Self.steps(at: number, others, of: 1000) else { return "success+\(purchase.customer)" }
        let isComplaint = Self.steps(at: number * others / 1000, complaintsPerThousand, of: others)
        return "\(isComplaint ? "complaint" : "bounce")+\(id)"
    }

    /// Spreads `share` of every `whole` numbers evenly: those at which number * share / whole rises.
    private static func steps(at number: Int, _ share: Int, of whole: Int) -> Bool {
        number * share / whole > (number - 1) * share / whole
    }
}

/// One line: ` 00004 0001 19970101  2   29.33`.
private struct Purchase {
    static let dollar = Currency(code: "USD", minorDigits: 2)

    /// The id in the full file.
    let customer: String
    let date: CalendarDate
    let quantity: Int64
    let total: Amount

    init?(_ line: some StringProtocol) {
        let fields = line.split(whereSeparator: \.isWhitespace)
        guard fields.count == 5, Self.isNumber(fields[0], digits: 1...10), Self.isNumber(fields[1], digits: 1...10),
            Self.isNumber(fields[2], digits: 8...8), Self.isNumber(fields[3], digits: 1...6),
            let year = Int(fields[2].prefix(4)), let month = Int(fields[2].dropFirst(4).prefix(2)),
            let day = Int(fields[2].suffix(2)), let date = CalendarDate(year: year, month: month, day: day),
            let quantity = Int64(fields[3]), quantity > 0,
            let total = Amount(decimal: fields[4], in: Self.dollar), total.minorUnits >= 0
        else { return nil }
        customer = String(fields[0])
        self.date = date
        self.quantity = quantity
        self.total = total
    }

    /// One line, or two where the total does not divide by the quantity: some CDs cost a cent more than the others.
    var lines: [JSON] {
        let (price, rest) = total.minorUnits.quotientAndRemainder(dividingBy: quantity)
        let cheaper = Self.line(quantity: quantity - rest, price: price)
        return rest == 0 ? [cheaper] : [cheaper, Self.line(quantity: rest, price: price + 1)]
    }

    private static func line(quantity: Int64, price: Int64) -> JSON {
        .object([
            .init("name", .string("Compact disc")),
            .init("quantity", .number(quantity)),
            .init("unitPrice", .string(Amount(minorUnits: price).decimal(in: dollar))),
        ])
    }

    private static func isNumber(_ field: some StringProtocol, digits: ClosedRange<Int>) -> Bool {
        digits.contains(field.utf8.count) && field.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}
