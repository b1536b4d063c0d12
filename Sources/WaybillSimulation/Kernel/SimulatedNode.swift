import Synchronization
package import WaybillCore
package import WaybillPorts

/// How far a process's clocks are off.
package struct NodeClock: Hashable, Sendable {
    /// What its wall clock is ahead by; negative when it is behind.
    package var wallOffset: Duration
    /// How much too fast both of its clocks run.
    package var driftPartsPerMillion: Int64

    package init(wallOffset: Duration = .zero, driftPartsPerMillion: Int64 = 0) {
        self.wallOffset = wallOffset
        self.driftPartsPerMillion = driftPartsPerMillion
    }

    /// What this clock measures of so many true microseconds.
    func measured(_ microseconds: Int64) -> Int64 {
        microseconds + microseconds / 1_000_000 * driftPartsPerMillion
    }

    /// True microseconds in which this clock measures so many.
    func truly(_ microseconds: Int64) -> Int64 {
        microseconds - microseconds / 1_000_000 * driftPartsPerMillion
    }
}

/// One simulated process, from its start to its death; a restart is another node. It is the task executor that its root
/// task prefers, so its jobs can be told apart, withheld (a pause) and dropped (kill -9).
package final class SimulatedNode: TaskExecutor, Sendable {
    /// running can become paused or dead, paused can become running or dead, dead stays so until the world is reaped.
    package enum Phase: Hashable, Sendable {
        case running
        /// SIGSTOP, a hypervisor's pause: time goes on, the process does not.
        case paused
        /// kill -9: none of its code runs any more, no `defer`, no `catch`, no handler of a cancellation.
        case dead
    }

    private struct State {
        var phase = Phase.running
        var withheld: [UnownedJob] = []
        var root: Task<Void, Never>?
        var waits: [Int: @Sendable () -> Void] = [:]
        var nextWait = 0
        var generator: SplitMix64
    }

    package let name: String
    package let index: Int
    package let clock: NodeClock
    package let mutation: Mutation?
    let simulator: Simulator
    private let state: Mutex<State>

    init(name: String, index: Int, clock: NodeClock, mutation: Mutation?, simulator: Simulator) {
        self.mutation = mutation
        self.name = name
        self.index = index
        self.clock = clock
        self.simulator = simulator
        let generator = Simulator.generator(simulator.seed, .nodes, index: UInt64(index))
        state = Mutex(State(generator: generator))
    }

    package var phase: Phase { state.withLock { $0.phase } }

    package func enqueue(_ job: consuming ExecutorJob) {
        simulator.enqueue(UnownedJob(job), on: self)
    }

    func begin(_ main: @escaping @Sendable (SimulatedNode) async -> Void) {
        // The only unstructured task: the root of everything that the process does.
        let root = Task(executorPreference: self, priority: .medium) { await main(self) }
        state.withLock { $0.root = root }
    }

    /// False when the process stands still: the job is kept until it goes on.
    func mayRun(_ job: UnownedJob) -> Bool {
        state.withLock { state in
            if state.phase == .running { return true }
            state.withheld.append(job)
            return false
        }
    }

    // MARK: Faults

    package func kill() {
        guard change(from: [.running, .paused], to: .dead) else { return }
        simulator.record("killed", by: self)
    }

    package func pause(for duration: Duration) {
        guard change(from: [.running], to: .paused) else { return }
        simulator.record("paused for \(duration.wholeMilliseconds) ms", by: self)
        simulator.after(duration) { [self] in
            guard change(from: [.paused], to: .running) else { return }
            simulator.record("goes on", by: self)
            release()
        }
    }

    /// The end of the world: cancelled, and free to run to its end.
    func end() {
        let (root, waits) = state.withLock { state in
            state.phase = .running
            defer { state.root = nil }
            return (state.root, state.waits.sorted { $0.key < $1.key }.map(\.value))
        }
        release()
        root?.cancel()
        for cancel in waits { cancel() }
    }

    private func change(from phases: [Phase], to phase: Phase) -> Bool {
        state.withLock { state in
            guard phases.contains(state.phase) else { return false }
            state.phase = phase
            return true
        }
    }

    private func release() {
        let jobs = state.withLock { state in
            defer { state.withheld.removeAll() }
            return state.withheld
        }
        for job in jobs { simulator.enqueue(job, on: self) }
    }

    // MARK: The one way to wait for the world

    /// Waits until `start`'s answer is given; nil when the task was cancelled or the world ended first.
    package func wait<Value: Sendable>(_ start: (SimulatedAnswer<Value>) -> Void) async -> Value? {
        let number = state.withLock { state in
            state.nextWait += 1
            return state.nextWait
        }
        let answer = SimulatedAnswer<Value>(node: self, number: number)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                answer.begin(continuation)
                if simulator.isClosed || Task.isCancelled { return answer.cancel() }
                state.withLock { $0.waits[number] = { answer.cancel() } }
                start(answer)
            }
        } onCancel: {
            answer.cancel()
        }
    }

    func forget(_ number: Int) {
        state.withLock { $0.waits[number] = nil }
    }
}

/// The place where a process waits for an answer of the world. Given twice, late, or to a dead process, an answer does
/// nothing.
package final class SimulatedAnswer<Value: Sendable>: Sendable {
    private let node: SimulatedNode
    private let number: Int
    private let continuation = Mutex<CheckedContinuation<Value?, Never>?>(nil)

    init(node: SimulatedNode, number: Int) {
        self.node = node
        self.number = number
    }

    /// False when nobody waits any more.
    @discardableResult package func give(_ value: Value) -> Bool { resume(value) }

    func begin(_ continuation: CheckedContinuation<Value?, Never>) {
        self.continuation.withLock { $0 = continuation }
    }

    func cancel() { _ = resume(nil) }

    private func resume(_ value: Value?) -> Bool {
        guard node.phase != .dead else { return false }
        let waiting = continuation.withLock { continuation in
            defer { continuation = nil }
            return continuation
        }
        guard let waiting else { return false }
        node.forget(number)
        waiting.resume(returning: value)
        return true
    }
}

extension SimulatedNode: Environment, WallClock {
    package func monotonicNow() -> Duration { .microseconds(clock.measured(simulator.microseconds)) }

    package func wallNow() -> Timestamp { simulator.epoch + monotonicNow() + clock.wallOffset }

    package func now() -> Timestamp { wallNow() }

    package func randomBits() -> UInt64 { state.withLock { $0.generator.next() } }

    package func sleep(for duration: Duration) async throws(CancellationError) {
        let delay = Duration.microseconds(clock.truly(duration.wholeMicroseconds))
        let slept: Bool? = await wait { answer in
            simulator.after(delay) { answer.give(true) }
        }
        if slept == nil { throw CancellationError() }
    }

    package func sleep(for duration: Duration, orUntil interruption: some Interruption) async {
        let delay = Duration.microseconds(clock.truly(duration.wholeMicroseconds))
        var number: Int?
        let _: Bool? = await wait { answer in
            simulator.after(delay) { answer.give(true) }
            number = interruption.notify { answer.give(true) }
        }
        if let number { interruption.forget(number) }
    }
}
