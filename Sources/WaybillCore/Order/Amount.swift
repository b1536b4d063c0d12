/// An amount of money in the minor unit of its order's currency: cents, yen, fils.
package struct Amount: Hashable, Comparable, Sendable {
    package var minorUnits: Int64

    package init(minorUnits: Int64) {
        self.minorUnits = minorUnits
    }

    package static func < (left: Amount, right: Amount) -> Bool { left.minorUnits < right.minorUnits }
}

extension Amount {
    /// Reads a decimal number of major units, `12.50` or `-3`: exact, without a sign `+`, needless zeros in front, an
    /// exponent, or more digits after the point than the currency has. Nil for anything else and for what leaves 64 bits.
    package init?(decimal text: some StringProtocol, in currency: Currency) {
        let negative = text.utf8.first == UInt8(ascii: "-")
        let parts = text.utf8.dropFirst(negative ? 1 : 0).split(
            separator: UInt8(ascii: "."),
            omittingEmptySubsequences: false
        )
        guard let whole = parts.first, parts.count <= 2, !whole.isEmpty,
            whole.count == 1 || whole.first != UInt8(ascii: "0")
        else { return nil }
        let fraction = parts.count == 2 ? Array(parts[1]) : []
        guard parts.count == 1 || !fraction.isEmpty, fraction.count <= currency.minorDigits else { return nil }
        let padding = Array(repeating: UInt8(ascii: "0"), count: currency.minorDigits - fraction.count)
        guard let minorUnits = Self.number(Array(whole) + fraction + padding, negative: negative) else { return nil }
        self.init(minorUnits: minorUnits)
    }

    /// The amount in major units with all digits of the currency: `12.50`, `-0.05`, `1200`.
    package func decimal(in currency: Currency) -> String {
        let digits = String(minorUnits.magnitude)
        let missing = max(0, currency.minorDigits + 1 - digits.count)
        let padded = String(repeating: "0", count: missing) + digits
        let sign = minorUnits < 0 ? "-" : ""
        guard currency.minorDigits > 0 else { return sign + padded }
        return "\(sign)\(padded.dropLast(currency.minorDigits)).\(padded.suffix(currency.minorDigits))"
    }

    private static func number(_ digits: [UInt8], negative: Bool) -> Int64? {
        var value: Int64 = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            let (shifted, tooLarge) = value.multipliedReportingOverflow(by: 10)
            let unit = Int64(digit - 0x30)
            let (sum, overflow) = shifted.addingReportingOverflow(negative ? -unit : unit)
            guard !tooLarge, !overflow else { return nil }
            value = sum
        }
        return value
    }
}
