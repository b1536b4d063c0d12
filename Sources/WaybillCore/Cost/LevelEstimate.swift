/// What an average day costs now and how the weekdays differ, from the days before one.
struct LevelEstimate {
    /// Micro-dollars of a day whose weekday's factor is 1.
    let level: Double
    /// By weekday, Monday first; their mean is 1.
    let factors: [Double]
    let method: Forecast.Method
    let knownDays: Int

    func expected(_ day: BillingDay) -> Double { level * factors[day.weekday] }
}

extension LevelEstimate {
    /// Four of each weekday: long enough for the mean to hold still, short enough to follow the trade. aws-facts D3 has the
    /// simulation that chose it.
    private static let windowDays = 28
    /// How far back those 28 may lie when days between are not known.
    private static let longestReach = 56
    /// Under two weeks every weekday was seen once: factors would be chance.
    private static let fewestDays = 14
    /// A quarter of a year: weekdays keep their pattern longer than the level keeps its height.
    private static let weeks = 12
    /// So many weeks without any pattern are added to those that were seen, so that two weeks cannot make a weekday a
    /// festival.
    private static let evenWeeks = 2.0
    /// Beyond so many times the median, or under that part of it, a day is far from the others. Bursts of two or three
    /// times happen in any trade; its level does not change so much without a reason.
    private static let far = 2.5
    /// So many days in a row must be far from all before until that is the new level. A long sale ends sooner.
    private static let newLevelDays = 6
    /// So many must be left before it to compare with.
    private static let oldLevelDays = 7
    /// Up to so many separate outbreaks in the window are exceptions, and each day of them counts as much as is not yet
    /// far. More are the habit of the trade, and the mean must hold them.
    private static let mostExceptions = 2

    /// From the days before `end`; nil when not one of them is known well enough.
    init?(_ series: DaySeries, before end: BillingDay) {
        let days = Self.window(series, before: end)
        guard !days.isEmpty else { return nil }
        guard days.count >= Self.fewestDays else {
            factors = Array(repeating: 1, count: 7)
            level = days.map(\.cost).mean
            (method, knownDays) = (.runRate, days.count)
            return
        }
        let factors = Self.factors(series, before: end)
        let adjusted = days.map { (day: $0.day, level: $0.cost / factors[$0.day.weekday]) }
        let start = Self.startOfNewLevel(adjusted.map(\.level))
        let used = adjusted[(start ?? 0)...]
        let levels = Self.withoutExceptions(used.map(\.level))
        let weights = used.map { factors[$0.day.weekday] }
        level = zip(levels, weights).map { $0 * $1 }.reduce(0, +) / weights.reduce(0, +)
        self.factors = factors
        method = start == nil ? .trailingMean : .newLevel(since: adjusted[start ?? 0].day)
        knownDays = used.count
    }

    /// When no day is known well enough: the known hours of a week, through today. Nil when there is none.
    init?(firstHoursOf series: DaySeries, through today: BillingDay) {
        let days = (0..<7).compactMap { series[today.advanced(by: -$0)] }
        let hours = days.map(\.hours).reduce(0, +)
        guard hours > 0 else { return nil }
        level = Double(days.map(\.cost).sum.microdollars) * 24 / Double(hours)
        factors = Array(repeating: 1, count: 7)
        (method, knownDays) = (.runRate, 0)
    }

    private static func window(_ series: DaySeries, before end: BillingDay) -> [(day: BillingDay, cost: Double)] {
        var days: [(day: BillingDay, cost: Double)] = []
        for back in 1...longestReach where days.count < windowDays {
            let day = end.advanced(by: -back)
            guard let cost = series.wholeDay(day) else { continue }
            days.append((day, cost))
        }
        return days.reversed()
    }

    /// The median share that each weekday has of a week, over whole known weeks, drawn towards an even week.
    private static func factors(_ series: DaySeries, before end: BillingDay) -> [Double] {
        var shares = Array(repeating: [Double](), count: 7)
        for week in 1...weeks {
            let days = (0..<7).map { end.advanced(by: $0 - 7 * week) }
            let costs = days.compactMap { series.wholeDay($0) }
            let sum = costs.reduce(0, +)
            guard costs.count == 7, sum > 0 else { continue }
            for (day, cost) in zip(days, costs) { shares[day.weekday].append(7 * cost / sum) }
        }
        let drawn = shares.map { shares in
            let seen = Double(shares.count)
            return (seen * (shares.median ?? 1) + evenWeeks) / (seen + evenWeeks)
        }
        return drawn.map { $0 / drawn.mean }
    }

    /// Where the days begin that are all far, on one side, from the median of those before; nil when none do.
    private static func startOfNewLevel(_ levels: [Double]) -> Int? {
        guard levels.count >= oldLevelDays + newLevelDays, let least = levels.min(), let most = levels.max(),
            most > least * far
        else { return nil }
        return (oldLevelDays...levels.count - newLevelDays).first { start in
            guard let before = levels[..<start].median, before > 0 else { return false }
            let now = levels[start...]
            return now.allSatisfy { $0 > before * far } || now.allSatisfy { $0 < before / far }
        }
    }

    private static func withoutExceptions(_ levels: [Double]) -> [Double] {
        guard levels.count >= oldLevelDays, let median = levels.median, median > 0 else { return levels }
        let limit = median * far
        let outbreaks = levels.indices.count { levels[$0] > limit && ($0 == 0 || levels[$0 - 1] <= limit) }
        return outbreaks <= mostExceptions ? levels.map { min($0, limit) } : levels
    }
}

extension Collection<Double> {
    /// Nil when there is none.
    var median: Double? {
        guard !isEmpty else { return nil }
        let ordered = sorted()
        let middle = ordered.count / 2
        return ordered.count.isMultiple(of: 2) ? (ordered[middle - 1] + ordered[middle]) / 2 : ordered[middle]
    }

    /// Zero when there is none.
    var mean: Double { isEmpty ? 0 : reduce(0, +) / Double(count) }

    /// The value below which so large a part of them lies, between neighbours in proportion. Nil when there is none.
    func quantile(_ part: Double) -> Double? {
        guard !isEmpty else { return nil }
        let ordered = sorted()
        let position = part * Double(ordered.count - 1)
        let below = Int(position)
        let above = Swift.min(below + 1, ordered.count - 1)
        return ordered[below] + (ordered[above] - ordered[below]) * (position - Double(below))
    }
}
