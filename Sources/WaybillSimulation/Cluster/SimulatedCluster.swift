import Synchronization
import WaybillCluster
import WaybillCore
import WaybillPorts

/// The machines of a world and the worker process on each: started again whenever one has ended.
final class SimulatedCluster: Sendable {
    private struct Slot {
        var node: SimulatedNode?
        var worker: SimulatedWorker?
        var incarnation = 0
        /// Broken for ever.
        var isGone = false
    }

    private struct State {
        var slots: [Slot]
        var generator: SplitMix64
        /// Every process's counts, those of the dead too.
        var outcomes: [OutcomeStream] = []
        var kills = 0
        var pauses = 0
        /// Chances per 10,000 answers.
        var killedAtWorst: UInt64 = 0
        var pausedAtWorst: UInt64 = 0
        var longestPause = Duration.seconds(1)
    }

    /// A drain that takes longer is cut off, as the executable does.
    private static let longestDrain = Duration.seconds(25)

    let scenario: Scenario
    let simulator: Simulator
    let network: SimulatedNetwork
    let services: SimulatedServices
    private let witness: Witness
    private let state: Mutex<State>

    init(
        _ scenario: Scenario,
        simulator: Simulator,
        network: SimulatedNetwork,
        services: SimulatedServices,
        witness: Witness
    ) {
        self.scenario = scenario
        self.simulator = simulator
        self.network = network
        self.services = services
        self.witness = witness
        let generator = Simulator.generator(simulator.seed, .faults, index: 1)
        state = Mutex(State(slots: (0..<scenario.nodes).map { _ in Slot() }, generator: generator))
    }

    var kills: Int { state.withLock { $0.kills } }
    var pauses: Int { state.withLock { $0.pauses } }

    /// Every process's counts, taken once.
    func takeOutcomes() -> [Outcome: Int64] {
        state.withLock(\.outcomes).reduce(into: [:]) { totals, stream in totals.merge(stream.take()) { $0 + $1 } }
    }

    func start() {
        for slot in 0..<scenario.nodes { boot(slot) }
    }

    private func boot(_ slot: Int) {
        let incarnation = state.withLock { state -> Int? in
            guard !state.slots[slot].isGone, state.slots[slot].node == nil else { return nil }
            state.slots[slot].incarnation += 1
            return state.slots[slot].incarnation
        }
        guard let incarnation else { return }
        let name = "worker-\(slot).\(incarnation)"
        let clock = scenario.clocks[slot]
        let node = simulator.boot(name, clock: clock, mutation: scenario.mutation) { [self] node in
            let worker = SimulatedWorker(machine(node, slot), services, scenario)
            state.withLock { state in
                state.slots[slot].worker = worker
                state.outcomes.append(worker.outcomes)
            }
            await worker.run()
            ended(node, slot)
        }
        services.meters?.book.started(node.name)
        state.withLock { $0.slots[slot].node = node }
    }

    func machine(_ node: SimulatedNode, _ slot: Int) -> SimulatedMachine {
        SimulatedMachine(node: node, slot: slot, network: network, witness: witness) { [self] service in
            answerArrived(node, slot, from: service)
        }
    }

    /// A process has come to its end by itself.
    private func ended(_ node: SimulatedNode, _ slot: Int) {
        simulator.record("ended", by: node)
        forget(node, slot, restartAfter: .milliseconds(500))
    }

    private func forget(_ node: SimulatedNode, _ slot: Int, restartAfter pause: Duration) {
        let isCurrent = state.withLock { state in
            guard state.slots[slot].node === node else { return false }
            state.slots[slot].node = nil
            state.slots[slot].worker = nil
            return true
        }
        guard isCurrent else { return }
        services.meters?.book.ended(node.name)
        witness.machineDied(slot)
        simulator.after(pause) { [self] in boot(slot) }
    }

    // MARK: Faults

    func setWorstMoments(killed: UInt64, paused: UInt64, longest: Duration) {
        state.withLock { ($0.killedAtWorst, $0.pausedAtWorst, $0.longestPause) = (killed, paused, longest) }
    }

    /// SES's answers are few, and what is done with them matters most.
    private static let weightOfSES: UInt64 = 20

    private func answerArrived(_ node: SimulatedNode, _ slot: Int, from service: SimulatedService) {
        let (isKilled, pause) = state.withLock { state -> (Bool, Duration?) in
            guard state.killedAtWorst + state.pausedAtWorst > 0 else { return (false, nil) }
            let draw = state.generator.next() % (service == .ses ? 10_000 / Self.weightOfSES : 10_000)
            if draw < state.killedAtWorst { return (true, nil) }
            guard draw < state.killedAtWorst + state.pausedAtWorst else { return (false, nil) }
            return (false, .microseconds(Int64(state.generator.next() % UInt64(state.longestPause.wholeMicroseconds))))
        }
        // The machine of `recover` is none of the cluster's: it may stand still, and is not started again.
        if isKilled, slot < scenario.nodes, kill(node, slot, restartAfter: .seconds(2)) {
            witness.reached(.killedAtWorst)
        }
        if let pause, stop(node, for: pause) { witness.reached(.pausedAtWorst) }
    }

    func kill(_ slot: Int, restartAfter pause: Duration) {
        guard let node = state.withLock({ $0.slots[slot].node }) else { return }
        _ = kill(node, slot, restartAfter: pause)
    }

    private func kill(_ node: SimulatedNode, _ slot: Int, restartAfter pause: Duration) -> Bool {
        let isCurrent = state.withLock { $0.slots[slot].node === node }
        guard isCurrent, node.phase != .dead else { return false }
        node.kill()
        state.withLock { $0.kills += 1 }
        forget(node, slot, restartAfter: pause)
        return true
    }

    func pause(_ slot: Int, for duration: Duration) {
        guard let node = state.withLock({ $0.slots[slot].node }) else { return }
        _ = stop(node, for: duration)
    }

    private func stop(_ node: SimulatedNode, for duration: Duration) -> Bool {
        guard node.phase == .running else { return false }
        node.pause(for: duration)
        state.withLock { $0.pauses += 1 }
        return true
    }

    /// A machine with a request on the wire.
    var sendingSlot: Int? { (0..<scenario.nodes).first { witness.isSending($0) } }

    /// SIGTERM, and SIGKILL when the drain takes too long.
    func drain(_ slot: Int) {
        let (node, worker) = state.withLock { ($0.slots[slot].node, $0.slots[slot].worker) }
        guard let node, let worker, node.phase == .running else { return }
        simulator.record("SIGTERM", by: node)
        if witness.isSending(slot) { witness.reached(.drainWithWorkInFlight) }
        worker.shutDown()
        simulator.after(Self.longestDrain) { [self] in _ = kill(node, slot, restartAfter: .seconds(1)) }
    }

    /// Ends a machine's process for good, as an operator does.
    func retire(_ slot: Int) {
        state.withLock { $0.slots[slot].isGone = true }
        drain(slot)
    }

    /// Breaks a machine for ever.
    func remove(_ slot: Int) {
        state.withLock { $0.slots[slot].isGone = true }
        kill(slot, restartAfter: .zero)
    }

    /// Ends every process, and starts none until ``start()``.
    func killAll() {
        for slot in 0..<scenario.nodes { kill(slot, restartAfter: .seconds(3600 * 24)) }
    }
}
