import Synchronization
package import WaybillCore

/// One deterministic world: several processes (``SimulatedNode``), each with its own clock, on the calling thread, in
/// virtual time. What is ready runs in an order drawn from the seed; a killed process's code never runs again. A
/// failing run is replayed by its seed, the commit and the build configuration: debug and release builds have different
/// schedules.
///
/// Everything happens inside ``run(until:)`` and ``reap()``. The locks are there for `Sendable` and are never waited
/// for.
package final class Simulator: Sendable {
    private struct ReadyJob {
        let node: SimulatedNode
        let job: UnownedJob
    }

    private struct State {
        /// Microseconds since the world began.
        var now: Int64 = 0
        var schedule: SplitMix64
        var ready: [ReadyJob] = []
        var timers = TimerQueue()
        var nodes: [SimulatedNode] = []
        var digest = RunDigest()
        var trace: [String]?
        var steps = 0
        var isRunning = false
        var isClosed = false
    }

    /// Streams of numbers, one a concern, so that one draw more in one of them does not shift the others.
    package enum Stream: UInt64 {
        case schedule = 1, network, faults, nodes, queues, mail, shop, scenario
    }

    /// Virtual microseconds that a job takes at most: with more than zero, faults and answers fall between ready jobs
    /// too.
    private static let longestJob: UInt64 = 20
    /// Jobs after which code that goes on though it was cancelled counts as deaf to cancellation.
    private static let reapLimit = 200_000

    package let seed: UInt64
    /// The wall time at which the world begins.
    package let epoch: Timestamp
    package let keepsTrace: Bool
    private let state: Mutex<State>

    /// With `keepsTrace` every event is kept as a line to read.
    package init(seed: UInt64, epoch: Timestamp = Timestamp(seconds: 1_800_000_000), keepsTrace: Bool = false) {
        self.seed = seed
        self.epoch = epoch
        self.keepsTrace = keepsTrace
        state = Mutex(State(schedule: Self.generator(seed, .schedule), trace: keepsTrace ? [] : nil))
    }

    /// The generator of one concern; `index` tells those of one kind apart.
    package static func generator(_ seed: UInt64, _ stream: Stream, index: UInt64 = 0) -> SplitMix64 {
        let mixed = seed &* 0x9E37_79B9_7F4A_7C15 ^ (stream.rawValue << 32 | index) &* 0xD1B5_4A32_D192_ED03
        var generator = SplitMix64(state: mixed)
        return SplitMix64(state: generator.next())
    }

    /// True time since the world began.
    package var elapsed: Duration { .microseconds(microseconds) }
    package var steps: Int { state.withLock { $0.steps } }
    package var digest: RunDigest { state.withLock { $0.digest } }
    package var trace: [String] { state.withLock { $0.trace ?? [] } }

    var microseconds: Int64 { state.withLock { $0.now } }
    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Starts a process: `main` and all that it starts, default actors included, run on the node.
    @discardableResult
    package func boot(
        _ name: String,
        clock: NodeClock = NodeClock(),
        mutation: Mutation? = nil,
        _ main: @escaping @Sendable (SimulatedNode) async -> Void
    ) -> SimulatedNode {
        let index = state.withLock { $0.nodes.count }
        let node = SimulatedNode(name: name, index: index, clock: clock, mutation: mutation, simulator: self)
        state.withLock { $0.nodes.append(node) }
        record("boot", by: node)
        // A process that boots another while the world ends would leave one behind that nobody ends.
        guard !isClosed else { return node }
        running { node.begin(main) }
        return node
    }

    /// Performs `action` after so much true time, outside of any process.
    package func after(_ delay: Duration, _ action: @escaping @Sendable () -> Void) {
        state.withLock { state in
            // Nothing new begins at the end of the world.
            guard !state.isClosed else { return }
            let tie = state.schedule.next()
            state.timers.add(at: state.now + max(0, delay.wholeMicroseconds), tie: tie, action)
        }
    }

    /// Runs until so much true time has passed since the world began, or nothing is left to happen.
    package func run(until limit: Duration) {
        let limit = limit.wholeMicroseconds
        running {
            // Code that never waits must not keep the world from its end.
            while fireTimer(until: min(microseconds, limit)) || runJob(before: limit) || fireTimer(until: limit) {}
        }
        state.withLock { $0.now = max($0.now, limit) }
    }

    /// Writes an event down: part of the digest, and of the trace when it is kept.
    package func record(_ event: @autoclosure () -> String, by node: SimulatedNode? = nil) {
        state.withLock { state in
            guard !state.isClosed else { return }
            let text = event()
            state.digest.mix(UInt64(bitPattern: state.now))
            state.digest.mix(text)
            state.trace?.append(Self.line(state.now, node, text))
        }
    }

    /// Adds a line to the trace when it is kept; it is no part of the digest.
    func tell(_ line: @autoclosure () -> String, by node: SimulatedNode? = nil) {
        guard keepsTrace else { return }
        let line = line()
        state.withLock { state in
            guard !state.isClosed else { return }
            state.trace?.append(Self.line(state.now, node, line))
        }
    }

    private static func line(_ now: Int64, _ node: SimulatedNode?, _ text: String) -> String {
        let seconds = String(now / 1_000_000)
        let rest = String(now % 1_000_000)
        let time = seconds + "." + String(repeating: "0", count: 6 - rest.count) + rest
        return String(repeating: " ", count: max(0, 12 - time.count)) + time + "  \(node?.name ?? "world")  \(text)"
    }

    /// Ends the world: every wait throws and every withheld job runs, those of killed processes too, so that all memory
    /// comes back. False when some task goes on though it was cancelled.
    package func reap() -> Bool {
        let nodes = state.withLock { state in
            state.isClosed = true
            state.timers.removeAll()
            return state.nodes
        }
        let last = steps + Self.reapLimit
        running {
            for node in nodes { node.end() }
            while steps < last, runJob(before: .max) || fireTimer(until: .max) {}
        }
        return state.withLock { state in
            state.nodes.removeAll()
            return state.ready.isEmpty
        }
    }

    func enqueue(_ job: UnownedJob, on node: SimulatedNode) {
        state.withLock { state in
            // A thread of its own (Dispatch, an event loop, a real sleep) would make the run depend on real time.
            precondition(state.isRunning, "\(node.name) was resumed from outside of the simulation")
            state.ready.append(ReadyJob(node: node, job: job))
        }
    }

    private func running(_ body: () -> Void) {
        let wasRunning = state.withLock { state in
            defer { state.isRunning = true }
            return state.isRunning
        }
        body()
        state.withLock { $0.isRunning = wasRunning }
    }

    private func runJob(before limit: Int64) -> Bool {
        while microseconds <= limit, let entry = takeReady() {
            guard entry.node.mayRun(entry.job) else { continue }
            state.withLock { state in
                state.steps += 1
                state.now += Int64(state.schedule.next() % (Self.longestJob + 1))
                state.digest.mix(UInt64(bitPattern: state.now) &* 31 &+ UInt64(entry.node.index))
            }
            unsafe entry.job.runSynchronously(on: entry.node.asUnownedTaskExecutor())
            return true
        }
        return false
    }

    private func takeReady() -> ReadyJob? {
        state.withLock { state in
            guard !state.ready.isEmpty else { return nil }
            let index = Int(state.schedule.next() % UInt64(state.ready.count))
            state.ready.swapAt(index, state.ready.count - 1)
            return state.ready.removeLast()
        }
    }

    private func fireTimer(until limit: Int64) -> Bool {
        let action = state.withLock { state -> (@Sendable () -> Void)? in
            guard let timer = state.timers.takeFirst(until: limit) else { return nil }
            state.now = max(state.now, timer.deadline)
            return timer.action
        }
        action?()
        return action != nil
    }
}
