/// What an hour may cost: by the same hour of the week in the weeks before, their median and how far they lie from it.
package struct HourBaseline: Hashable, Sendable {
    /// What this hour of the week costs.
    package let usual: Money
    /// Above it the hour is an anomaly.
    package let limit: Money
    package let severeLimit: Money
    package let weeks: Int

    /// Eight weeks: a season, in which two sale days are outvoted.
    package static let mostWeeks = 8
    /// With fewer the median is one week's chance.
    private static let fewestWeeks = 3
    /// An hour may be so many times its usual cost without a word: trade doubles on a sale day.
    private static let usualTimes = 3.0
    /// And so many median deviations above it: where hours differ much, more is usual. Six of them are about four standard
    /// deviations.
    private static let deviations = 6.0
    /// The second word is said when the excess is so many times that of the first.
    private static let severeExcessTimes = 3.0
    /// Less above the usual than this is not worth anybody's night, however many times the usual it is: a dollar an hour is
    /// $720 a month.
    private static let leastExcess = Money(dollars: 1)

    /// For an hour, from what earlier hours cost; nil while too few weeks of its hour are known. Hours that are not in
    /// `costs` are not known.
    package init?(of hour: BillingHour, costs: [BillingHour: Money]) {
        let earlier = (1...Self.mostWeeks).compactMap { costs[hour.advanced(by: -168 * $0)] }
        let values = earlier.map { Double($0.microdollars) }
        guard values.count >= Self.fewestWeeks, let median = values.median,
            let deviation = values.map({ ($0 - median).magnitude }).median
        else { return nil }
        let least = Double(Self.leastExcess.microdollars)
        let excess = max(median * (Self.usualTimes - 1), Self.deviations * deviation, least)
        usual = Money(nearestMicrodollars: median)
        limit = Money(nearestMicrodollars: median + excess)
        severeLimit = Money(nearestMicrodollars: median + Self.severeExcessTimes * excess)
        weeks = values.count
    }
}
