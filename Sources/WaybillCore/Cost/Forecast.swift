/// What the month will have cost at its end.
package struct Forecast: Hashable, Sendable {
    package enum Method: Hashable, Sendable {
        /// Weekday factors times the mean of the last 28 known days.
        case trailingMean
        /// The same, over the days since the level changed: each of them is far from all that were before.
        case newLevel(since: BillingDay)
        /// The mean of the few days that there are, every weekday alike: under two weeks are known.
        case runRate
        /// Not one day is known: only the fixed part is in the forecast.
        case nothingKnown
    }

    package enum Interval: Hashable, Sendable {
        /// What so many earlier forecasts missed by, but for a twentieth of them at either end.
        case backTest(forecasts: Int)
        /// Half to double of what is left: too few earlier forecasts to learn from.
        case assumed
        /// The month is over.
        case nothingLeft
    }

    package let month: BillingMonth
    package let today: BillingDay
    /// What is known of the month's costs by use.
    package let toDate: Money
    /// What is still expected of them, hours that were lost included.
    package let rest: Money
    /// The fixed schedule: what is counted by the hour, for the whole month.
    package let fixed: Money
    /// With ``high`` the interval in which the month ends in about four of five cases (measured in ForecastAccuracyTests).
    package let low: Money
    package let high: Money
    package let method: Method
    package let interval: Interval
    /// Days that the level was taken from.
    package let knownDays: Int
    /// Days of this month before today that are not known and were guessed.
    package let guessedDays: Int

    package var total: Money { fixed + toDate + rest }

    /// Whether an alert may rest on it: the first days of a new installation say little.
    package var isDependable: Bool { knownDays >= Self.dependableDays }

    /// One of each weekday.
    package static let dependableDays = 7
}
