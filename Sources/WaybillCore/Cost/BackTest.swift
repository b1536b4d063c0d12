/// How wrong the forecasts of past months would have been, made with what was known on their day. Of the part that is
/// forecast: what is fixed would make the errors smaller, and is not in them.
package struct BackTest: Hashable, Sendable {
    package struct Result: Hashable, Sendable {
        package let month: BillingMonth
        /// The day of the month at whose end the forecast was made.
        package let day: Int
        /// The difference from the truth as a part of the truth, without sign.
        package let error: Double
    }

    package let results: [Result]

    /// A week in, the middle, and a week before the end.
    package static let days = [7, 15, 22]
    /// A year: what the forecasts were worth before that says nothing about now.
    package static let mostMonths = 12

    /// Over the whole months before today's. A month counts when all of its days are known and it cost something.
    package init(history: [DayCost], today: BillingDay, months: Int = mostMonths, days: [Int] = days) {
        let series = DaySeries(history, through: today)
        var results: [Result] = []
        var month = today.month.previous
        for _ in 0..<months {
            let days = days.filter { $0 <= month.days }
            results.insert(contentsOf: Self.results(series, month, days), at: 0)
            month = month.previous
        }
        self.results = results
    }

    /// `ForecastMAPE`: the mean error in percent. Nil without a month to learn from.
    package var meanAbsolutePercentError: Double? {
        results.isEmpty ? nil : 100 * results.map(\.error).mean
    }

    private static func results(_ history: DaySeries, _ month: BillingMonth, _ days: [Int]) -> [Result] {
        let isKnown = (month.first.number...month.last.number).allSatisfy {
            history.wholeDay(BillingDay(number: $0)) != nil
        }
        let actual = Double(history.cost(from: month.first, through: month.last).microdollars)
        guard isKnown, actual > 0 else { return [] }
        return days.map { day in
            let evening = month.first.advanced(by: day - 1)
            let total = Forecaster(series: history, today: evening).point(of: month).total
            return Result(month: month, day: day, error: (total - actual).magnitude / actual)
        }
    }
}
