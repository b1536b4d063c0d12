import WaybillCore
import WaybillPorts

/// The tables of use and costs in PostgreSQL, as a process sees them.
struct WiredCostStore: CostStore {
    let link: ServiceLink
    let meters: SimulatedMeters

    func add(
        _ rows: [UsageRow],
        facts: [FactRow],
        source: String,
        flush: Int64
    ) async throws(StoreError) -> Bool {
        let meters = meters
        return try await call { store throws(StoreError) in
            let isNew = try store.add(rows, facts: facts, source: source, flush: flush)
            if !isNew { meters.flushCameAgain() }
            return isNew
        }
    }

    func lastFlush(of source: String) async throws(StoreError) -> Int64? {
        try await call { store throws(StoreError) in try store.lastFlush(of: source) }
    }

    func usage(_ hours: Range<BillingHour>) async throws(StoreError) -> [NamedUse] {
        try await call { store throws(StoreError) in try store.usage(hours) }
    }

    func resources(_ hours: Range<BillingHour>) async throws(StoreError) -> [ResourceUse] {
        try await call { store throws(StoreError) in try store.resources(hours) }
    }

    func facts(_ hours: Range<BillingHour>) async throws(StoreError) -> [FactSum] {
        try await call { store throws(StoreError) in try store.facts(hours) }
    }

    func processFacts(_ hours: Range<BillingHour>) async throws(StoreError) -> [ProcessFact] {
        try await call { store throws(StoreError) in try store.processFacts(hours) }
    }

    func forget(
        costsBefore: BillingHour,
        factsBefore: BillingHour,
        fence: LeaderFence
    ) async throws(StoreError) {
        try await call { store throws(StoreError) in
            try store.forget(costsBefore: costsBefore, factsBefore: factsBefore, fence: fence)
        }
    }

    func write(_ costs: [HourCost], pricesAsOf: BillingDay, fence: LeaderFence) async throws(StoreError) {
        try await call { store throws(StoreError) in try store.write(costs, pricesAsOf: pricesAsOf, fence: fence) }
    }

    func costs(_ hours: Range<BillingHour>) async throws(StoreError) -> [HourCost] {
        try await call { store throws(StoreError) in try store.costs(hours) }
    }

    func pricesAsOf(_ hours: Range<BillingHour>) async throws(StoreError) -> BillingDay? {
        try await call { store throws(StoreError) in try store.pricesAsOf(hours) }
    }

    func totals(_ hours: Range<BillingHour>) async throws(StoreError) -> [BillingHour: Money] {
        try await call { store throws(StoreError) in try store.totals(hours) }
    }

    func days(from first: BillingDay) async throws(StoreError) -> [DayCost] {
        try await call { store throws(StoreError) in try store.days(from: first) }
    }

    func raise(_ alerts: [BudgetAlert], fence: LeaderFence) async throws(StoreError) -> [BudgetAlert] {
        try await call { store throws(StoreError) in try store.raise(alerts, fence: fence) }
    }

    func alerts(_ month: BillingMonth) async throws(StoreError) -> [RaisedAlert] {
        try await call { store throws(StoreError) in try store.alerts(month) }
    }

    func untold(limit: Int) async throws(StoreError) -> [RaisedAlert] {
        try await call { store throws(StoreError) in try store.untold(limit: limit) }
    }

    func told(_ alert: BudgetAlert, fence: LeaderFence) async throws(StoreError) {
        try await call { store throws(StoreError) in try store.told(alert, fence: fence) }
    }

    func write(_ status: CostStatus, fence: LeaderFence) async throws(StoreError) {
        try await call { store throws(StoreError) in try store.write(status, fence: fence) }
    }

    func writeTrouble(_ reason: String, fence: LeaderFence) async throws(StoreError) {
        try await call { store throws(StoreError) in try store.writeTrouble(reason, fence: fence) }
    }

    func trouble() async throws(StoreError) -> String? {
        try await call { store throws(StoreError) in try store.trouble() }
    }

    func status() async throws(StoreError) -> CostStatus? {
        try await call { store throws(StoreError) in try store.status() }
    }

    private func call<Value: Sendable>(
        _ body: @escaping @Sendable (InMemoryCostStore) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        let store = meters.costs
        return try await link.call({ () throws(StoreError) in try body(store) }, fault: { StoreError($0) })
    }
}
