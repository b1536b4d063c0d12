import Synchronization
package import WaybillCore
package import WaybillPorts

/// Use and costs in memory. Every call is one indivisible step.
package final class InMemoryCostStore: Sendable {
    private struct Key: Hashable, Comparable {
        let hour: BillingHour
        let name: String
        var resource = ""

        static func < (left: Key, right: Key) -> Bool {
            (left.hour, left.name, left.resource) < (right.hour, right.name, right.resource)
        }
    }

    private struct AlertKey: Hashable {
        let month: BillingMonth
        let threshold: BudgetThreshold
    }

    private struct State {
        var flushes: [String: Int64] = [:]
        /// When each source told anything last.
        var toldAt: [String: Timestamp] = [:]
        var usage: [Key: Int64] = [:]
        var facts: [Key: Int64] = [:]
        var costs: [Key: HourCost] = [:]
        var pricesAsOf: [Key: BillingDay] = [:]
        var alerts: [AlertKey: RaisedAlert] = [:]
        var status: CostStatus?
        var trouble: String?
        var fails = false
    }

    private let state = Mutex(State())
    private let leads: @Sendable (LeaderFence) -> Bool
    private let clock: @Sendable () -> Timestamp

    /// `leads` says whether a term is in force.
    package init(leads: @escaping @Sendable (LeaderFence) -> Bool, clock: @escaping @Sendable () -> Timestamp) {
        self.leads = leads
        self.clock = clock
    }

    /// Every call for use fails, as when its table cannot be read.
    package var fails: Bool {
        get { state.withLock { $0.fails } }
        set { state.withLock { $0.fails = newValue } }
    }

    private func change<Result>(
        _ fence: LeaderFence,
        _ body: (inout State) -> Result
    ) throws(StoreError) -> Result {
        guard leads(fence) else { throw .deposed }
        return state.withLock { body(&$0) }
    }
}

extension InMemoryCostStore: CostStore {
    package func add(
        _ rows: [UsageRow],
        facts: [FactRow],
        source: String,
        flush: Int64
    ) throws(StoreError) -> Bool {
        let now = clock()
        return state.withLock { state in
            if let last = state.flushes[source], last >= flush { return false }
            (state.flushes[source], state.toldAt[source]) = (flush, now)
            for row in facts {
                let key = Key(hour: row.hour, name: row.fact.rawValue, resource: row.resource)
                let known = state.facts[key] ?? 0
                state.facts[key] = row.fact.isPeak ? max(known, row.amount) : known + row.amount
            }
            for row in rows {
                let key = Key(hour: row.hour, name: row.meter.rawValue, resource: row.resource)
                state.usage[key, default: 0] += row.thousandths
            }
            return true
        }
    }

    package func lastFlush(of source: String) throws(StoreError) -> Int64? {
        state.withLock { $0.flushes[source] }
    }

    package func usage(_ hours: Range<BillingHour>) throws(StoreError) -> [NamedUse] {
        if fails { throw StoreError(.rejected, "the store fails") }
        return state.withLock { state in
            let used = Dictionary(
                state.usage.filter { hours.contains($0.key.hour) }
                    .map { (Key(hour: $0.key.hour, name: $0.key.name), $0.value) }
            ) { $0 + $1 }
            return used.sorted { $0.key < $1.key }
                .map { NamedUse(hour: $0.key.hour, meter: $0.key.name, thousandths: $0.value) }
        }
    }

    package func resources(_ hours: Range<BillingHour>) throws(StoreError) -> [ResourceUse] {
        state.withLock { state in
            let rows = state.usage.filter { hours.contains($0.key.hour) }
            let grouped = Dictionary(grouping: rows) { [$0.key.name, $0.key.resource] }
            return grouped.sorted { ($0.key[0], $0.key[1]) < ($1.key[0], $1.key[1]) }.map { names, rows in
                let sum = rows.map(\.value).reduce(0, +)
                return ResourceUse(meter: names[0], resource: names[1], thousandths: sum, hours: rows.count)
            }
        }
    }

    package func facts(_ hours: Range<BillingHour>) throws(StoreError) -> [FactSum] {
        state.withLock { state in
            let rows = state.facts.filter { hours.contains($0.key.hour) }
            return Dictionary(grouping: rows) { [$0.key.name, $0.key.resource] }
                .sorted { ($0.key[0], $0.key[1]) < ($1.key[0], $1.key[1]) }
                .compactMap { names, rows in
                    guard let fact = UseFact(rawValue: names[0]), !fact.isOfProcess else { return nil }
                    return FactSum(fact: fact, resource: names[1], amount: rows.map(\.value).reduce(0, +))
                }
        }
    }

    package func processFacts(_ hours: Range<BillingHour>) throws(StoreError) -> [ProcessFact] {
        state.withLock { state in
            let rows = state.facts.filter { hours.contains($0.key.hour) }
            return Dictionary(grouping: rows) { Key(hour: $0.key.hour, name: $0.key.name) }
                .sorted { $0.key < $1.key }
                .compactMap { key, rows in
                    guard let fact = UseFact(rawValue: key.name), fact.isOfProcess else { return nil }
                    return ProcessFact(
                        hour: key.hour,
                        fact: fact,
                        amount: rows.map(\.value).reduce(0, +),
                        largest: rows.map(\.value).max() ?? 0
                    )
                }
        }
    }

    package func forget(costsBefore: BillingHour, factsBefore: BillingHour, fence: LeaderFence) throws(StoreError) {
        try change(fence) { state in
            state.usage = state.usage.filter { $0.key.hour >= costsBefore }
            state.costs = state.costs.filter { $0.key.hour >= costsBefore }
            state.pricesAsOf = state.pricesAsOf.filter { $0.key.hour >= costsBefore }
            state.facts = state.facts.filter { $0.key.hour >= factsBefore }
            for (source, at) in state.toldAt where at < factsBefore.start {
                state.flushes[source] = nil
                state.toldAt[source] = nil
            }
        }
    }

    package func write(_ costs: [HourCost], pricesAsOf: BillingDay, fence: LeaderFence) throws(StoreError) {
        try change(fence) { state in
            for cost in costs {
                let key = Key(hour: cost.hour, name: cost.meter.rawValue)
                (state.costs[key], state.pricesAsOf[key]) = (cost, pricesAsOf)
            }
        }
    }

    package func costs(_ hours: Range<BillingHour>) throws(StoreError) -> [HourCost] {
        state.withLock { state in
            state.costs.filter { hours.contains($0.key.hour) }.sorted { $0.key < $1.key }.map(\.value)
        }
    }

    package func pricesAsOf(_ hours: Range<BillingHour>) throws(StoreError) -> BillingDay? {
        state.withLock { state in state.pricesAsOf.filter { hours.contains($0.key.hour) }.map(\.value).max() }
    }

    package func totals(_ hours: Range<BillingHour>) throws(StoreError) -> [BillingHour: Money] {
        state.withLock { state in
            state.costs.values.reduce(into: [:]) { totals, cost in
                if hours.contains(cost.hour) { totals[cost.hour, default: .zero] += cost.cost }
            }
        }
    }

    package func days(from first: BillingDay) throws(StoreError) -> [DayCost] {
        DayCost.history(of: try costs(first.firstHour..<BillingHour(number: .max)))
    }

    package func raise(_ alerts: [BudgetAlert], fence: LeaderFence) throws(StoreError) -> [BudgetAlert] {
        let now = clock()
        return try change(fence) { state in
            alerts.filter { alert in
                let key = AlertKey(month: alert.month, threshold: alert.threshold)
                guard state.alerts[key] == nil else { return false }
                state.alerts[key] = RaisedAlert(alert: alert, raisedAt: now, toldAt: nil)
                return true
            }
        }
    }

    package func alerts(_ month: BillingMonth) throws(StoreError) -> [RaisedAlert] {
        state.withLock { Self.inOrder($0.alerts.filter { $0.key.month == month }.map(\.value)) }
    }

    package func untold(limit: Int) throws(StoreError) -> [RaisedAlert] {
        state.withLock { state in
            Array(Self.inOrder(state.alerts.values.filter { $0.toldAt == nil }).prefix(limit))
        }
    }

    private static func inOrder(_ alerts: [RaisedAlert]) -> [RaisedAlert] {
        alerts.sorted { ($0.raisedAt, $0.alert.threshold.rawValue) < ($1.raisedAt, $1.alert.threshold.rawValue) }
    }

    package func told(_ alert: BudgetAlert, fence: LeaderFence) throws(StoreError) {
        let now = clock()
        try change(fence) { state in
            let key = AlertKey(month: alert.month, threshold: alert.threshold)
            if state.alerts[key]?.toldAt == nil { state.alerts[key]?.toldAt = now }
        }
    }

    package func write(_ status: CostStatus, fence: LeaderFence) throws(StoreError) {
        try change(fence) { state in
            state.status = status
            state.status?.trouble = nil
            state.trouble = nil
        }
    }

    package func writeTrouble(_ reason: String, fence: LeaderFence) throws(StoreError) {
        try change(fence) { $0.trouble = reason }
    }

    package func trouble() throws(StoreError) -> String? { state.withLock { $0.trouble } }

    package func status() throws(StoreError) -> CostStatus? {
        state.withLock { state in
            var status = state.status
            status?.trouble = state.trouble
            return status
        }
    }
}
