import Synchronization
package import WaybillCore
package import WaybillPorts

/// A send rate for this process alone. With several workers, each is given its part by a setting; the rate that all
/// share lies in PostgreSQL.
package final class LocalSendRate: SendRateSource {
    private struct State {
        var machine: SendRateMachine
        var calmSince: Duration
        var lastCut: Duration?
    }

    private let state: Mutex<State>
    private let environment: any Environment
    /// So long without a 429, and the rate rises a step.
    private static let calm = Duration.seconds(1)

    /// `milliRate` is emails a second in thousandths, `burst` how many may go at once after a quiet time.
    package init(milliRate: Int64, burst: Int64, environment: any Environment) {
        let now = environment.monotonicNow()
        state = Mutex(State(machine: SendRateMachine(milliRate: milliRate, burst: burst, now: now), calmSince: now))
        self.environment = environment
    }

    package func slots(_ count: Int) async throws(StoreError) -> SendSlots {
        let now = environment.monotonicNow()
        return state.withLock { state in
            if now - state.calmSince >= Self.calm {
                state.machine.calmed()
                state.calmSince = now
            }
            return state.machine.take(count, now: now)
        }
    }

    package func throttled() async throws(StoreError) {
        let now = environment.monotonicNow()
        state.withLock { state in
            // Many emails on the wire meet one and the same limit: together they lower the rate once.
            if state.lastCut.map({ now - $0 >= Self.calm }) ?? true {
                state.machine.throttled()
                state.lastCut = now
            }
            state.calmSince = now
        }
    }
}

/// Says yes to whoever asks: for one worker, or until leadership lies in PostgreSQL. Every leader's effect is a
/// conditional write, so several leaders only repeat each other.
package struct SoleLeadership: LeadershipStore {
    package init() {}

    package func campaign(role: String, holder: WorkerID) async throws(StoreError) -> Term? { Term(1) }

    package func resign(role: String, holder: WorkerID, term: Term) async throws(StoreError) {}
}
