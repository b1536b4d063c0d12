package import WaybillPorts

/// The metrics that the cluster puts to CloudWatch. CloudWatch bills each name with its dimensions, however many workers
/// put to it, so there are as many as are listed here and no more: no order, worker or address becomes part of one.
package enum ClusterMetric {
    package static let namespace = "Waybill"

    /// Each worker puts 1 a minute: the sum of a minute is how many are there, and no data is an alarm.
    package static let workersAlive = "WorkersAlive"

    /// What the leader puts about money.
    package enum Cost: String, CaseIterable, Hashable, Sendable {
        /// Dollars of the month so far.
        case toDate = "CostToDate"
        /// Dollars of the whole month, as forecast.
        case forecast = "CostForecast"
        /// Dollars for a thousand emails.
        case perThousand = "CostPerThousand"
        case budgetUsed = "BudgetUsedPct"
        /// By how many per cent the forecast was wrong, on the average of its back-test.
        case forecastError = "ForecastMAPE"

        package var unit: Metric.Unit {
            switch self {
            case .toDate, .forecast, .perThousand: .none
            case .budgetUsed, .forecastError: .percent
            }
        }
    }

    /// Every name. Only what happened is put, so a cluster that never met a fault has fewer.
    package static let names =
        Outcome.allCases.map(\.rawValue) + [workersAlive] + Cost.allCases.map(\.rawValue)

    /// What all of them have, and the only thing.
    package static func dimensions(environment: String) -> [Metric.Dimension] {
        [Metric.Dimension("Environment", environment)]
    }
}
