import Synchronization
package import WaybillCore
package import WaybillPorts

/// Counts on their way from those who do the work to those who report it. Adding never waits and never loses: what the
/// consumer has not taken yet is added up by key, so the buffer is as long as there are keys. One consumer.
package final class TallyStream<Key: Hashable & Sendable>: Sendable {
    private let totals = Mutex<[Key: Int64]>([:])
    private let wake = WakeStream()

    package init() {}

    package func add(_ key: Key, _ amount: Int64 = 1) {
        totals.withLock { $0[key, default: 0] += amount }
        wake.wake()
    }

    /// Says that there is something to take.
    package var additions: AsyncStream<Void> { wake.wakes }

    /// What was added since the last call.
    package func take() -> [Key: Int64] {
        totals.withLock { totals in
            defer { totals = [:] }
            return totals
        }
    }
}

/// Usage by meter and resource, in thousandths of the meter's unit, and facts by theirs.
package typealias UsageStream = TallyStream<UsageKey>

extension TallyStream: UsageSink where Key == UsageKey {
    package func used(_ usage: Usage) {
        add(usage.key, usage.thousandths)
    }

    package func saw(_ fact: UseFact, of resource: String, _ amount: Int64) {
        add(UsageKey(fact, of: resource), amount)
    }
}
