/// The price of one thing, or of so many (``Rate/Basis``), in pico-dollars: an SQS request costs 400,000 of them. AWS
/// publishes prices with ten digits after the point; this holds twelve, so every price is exact.
package struct UnitPrice: Hashable, Comparable, Sendable {
    package let picodollars: Int64

    /// Twelve digits after the point are what a pico-dollar can hold.
    private static let mostFractionDigits = 12
    /// Under a million dollars for one thing: with twelve more digits it fits 64 bits.
    private static let mostWholeDigits = 6

    package init(picodollars: Int64) {
        self.picodollars = picodollars
    }

    /// Reads dollars as AWS writes them, `0.0000004000` or `24.95`: no sign, no exponent. Nil for anything else and for more
    /// digits than are kept: a price is never rounded.
    package init?(dollars text: some StringProtocol) {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard let whole = parts.first, parts.count <= 2, (1...Self.mostWholeDigits).contains(whole.count) else {
            return nil
        }
        let fraction = parts.count == 2 ? Array(parts[1]) : []
        guard parts.count == 1 || !fraction.isEmpty, fraction.count <= Self.mostFractionDigits else { return nil }
        var value: Int64 = 0
        for digit in Array(whole) + fraction {
            guard (0x30...0x39).contains(digit) else { return nil }
            value = value * 10 + Int64(digit - 0x30)
        }
        for _ in fraction.count..<Self.mostFractionDigits { value *= 10 }
        self.init(picodollars: value)
    }

    package static func < (left: UnitPrice, right: UnitPrice) -> Bool { left.picodollars < right.picodollars }

    /// Dollars without needless digits: `0.0000004`, `24.95`, `105`.
    package var dollars: String {
        let digits = String(picodollars)
        let padded = String(repeating: "0", count: max(0, Self.mostFractionDigits + 1 - digits.count)) + digits
        var fraction = padded.suffix(Self.mostFractionDigits)
        while fraction.last == "0" { fraction.removeLast() }
        return String(padded.dropLast(Self.mostFractionDigits)) + (fraction.isEmpty ? "" : ".\(fraction)")
    }
}
