import Synchronization
package import WaybillCore
import WaybillPorts

/// Runs tasks, actors and timers on one thread in virtual time: what is ready runs in an order drawn from a seed, and
/// time passes only when nothing is ready. The same seed gives the same run.
package final class SimulatedLoop: TaskExecutor, Sendable {
    /// Why a run ended before its main task did.
    package enum Failure: Error, Hashable, Sendable {
        /// Nothing is ready and nobody sleeps, yet the main task has not ended.
        case stuck
        case outOfTime
    }

    private struct Sleeper {
        let due: Duration
        let number: Int
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var ready: [UnownedJob] = []
        var sleepers: [Sleeper] = []
        var now = Duration.zero
        var nextSleeper = 0
        var generator: SplitMix64
        var isDone = false
    }

    private let state: Mutex<State>
    /// The wall time at the start.
    private let epoch: Timestamp

    package init(seed: UInt64, startingAt epoch: Timestamp = Timestamp(seconds: 1_800_000_000)) {
        state = Mutex(State(generator: SplitMix64(state: seed)))
        self.epoch = epoch
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.ready.append(job) }
    }

    /// Runs `main` and everything it starts, at most `limit` of virtual time.
    package func run(
        limit: Duration = .seconds(3600),
        _ main: @escaping @Sendable () async -> Void
    ) throws(Failure) {
        state.withLock { $0.isDone = false }
        let end = state.withLock { $0.now } + limit
        // The only unstructured task: the root of everything that is simulated.
        let root = Task(executorPreference: self, priority: .medium) {
            await main()
            self.state.withLock { $0.isDone = true }
        }
        defer { root.cancel() }
        while !state.withLock({ $0.isDone }) {
            if let job = takeReady() {
                unsafe job.runSynchronously(on: asUnownedTaskExecutor())
            } else {
                try wakeNext(before: end)
            }
        }
    }

    private func takeReady() -> UnownedJob? {
        state.withLock { state in
            guard !state.ready.isEmpty else { return nil }
            let index = Int(state.generator.next() % UInt64(state.ready.count))
            return state.ready.remove(at: index)
        }
    }

    private func wakeNext(before end: Duration) throws(Failure) {
        let next = state.withLock { state -> Sleeper? in
            let earliest = state.sleepers.indices.min { left, right in
                let (one, two) = (state.sleepers[left], state.sleepers[right])
                return (one.due, one.number) < (two.due, two.number)
            }
            guard let earliest else { return nil }
            let sleeper = state.sleepers.remove(at: earliest)
            state.now = max(state.now, sleeper.due)
            return sleeper
        }
        guard let next else { throw .stuck }
        guard next.due <= end else {
            next.continuation.resume(returning: true)
            throw .outOfTime
        }
        next.continuation.resume(returning: true)
    }

    private func pause(_ duration: Duration) async throws(CancellationError) {
        let number = state.withLock { state in
            state.nextSleeper += 1
            return state.nextSleeper
        }
        let slept = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if Task.isCancelled { return true }
                    let due = state.now + max(.zero, duration)
                    state.sleepers.append(Sleeper(due: due, number: number, continuation: continuation))
                    return false
                }
                if isOver { continuation.resume(returning: false) }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                state.sleepers.firstIndex { $0.number == number }.map { state.sleepers.remove(at: $0) }
            }
            sleeper?.continuation.resume(returning: false)
        }
        guard slept else { throw CancellationError() }
    }
}

extension SimulatedLoop: Environment {
    package func monotonicNow() -> Duration { state.withLock { $0.now } }

    package func wallNow() -> Timestamp { epoch + monotonicNow() }

    package func randomBits() -> UInt64 { state.withLock { $0.generator.next() } }

    package func sleep(for duration: Duration) async throws(CancellationError) {
        try await pause(duration)
    }
}

extension SimulatedLoop: WallClock {
    package func now() -> Timestamp { wallNow() }
}

/// SplitMix64: the same numbers for the same seed.
package struct SplitMix64: RandomNumberGenerator, Hashable, Sendable {
    private var state: UInt64

    package init(state: UInt64) {
        self.state = state
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// From 0 to below `bound`; the bias of a remainder is of no matter to a simulation.
    mutating func below(_ bound: UInt64) -> UInt64 { next() % max(1, bound) }

    mutating func between(_ low: Int64, _ high: Int64) -> Int64 { low + Int64(below(UInt64(max(0, high - low) + 1))) }

    mutating func chance(perThousand: UInt64) -> Bool { below(1000) < perThousand }

    mutating func oneOf<Value>(_ values: [Value]) -> Value { values[Int(below(UInt64(values.count)))] }
}
