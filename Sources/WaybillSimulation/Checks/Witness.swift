import Synchronization
import WaybillCore
import WaybillPorts

/// Sees everything that happens at the services, in true time, and judges it by rules of its own: nothing here asks the code
/// that it watches.
final class Witness: Sendable {
    struct State {
        var violations: [Violation] = []
        var rare: [RarePath: Int] = [:]
        // What SES accepted, by delivery.
        var acceptances: [DeliveryID: [String]] = [:]
        /// What SES has published, and did not lose.
        var published: [DeliveryID: Set<DeliveryFact>] = [:]
        /// Every attempt whose T1 was applied.
        var claims: Set<AttemptID> = []
        /// SES requests that left a process, by attempt.
        var requests: [AttemptID: Int] = [:]
        /// Requests that wait for their answer, by machine.
        var onWire: [Int: Set<DeliveryID>] = [:]
        /// T10: how often an operator decided to send again against the evidence.
        var resends: [DeliveryID: Int] = [:]
        /// The times of the send slots that a machine was granted and has not used, rising.
        var slots: [Int: [Duration]] = [:]
        /// How often a machine was told to probe and has not done so.
        var probes: [Int: Int] = [:]
        /// When slots were used, for the rate.
        var uses: [Duration] = []
        var lastEpoch = Epoch(0)
        var lastTerm: Int64 = 0
        var jobs: [Int64: DeliveryID] = [:]
        /// The epoch of each job's newest claim.
        var epochs: [Int64: Epoch] = [:]
        /// The database was taken back: what it forgot may come again.
        var restoredAt: Duration?
    }

    let simulator: Simulator
    /// Emails a second that SES allows.
    let rate: Int64
    let state = Mutex(State())

    init(simulator: Simulator, rate: Int64) {
        self.simulator = simulator
        self.rate = rate
    }

    var violations: [Violation] { state.withLock { $0.violations } }
    var rare: [RarePath: Int] { state.withLock { $0.rare } }
    var acceptances: [DeliveryID: [String]] { state.withLock { $0.acceptances } }

    func reached(_ path: RarePath, times: Int = 1) {
        state.withLock { $0.rare[path, default: 0] += times }
    }

    func violated(_ invariant: Invariant, _ text: String) {
        simulator.record("VIOLATION of \(invariant.rawValue): \(text)")
        let violation = Violation(invariant: invariant, text: text, at: simulator.elapsed)
        state.withLock { $0.violations.append(violation) }
    }

    func require(_ holds: Bool, _ invariant: Invariant, _ text: @autoclosure () -> String) {
        if !holds { violated(invariant, text()) }
    }
}
