import Synchronization
import WaybillCore

/// The row locks of PostgreSQL that matter: a claim holds its worker's row until it commits, and who renews or deletes the
/// worker waits for it. Everything else is one indivisible step.
final class SimulatedLocks: Sendable {
    private struct State {
        var generator: SplitMix64
        /// When the last claim of a worker that is under way commits, in true time.
        var until: [WorkerID: Duration] = [:]
        var slowClaims: UInt64 = 20
        var slowest = Duration.milliseconds(300)
    }

    private let simulator: Simulator
    private let state: Mutex<State>

    init(simulator: Simulator) {
        self.simulator = simulator
        state = Mutex(State(generator: Simulator.generator(simulator.seed, .network, index: 2)))
    }

    /// Commits are slow: per 1,000 claims, and how slow at most.
    func set(slowClaims: UInt64, slowest: Duration) {
        state.withLock { ($0.slowClaims, $0.slowest) = (slowClaims, slowest) }
    }

    /// Performs a claim when it commits: at once, or after a while in which its worker's row is locked.
    func claim(of worker: WorkerID, _ commit: @escaping @Sendable () -> Void) {
        let now = simulator.elapsed
        let pause = state.withLock { state -> Duration in
            guard state.generator.next() % 1000 < state.slowClaims else { return .zero }
            let slowest = UInt64(state.slowest.wholeMicroseconds)
            let pause = Duration.microseconds(Int64(state.generator.next() % slowest))
            state.until[worker] = max(state.until[worker] ?? .zero, now + pause)
            return pause
        }
        if pause == .zero { commit() } else { simulator.after(pause, commit) }
    }

    /// Performs what waits for the rows of these workers.
    func after(claimsOf workers: [WorkerID], _ effect: @escaping @Sendable () -> Void) {
        let now = simulator.elapsed
        let until = state.withLock { state in
            state.until = state.until.filter { $0.value >= now }
            return workers.compactMap { state.until[$0] }.max()
        }
        guard let until else { return effect() }
        simulator.after(until - now + .microseconds(1), effect)
    }
}
