/// An amount of US dollars in micro-dollars: what costs are kept, added and shown in. AWS bills in dollars.
///
/// **The rounding rule, the only one.** What a month's use of one meter costs up to some moment is computed exactly, as a
/// fraction of integers (``Rate``), and rounded once, half up, to a micro-dollar. What an hour costs is the difference of
/// two such sums, so the hours of a month add up to the month and nothing is rounded twice. Everything else is addition.
/// A quotient for people (``per(_:of:)``) and a forecast are rounded half away from zero and never added up again.
package struct Money: Hashable, Comparable, Sendable {
    package var microdollars: Int64

    package static let zero = Money(microdollars: 0)

    package init(microdollars: Int64) {
        self.microdollars = microdollars
    }

    package init(dollars: Int64) {
        self.init(microdollars: dollars * 1_000_000)
    }

    /// The nearest amount to a computed number of micro-dollars; one that no bill can reach becomes the largest there is.
    package init(nearestMicrodollars value: Double) {
        let largest = 9e18
        self.init(microdollars: value.isNaN ? 0 : Int64(min(max(value, -largest), largest).rounded()))
    }

    package static func < (left: Money, right: Money) -> Bool { left.microdollars < right.microdollars }

    package static func + (left: Money, right: Money) -> Money {
        Money(microdollars: left.microdollars + right.microdollars)
    }

    package static func - (left: Money, right: Money) -> Money {
        Money(microdollars: left.microdollars - right.microdollars)
    }

    package static func += (left: inout Money, right: Money) { left = left + right }

    /// The share of so many out of all: the cost per thousand of 2,000 emails is half of the whole. Nil when there are none.
    package func per(_ count: Int64, of all: Int64) -> Money? {
        guard all > 0 else { return nil }
        let product = Int128(microdollars) * Int128(count)
        let quotient = roundedHalfAway(product, dividedBy: Int128(all))
        return Int64(exactly: quotient).map { Money(microdollars: $0) }
    }
}

extension Sequence<Money> {
    package var sum: Money { reduce(.zero, +) }
}

extension Money {
    /// For people: `$1,234.57`, `-$0.05`. An amount under a cent keeps its micro-dollars, so that it is never shown as
    /// nothing: `$0.000400`.
    package var formatted: String {
        let sign = microdollars < 0 ? "-" : ""
        guard microdollars != 0, microdollars.magnitude < 10_000 else {
            let cents = roundedHalfAway(Int128(microdollars), dividedBy: 10_000).magnitude
            return "\(sign)$\(Self.grouped(String(cents / 100))).\(Self.padded(UInt64(cents % 100), 2))"
        }
        return "\(sign)$\(decimal.drop { $0 == "-" })"
    }

    /// For programs: dollars with all six digits, `1234.567800`.
    package var decimal: String {
        let whole = microdollars.magnitude / 1_000_000
        let sign = microdollars < 0 ? "-" : ""
        return "\(sign)\(whole).\(Self.padded(microdollars.magnitude % 1_000_000, 6))"
    }

    private static func padded(_ value: UInt64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    private static func grouped(_ digits: String) -> String {
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return text
    }
}

/// The quotient rounded to the nearest, a half away from zero. The divisor is positive.
func roundedHalfAway(_ value: Int128, dividedBy divisor: Int128) -> Int128 {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    guard remainder.magnitude >= divisor.magnitude - remainder.magnitude else { return quotient }
    return quotient + (value < 0 ? -1 : 1)
}
