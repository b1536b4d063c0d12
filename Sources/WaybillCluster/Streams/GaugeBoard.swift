import Synchronization
import WaybillCore
import WaybillPorts

/// The latest numbers about money on their way from the leader to telemetry, which puts them with the minute's counts: one
/// request, not two. Each is put once; one that was not put in its minute has been replaced by the next.
package final class GaugeBoard: Sendable {
    private let values = Mutex<[ClusterMetric.Cost: Double]>([:])

    package init() {}

    package func set(_ metric: ClusterMetric.Cost, _ value: Double) {
        values.withLock { $0[metric] = value }
    }

    /// What was set since the last call.
    package func take() -> [ClusterMetric.Cost: Double] {
        values.withLock { values in
            defer { values = [:] }
            return values
        }
    }
}

extension GaugeBoard {
    /// What the leader has reckoned, as numbers for people: dollars and per cent. What is not known is not shown.
    func show(_ status: CostStatus) {
        let dollars = { (money: Money) in Double(money.microdollars) / 1_000_000 }
        set(.toDate, dollars(status.toDate))
        set(.forecast, dollars(status.forecast))
        if let cost = status.toDate.per(1000, of: status.emails) { set(.perThousand, dollars(cost)) }
        if let budget = status.budget, budget > .zero {
            set(.budgetUsed, 100 * dollars(status.toDate) / dollars(budget))
        }
        if let percent = status.errorPercent { set(.forecastError, percent) }
    }
}
