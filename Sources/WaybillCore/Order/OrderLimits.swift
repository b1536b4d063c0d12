extension Order {
    /// SNS takes a message of 256 KiB; what is larger came in another way.
    package static let largestBytes = 256 * 1024
    /// Bounds the size of the email and the work of one order. The receipt of a longer one is a document, not an email.
    package static let mostLines = 200
    package static let longestReference = 200

    /// The sum of quantity times unit price, or nil when it leaves 64 bits.
    package static func sum(of lines: [Line]) -> Amount? {
        var sum: Int64 = 0
        for line in lines {
            guard let total = line.total else { return nil }
            let (next, overflow) = sum.addingReportingOverflow(total.minorUnits)
            guard !overflow else { return nil }
            sum = next
        }
        return Amount(minorUnits: sum)
    }
}

extension Order.Customer {
    package static let longestName = 200
}

extension Order.Line {
    package static let longestName = 300
    package static let largestQuantity: Int64 = 1_000_000

    /// Quantity times unit price, or nil when it leaves 64 bits.
    package var total: Amount? {
        let (product, overflow) = unitPrice.minorUnits.multipliedReportingOverflow(by: quantity)
        return overflow ? nil : Amount(minorUnits: product)
    }
}

extension Currency {
    /// CLF and UYW have four digits, none has more.
    package static let mostMinorDigits = 4
}
