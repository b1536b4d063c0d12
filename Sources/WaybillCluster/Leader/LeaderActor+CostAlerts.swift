import Logging
package import WaybillCore
import WaybillPorts

/// What is to be said about costs: written down first, each threshold of a month once, and then told.
extension LeaderActor {
    private static let mostTold = 10

    func raise(
        _ reckoning: CostReckoning,
        _ costs: CostPorts,
        _ now: Timestamp,
        _ fence: LeaderFence
    ) async throws(DutyFailure) {
        let month = reckoning.bill.month
        let raised = try await DutyFailure.wrap { () async throws(StoreError) in try await costs.store.alerts(month) }
        var machine = BudgetMachine(
            month: month,
            budget: costs.settings.budget,
            raised: Set(raised.map(\.alert.threshold))
        )
        let isCurrent = month.contains(BillingDay(now))
        var alerts = machine.counted(
            spent: reckoning.bill.total,
            forecast: isCurrent ? reckoning.forecast : nil
        )
        // Workers tell their use once a minute, so the hour before may still grow.
        for hour in [BillingHour(now).advanced(by: -1), BillingHour(now)] {
            let cost = reckoning.costs.filter { $0.hour == hour }.map(\.cost).sum
            alerts += machine.counted(hour: hour, cost: cost, baseline: try await baseline(of: hour, costs))
        }
        guard !alerts.isEmpty else { return }
        let new = try await DutyFailure.wrap { () async throws(StoreError) in
            try await costs.store.raise(alerts, fence: fence)
        }
        for alert in new { logger.warning("a cost alert", metadata: ["alert": "\(alert.notice)"]) }
    }

    /// Looked up once: the weeks before do not change.
    private func baseline(of hour: BillingHour, _ costs: CostPorts) async throws(DutyFailure) -> HourBaseline? {
        if let known = costMemory.baselines[hour] { return known }
        let first = hour.advanced(by: -168 * HourBaseline.mostWeeks)
        let totals = try await DutyFailure.wrap { () async throws(StoreError) in
            try await costs.store.totals(first..<hour)
        }
        let baseline = HourBaseline(of: hour, costs: totals)
        costMemory.baselines = costMemory.baselines.filter { $0.key >= hour.advanced(by: -1) }
        costMemory.baselines[hour] = .some(baseline)
        return baseline
    }

    /// What is written down and was not told yet, whoever wrote it.
    func tell(_ costs: CostPorts, _ fence: LeaderFence) async throws(DutyFailure) {
        guard let topic = costs.topic else { return }
        let untold = try await DutyFailure.wrap { () async throws(StoreError) in
            try await costs.store.untold(limit: Self.mostTold)
        }
        for raised in untold {
            // A leader that stood still must not tell what its successor has told.
            guard term == fence else { return }
            if let reason = await topic.tell(raised.alert.notice.description) {
                logger.error("a cost alert was not told, it comes again", metadata: ["error": "\(reason)"])
                return
            }
            try await DutyFailure.wrap { () async throws(StoreError) in
                try await costs.store.told(raised.alert, fence: fence)
            }
        }
    }
}

extension BudgetAlert {
    /// What operators are told. `id` is the same should it come twice: SNS may have taken it before the leader died.
    package var notice: JSON {
        var members = [
            JSON.Member("type", "waybill.cost-alert.v1"),
            JSON.Member("id", .string("\(month)/\(threshold.rawValue)")),
            JSON.Member("month", .string(month.description)),
            JSON.Member("threshold", .string(threshold.rawValue)),
            JSON.Member("dollars", .string(amount.decimal)),
            JSON.Member("measuredAgainst", .string(limit.decimal)),
        ]
        if let hour { members.append(JSON.Member("hour", .string(hour.start.rfc3339))) }
        return .object(members)
    }
}
