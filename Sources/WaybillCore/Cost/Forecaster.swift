/// The forecast of the month's end (`DESIGN.md` 7): the fixed schedule, what is known of the month, and for all that is left
/// of it weekday factor times the mean of the last 28 days, with an interval from its own earlier errors.
///
/// Days are UTC's, in which AWS bills: none is shorter for daylight saving time. A day of which an hour was lost counts by
/// the hours that are known. A day that is not known at all is guessed like one to come, and so are the lost hours.
///
/// It forecasts dollars, not use: where a tier or the free part of a month ends within the month, the mean lags behind.
package struct Forecaster: Sendable {
    private let series: DaySeries
    private let today: BillingDay

    /// As of today, whose known hours are in the history; with 24 of them it is over. The history may have gaps and any
    /// order; days after today do not count.
    package init(history: [DayCost], today: BillingDay) {
        self.init(series: DaySeries(history, through: today), today: today)
    }

    init(series: DaySeries, today: BillingDay) {
        (self.series, self.today) = (series, today)
    }

    /// A forecast's interval needs so many earlier ones, else it is assumed: the twentieth parts at both ends of fewer
    /// would be the smallest and the largest.
    private static let fewestForecasts = 20
    /// Earlier forecasts are made on each of so many days: two seasons, so that the interval forgets too.
    private static let backTestDays = 180
    /// Earlier forecasts overlap and are few, so nine tenths of them hold about four fifths of what comes.
    private static let lowPart = 0.05
    private static let highPart = 0.95

    /// The forecast beside a fixed schedule.
    package func forecast(fixed: Money) -> Forecast {
        let month = today.month
        let point = point(of: month)
        let interval = interval(of: point)
        let known = fixed + point.toDate
        return Forecast(
            month: month,
            today: today,
            toDate: point.toDate,
            rest: Money(nearestMicrodollars: point.rest),
            fixed: fixed,
            low: known + Money(nearestMicrodollars: point.rest * interval.low),
            high: known + Money(nearestMicrodollars: point.rest * interval.high),
            method: point.method,
            interval: interval.source,
            knownDays: point.knownDays,
            guessedDays: point.guessedDays
        )
    }
}

extension Forecaster {
    /// A forecast without its interval.
    struct Point {
        var toDate: Money
        /// Micro-dollars.
        var rest = 0.0
        /// Days that the rest stands for, whole ones and parts.
        var restDays = 0.0
        var guessedDays = 0
        var method = Forecast.Method.nothingKnown
        var knownDays = 0

        /// Micro-dollars.
        var total: Double { Double(toDate.microdollars) + rest }
    }

    func point(of month: BillingMonth) -> Point {
        var point = Point(toDate: series.cost(from: month.first, through: today))
        // Today teaches only once it is over: its last hours are not like its first.
        let end = series.share(today) == 1 ? today.advanced(by: 1) : today
        let estimate = LevelEstimate(series, before: end) ?? LevelEstimate(firstHoursOf: series, through: today)
        point.method = estimate?.method ?? .nothingKnown
        point.knownDays = estimate?.knownDays ?? 0
        for number in month.first.number...month.last.number {
            let day = BillingDay(number: number)
            let unknown = day > today ? 1 : unknownShare(day)
            guard unknown > 0 else { continue }
            if day < today, unknown == 1 { point.guessedDays += 1 }
            point.restDays += unknown
            point.rest += unknown * (estimate?.expected(day) ?? 0)
        }
        return point
    }

    /// What is not known of a day before today, or of today. Before the first known day there was nothing, and of that day
    /// only what is known.
    private func unknownShare(_ day: BillingDay) -> Double {
        guard let first = series.first, day > first || day == today else { return 0 }
        return 1 - series.share(day)
    }

    private func interval(of point: Point) -> (low: Double, high: Double, source: Forecast.Interval) {
        guard point.restDays > 0 else { return (1, 1, .nothingLeft) }
        let ratios = ratios(days: Int(point.restDays.rounded(.up)))
        guard ratios.count >= Self.fewestForecasts, let low = ratios.quantile(Self.lowPart),
            let high = ratios.quantile(Self.highPart)
        else { return (0.5, 2, .assumed) }
        return (min(low, 1), max(high, 1), .backTest(forecasts: ratios.count))
    }

    /// What so many days cost in truth, divided by what was forecast for them on the evening before, for every evening that
    /// lies far enough back.
    private func ratios(days: Int) -> [Double] {
        guard let first = series.first else { return [] }
        let last = today.advanced(by: -days)
        let start = max(first, today.advanced(by: -Self.backTestDays))
        guard start <= last else { return [] }
        return (start.number...last.number).compactMap { ratio(from: BillingDay(number: $0), days: days) }
    }

    /// Nil when the forecast could not be made by its proper method, or nothing was expected, or a day of it is not known.
    private func ratio(from start: BillingDay, days: Int) -> Double? {
        guard let estimate = LevelEstimate(series, before: start), estimate.method != .runRate else { return nil }
        var (expected, actual) = (0.0, 0.0)
        for day in (0..<days).map({ start.advanced(by: $0) }) {
            guard let cost = series.wholeDay(day) else { return nil }
            actual += cost
            expected += estimate.expected(day)
        }
        guard expected > 0 else { return actual > 0 ? nil : 1 }
        return actual / expected
    }
}
