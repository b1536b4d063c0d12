import Synchronization
import WaybillCore
import WaybillPorts

/// Time that moves only when somebody sleeps, and chance that is always in the middle.
final class SteppedEnvironment: Environment {
    static let start = Timestamp(seconds: 1_700_000_000)

    private let slept = Mutex<[Duration]>([])

    var sleeps: [Duration] { slept.withLock { $0 } }

    func monotonicNow() -> Duration { slept.withLock { $0.reduce(.zero, +) } }
    func wallNow() -> Timestamp { Self.start + monotonicNow() }
    func randomBits() -> UInt64 { UInt64.max / 2 }

    func sleep(for duration: Duration) async throws(CancellationError) {
        if Task.isCancelled { throw CancellationError() }
        slept.withLock { $0.append(duration) }
    }
}

/// Keeps what was used.
final class UsageRecord: UsageSink {
    private let all = Mutex<[Usage]>([])

    private let facts = Mutex<[UsageKey: Int64]>([:])

    func used(_ usage: Usage) { all.withLock { $0.append(usage) } }

    func saw(_ fact: UseFact, of resource: String, _ amount: Int64) {
        facts.withLock { $0[UsageKey(fact, of: resource), default: 0] += amount }
    }

    /// How much was seen of a fact.
    subscript(fact: UseFact, of resource: String) -> Int64 {
        facts.withLock { $0[UsageKey(fact, of: resource)] ?? 0 }
    }

    /// Everything, in the order reported.
    var reported: [Usage] { all.withLock { $0 } }

    /// The thousandths of a meter, in the order reported.
    subscript(meter: Meter) -> [Int64] { reported.filter { $0.meter == meter }.map(\.thousandths) }

    /// The sums by meter and resource.
    var sums: [UsageKey: Int64] { reported.reduce(into: [:]) { $0[$1.key, default: 0] += $1.thousandths } }
}
