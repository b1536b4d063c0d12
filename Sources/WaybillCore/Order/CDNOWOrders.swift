/// Real purchases as order events: the lines of the public CDNOW sample (`ops/data/cdnow-sample.txt`), which have the
/// customer's id in the full file, the id in the sample, the date, the number of CDs, and dollars.
package struct CDNOWOrders: Hashable, Sendable {
    /// How many of a thousand orders go to addresses of SES's mailbox simulator that bounce or complain.
    package var bouncesPerThousand: Int
    package var complaintsPerThousand: Int
    /// In front of every order id, so that runs do not meet.
    package var prefix: String

    package init(bouncesPerThousand: Int = 20, complaintsPerThousand: Int = 5, prefix: String = "") {
        self.bouncesPerThousand = bouncesPerThousand
        self.complaintsPerThousand = complaintsPerThousand
        self.prefix = prefix
    }

    /// The order of one line, as JSON; nil for a line that is none. `number` counts the file's lines from 1.
    package func order(line: some StringProtocol, number: Int, placedAt: Timestamp) -> JSON? {
        let fields = line.split { $0 == " " || $0 == "\r" }
        guard fields.count == 5, let discs = Int64(fields[3]), discs > 0, let cents = Self.cents(fields[4]),
            fields[2].utf8.count == 8, Int(fields[2]) != nil
        else { return nil }
        let id = "\(prefix)cdnow-\(number)"
        let date = "\(fields[2].prefix(4))-\(fields[2].dropFirst(4).prefix(2))-\(fields[2].suffix(2))"
        return .object([
            JSON.Member("orderId", .string(id)),
            JSON.Member(
                "customer",
                .object([
                    JSON.Member("email", .string(address(customer: String(fields[0]), number: number))),
                    JSON.Member("name", .string("Customer \(fields[0])")),
                ])
            ),
            JSON.Member("currency", .string("USD")),
            JSON.Member("lines", .array(Self.lines(discs: discs, cents: cents))),
            JSON.Member("total", .string(Self.decimal(cents))),
            JSON.Member("placedAt", .string(placedAt.rfc3339)),
            JSON.Member("locale", .string("en-US")),
            JSON.Member("reference", .string("purchased \(date)")),
        ])
    }

    /// A delivered customer keeps one address. A bounce would put it on the suppression list, so an order that bounces or
    /// complains has an address of its own. Which orders do so is drawn from the line number alone.
    private func address(customer: String, number: Int) -> String {
        // Knuth's multiplicative hash spreads neighbouring lines.
        let draw = Int(UInt32(truncatingIfNeeded: number) &* 2_654_435_761 >> 16) % 1000
        let label: String
        if draw < bouncesPerThousand {
            label = "bounce+\(prefix)\(number)"
        } else if draw < bouncesPerThousand + complaintsPerThousand {
            label = "complaint+\(prefix)\(number)"
        } else {
            label = "success+\(customer)"
        }
        return "\(label)@simulator.amazonses.com"
    }

    /// One line; or two, when the total does not divide by the number of discs: the last disc takes the rest.
    private static func lines(discs: Int64, cents: Int64) -> [JSON] {
        let (each, rest) = cents.quotientAndRemainder(dividingBy: discs)
        guard rest > 0 else { return [line(discs, each)] }
        guard discs > 1 else { return [line(1, cents)] }
        return [line(discs - 1, each), line(1, each + rest)]
    }

    private static func line(_ quantity: Int64, _ cents: Int64) -> JSON {
        .object([
            JSON.Member("name", .string("Compact disc")),
            JSON.Member("quantity", .number(quantity)),
            JSON.Member("unitPrice", .string(decimal(cents))),
        ])
    }

    private static func decimal(_ cents: Int64) -> String {
        let fraction = String(cents % 100)
        return "\(cents / 100).\(fraction.utf8.count == 1 ? "0" : "")\(fraction)"
    }

    /// `29.33` is 2,933.
    private static func cents(_ text: some StringProtocol) -> Int64? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].utf8.count == 2, let whole = Int64(parts[0]), let fraction = Int64(parts[1]),
            whole >= 0, fraction >= 0, whole < 1_000_000_000
        else { return nil }
        return whole * 100 + fraction
    }
}
