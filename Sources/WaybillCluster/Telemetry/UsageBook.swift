package import WaybillCore
package import WaybillPorts

/// What a process used and has not told yet, by the hour in which it was used. What is being told has a number and does not
/// change until it is in: a call whose answer was lost is repeated as it was, and the store adds it once.
package struct UsageBook: Hashable, Sendable {
    package struct Flush: Hashable, Sendable {
        package let number: Int64
        package let rows: [UsageRow]
    }

    private struct Key: Hashable {
        let hour: BillingHour
        let use: UsageKey
    }

    private var untold: [Key: Int64] = [:]
    private var flush: Flush?
    private var last: Int64 = 0

    package init() {}

    package mutating func add(_ thousandths: Int64, of use: UsageKey, in hour: BillingHour) {
        untold[Key(hour: hour, use: use), default: 0] += thousandths
    }

    /// What to tell now; nil when there is nothing.
    package mutating func next() -> Flush? {
        if let flush { return flush }
        guard !untold.isEmpty else { return nil }
        last += 1
        let rows = untold.sorted { ($0.key.hour, $0.key.use) < ($1.key.hour, $1.key.use) }.map { key, thousandths in
            UsageRow(hour: key.hour, meter: key.use.meter, resource: key.use.resource, thousandths: thousandths)
        }
        untold = [:]
        flush = Flush(number: last, rows: rows)
        return flush
    }

    /// It is in.
    package mutating func told(_ number: Int64) {
        if flush?.number == number { flush = nil }
    }
}
