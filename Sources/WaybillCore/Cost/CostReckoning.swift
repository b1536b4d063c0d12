/// What a month has cost and is going to cost, from its use by hour: the leader's sum, each minute.
package struct CostReckoning: Hashable, Sendable {
    /// By hour and meter.
    package let costs: [HourCost]
    package let bill: Bill
    package let forecast: Forecast
    package let plan: SESPlan

    /// `usage` is of the pricing's month; `history` are the days before it. `now` decides what is still to come: the current
    /// hour and what lies before is known.
    package init(
        usage: [HourUsage],
        pricing: MonthPricing,
        history: [DayCost],
        now: Timestamp
    ) throws(PriceError) {
        plan = pricing.plan
        costs = try pricing.hourly(usage)
        var used: [Meter: Int64] = [:]
        for cost in costs { used[cost.meter, default: 0] += cost.thousandths }
        bill = try pricing.bill(used)
        let hour = min(BillingHour(now), pricing.month.next.first.firstHour.advanced(by: -1))
        let fixed = try pricing.fixedSchedule(
            used: used,
            running: Self.running(costs, hour),
            remainingHours: pricing.month.next.first.firstHour.number - hour.number - 1
        )
        let days = history.filter { $0.day < pricing.month.first } + DayCost.history(of: costs)
        forecast = Forecaster(history: days, today: hour.day).forecast(fixed: fixed)
    }

    /// Hours over which workers are averaged: their number follows the day.
    private static let workerHours = 24

    /// What runs by the hour: that of the last whole hour, because the current one is not complete; in the first hour of all,
    /// what is known of that. Of workers the mean of a day's known hours: one busy hour does not last for the rest of a month.
    private static func running(_ costs: [HourCost], _ hour: BillingHour) -> [Meter: Int64] {
        let byHour = costs.filter { $0.meter.definition.counting == .byHour && $0.hour <= hour }
        let last = byHour.filter { $0.hour == hour.advanced(by: -1) }
        let there = last.isEmpty ? byHour.filter { $0.hour == hour } : last
        var running = Dictionary(there.map { ($0.meter, $0.thousandths) }) { $0 + $1 }
        let day = costs.filter { $0.hour < hour && $0.hour >= hour.advanced(by: -workerHours) }
        let hours = Int64(Set(day.map(\.hour)).count)
        guard hours > 0 else { return running }
        for meter in Meter.allCases where meter.definition.service == .fargate {
            let used = day.filter { $0.meter == meter }.map(\.thousandths).reduce(0, +)
            running[meter] = used > 0 ? used / hours : nil
        }
        return running
    }
}

extension Forecast {
    /// For people: how it was made, and what it rests on.
    package var explanation: String {
        let made =
            switch method {
            case .trailingMean: "weekday factors times the mean of the last days, \(knownDays) known"
            case .newLevel(let since): "weekday factors times the mean since the level changed on \(since)"
            case .runRate where knownDays == 0: "today's hours so far"
            case .runRate: "the mean of the \(knownDays) days that are known: fewer than two weeks"
            case .nothingKnown: "no day is known yet: what runs by the hour alone"
            }
        let guessed = guessedDays > 0 ? ", \(guessedDays) lost days guessed" : ""
        let range =
            switch interval {
            case .backTest(let forecasts): "; range from \(forecasts) forecasts of the past"
            case .assumed: "; range assumed, half to double of what is left"
            case .nothingLeft: ""
            }
        return made + guessed + range
    }
}
