/// What one day cost as far as it is known: the costs that a forecast must guess, those that are counted by use. What is
/// counted by the hour is not among them; it has a schedule (`MonthPricing.fixedSchedule`).
package struct DayCost: Hashable, Sendable {
    package let day: BillingDay
    package let cost: Money
    /// How many of the day's 24 hours are in the cost. 24 for a whole day; fewer today, on the first day, and where hours
    /// were lost. A day without any known hour is not given at all: unknown is not zero.
    package let hours: Int

    /// Hours beyond a day's are taken for a whole day.
    package init(day: BillingDay, cost: Money, hours: Int = 24) {
        self.day = day
        self.cost = cost
        self.hours = min(max(hours, 0), 24)
    }

    /// The days of hourly costs, in order. An hour is known when any meter has a row in it, and every hour in which a worker
    /// ran has one.
    package static func history(of costs: [HourCost]) -> [DayCost] {
        Dictionary(grouping: costs, by: \.hour.day).sorted { $0.key < $1.key }.map { day, costs in
            let byUse = costs.filter { $0.meter.definition.counting == .byUse }
            return DayCost(day: day, cost: byUse.map(\.cost).sum, hours: Set(costs.map(\.hour)).count)
        }
    }
}

/// A history by day, with its gaps.
struct DaySeries {
    /// The first day that is known at all: what lies before it is not a gap.
    let first: BillingDay?
    /// From the first day on; nil where nothing is known.
    private let days: [DayCost?]
    /// What each day would have cost in micro-dollars; nil where too little is known.
    private let wholeDays: [Double?]

    /// With fewer, a day's pattern (nights, the hours after lunch) says more than its level.
    private static let fewestHours = 12
    /// Days further back than this do not count: no method looks back so far, and a day that is dated wrong must not fill
    /// the memory.
    private static let longestDays = 1000

    /// Through a day; a worker with a wrong clock may have dated some later. Of a day that stands twice, the last counts.
    init(_ history: [DayCost], through newest: BillingDay) {
        let oldest = newest.advanced(by: -Self.longestDays)
        let known = history.filter { $0.hours > 0 && $0.day > oldest && $0.day <= newest }
        guard let first = known.map(\.day).min() else {
            (self.first, days, wholeDays) = (nil, [], [])
            return
        }
        var days = [DayCost?](repeating: nil, count: newest.number - first.number + 1)
        for day in known { days[day.day.number - first.number] = day }
        self.first = first
        self.days = days
        wholeDays = days.map { day in
            guard let day, day.hours >= Self.fewestHours else { return nil }
            return Double(day.cost.microdollars) * 24 / Double(day.hours)
        }
    }

    subscript(day: BillingDay) -> DayCost? { index(day).flatMap { days[$0] } }

    /// The share of a day that is known.
    func share(_ day: BillingDay) -> Double { Double(self[day]?.hours ?? 0) / 24 }

    /// What a day would have cost in micro-dollars if it went on as in its known hours; nil when too little of it is known to
    /// tell.
    func wholeDay(_ day: BillingDay) -> Double? { index(day).flatMap { wholeDays[$0] } }

    func cost(from first: BillingDay, through last: BillingDay) -> Money {
        days.compactMap { $0 }.filter { $0.day >= first && $0.day <= last }.map(\.cost).sum
    }

    private func index(_ day: BillingDay) -> Int? {
        guard let first, day >= first, day.number < first.number + days.count else { return nil }
        return day.number - first.number
    }
}
