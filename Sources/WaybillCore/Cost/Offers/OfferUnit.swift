/// What an offer file may count a usage type in, and what that is in a price book. AWS writes units in many ways; one that is
/// not known here is a fault, because a price that is read in the wrong unit is wrong a thousand times over.
package enum OfferUnit: Hashable, Sendable {
    /// One request, recipient or unit. The book gives the price of so many, so that it can be read.
    case one(per: Int64)
    case gigabyte
    case gigabyteMonth
    case hour
    /// One that is there all month.
    case month
    case hourOrMonth

    /// What one unit of the file is: the basis of the book's price, and how many units of the meter one of the file's is.
    struct Conversion: Hashable {
        let basis: Rate.Basis
        /// The file's price is for one; the book's for so many.
        let pricedTogether: Int64
        /// The file's tiers count in this; the book's in units, or in what is there all month.
        let tierUnit: Int64
    }

    /// Nil for a unit that is not what this usage type is counted in.
    func conversion(of word: String) -> Conversion? {
        let word = word.lowercased()
        switch self {
        case .one(let per):
            guard Self.ones.contains(word) else { return nil }
            return Conversion(basis: .units(per), pricedTogether: per, tierUnit: 1)
        case .gigabyte:
            guard Self.gigabytes.contains(word) else { return nil }
            return Conversion(basis: .units(1 << 30), pricedTogether: 1, tierUnit: 1 << 30)
        case .gigabyteMonth: return Self.gigabyteMonths.contains(word) ? Self.perMonth : nil
        case .hour: return Self.hours.contains(word) ? Self.perHour : nil
        case .month: return Self.months.contains(word) ? Self.perMonth : nil
        case .hourOrMonth:
            return OfferUnit.hour.conversion(of: word) ?? OfferUnit.month.conversion(of: word)
        }
    }

    /// For an error message.
    var words: [String] {
        switch self {
        case .one: Self.ones.sorted()
        case .gigabyte: Self.gigabytes.sorted()
        case .gigabyteMonth: Self.gigabyteMonths.sorted()
        case .hour: Self.hours.sorted()
        case .month: Self.months.sorted()
        case .hourOrMonth: (Self.hours.union(Self.months)).sorted()
        }
    }

    private static let perHour = Conversion(basis: .units(1), pricedTogether: 1, tierUnit: 1)
    private static let perMonth = Conversion(basis: .month, pricedTogether: 1, tierUnit: 1)

    // As seen in recorded files, and the spellings next to them.
    private static let ones: Set = [
        "requests", "request", "api requests", "readrequestunits", "writerequestunits", "emails", "email", "recipients",
        "messages", "count",
    ]
    private static let gigabytes: Set = ["gb", "gigabytes"]
    private static let gigabyteMonths: Set = ["gb-mo", "gb-month"]
    private static let hours: Set = [
        "hours", "hour", "hrs", "hr", "vcpu-hours", "gb-hours", "readcapacityunit-hrs", "writecapacityunit-hrs",
    ]
    private static let months: Set = [
        "metrics", "alarms", "dashboards", "keys", "key", "months", "month", "mo", "metric-months", "alarm-months",
        "ip-months", "key-months",
    ]
}
