import Synchronization
import Testing
import WaybillConformance
import WaybillCore
import WaybillSimulation

@Suite struct InMemoryJobStoreTests {
    @Test(arguments: JobStoreConformance.cases)
    func conforms(to demand: JobStoreConformance.Case) async throws {
        let clock = StoreClock()
        let store = InMemoryJobStore(notesStatuses: true) { clock.read() }
        let requests = JobStoreSubject.Requests(
            ask: { action, delivery, reason in store.request(action, delivery, reason: reason) },
            askForCopy: { store.request(.copy, $0, reason: $2, to: $1) },
            askForRemoval: { store.requestRemoval(of: $0, reason: $1) },
            suppress: { store.suppressForOperator($0, reason: "operator: \($1)") },
            result: { store.result(ofRequest: $0) },
            askToRequeue: { store.requestRequeue(of: $0, reason: $1) },
            drain: { store.requestDrain(of: $0) },
            setIngest: { store.setIngest(paused: $0) }
        )
        let rate = InMemorySendRate(nil, leads: { store.isInForce($0) }) { clock.read() }
        try await demand.check(JobStoreSubject(store, rate: rate, requests: requests) { clock.pass($0) })
    }

    @Test(arguments: SendRateConformance.cases)
    func theSendRateConforms(to demand: SendRateConformance.Case) async throws {
        let clock = StoreClock()
        let rate = InMemorySendRate(nil) { clock.read() }
        let subject = SendRateSubject(rate: rate, pass: { clock.pass($0) }, setCeiling: { rate.set(ceiling: $0) })
        try await demand.check(subject)
    }
}

/// Goes on by a microsecond with every look at it, so that no two things happen at the same time, as in a database.
private final class StoreClock: Sendable {
    private let time = Mutex(Timestamp(seconds: 1_800_000_000))

    func read() -> Timestamp {
        time.withLock { time in
            time.microseconds += 1
            return time
        }
    }

    func pass(_ duration: Duration) {
        time.withLock { $0 = $0 + duration }
    }
}
