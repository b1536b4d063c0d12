package import WaybillCore
package import WaybillPorts

/// What a process used and has not told yet, by the hour in which it was used. What is being told has a number and does not
/// change until it is in: a call whose answer was lost is repeated as it was, and the store adds it once.
package struct UsageBook: Hashable, Sendable {
    package struct Flush: Hashable, Sendable {
        package let number: Int64
        package let rows: [UsageRow]
        package let facts: [FactRow]
    }

    private struct Key: Hashable {
        let hour: BillingHour
        let use: UsageKey
    }

    private var untold: [Key: Int64] = [:]
    private var flush: Flush?
    private var last: Int64 = 0

    package init() {}

    /// Of a peak the larger is told.
    package mutating func add(_ amount: Int64, of use: UsageKey, in hour: BillingHour) {
        let key = Key(hour: hour, use: use)
        if case .fact(let fact) = use.subject, fact.isPeak {
            untold[key] = max(untold[key] ?? 0, amount)
        } else {
            untold[key, default: 0] += amount
        }
    }

    /// What to tell now; nil when there is nothing.
    package mutating func next() -> Flush? {
        if let flush { return flush }
        guard !untold.isEmpty else { return nil }
        last += 1
        var rows: [UsageRow] = []
        var facts: [FactRow] = []
        for (key, amount) in untold.sorted(by: { ($0.key.hour, $0.key.use) < ($1.key.hour, $1.key.use) }) {
            let resource = key.use.resource
            switch key.use.subject {
            case .meter(let meter):
                rows.append(UsageRow(hour: key.hour, meter: meter, resource: resource, thousandths: amount))
            case .fact(let fact):
                facts.append(FactRow(hour: key.hour, fact: fact, resource: resource, amount: amount))
            }
        }
        untold = [:]
        flush = Flush(number: last, rows: rows, facts: facts)
        return flush
    }

    /// It is in.
    package mutating func told(_ number: Int64) {
        if flush?.number == number { flush = nil }
    }
}
