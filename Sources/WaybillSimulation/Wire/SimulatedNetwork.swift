import Synchronization
import WaybillCore

/// What processes talk to.
package enum SimulatedService: Int, CaseIterable, Hashable, Sendable {
    case postgres, dynamo, sqs, ses

    var name: String {
        switch self {
        case .postgres: "PostgreSQL"
        case .dynamo: "DynamoDB"
        case .sqs: "SQS"
        case .ses: "SES"
        }
    }
}

/// Why a call has no answer.
package enum WireFault: Error, Hashable, Sendable {
    /// No connection: certainly not performed.
    case notReached
    /// It may or may not have been performed, and may yet be.
    case unanswered
    /// The caller gave up.
    case cancelled
}

/// What lies between the processes and the services: latency, loss, late packets, partitions, and services that are away.
final class SimulatedNetwork: Sendable {
    /// Chances are per 1,000 calls.
    struct Conditions: Hashable, Sendable {
        var lostRequests: UInt64 = 0
        var lostAnswers: UInt64 = 0
        /// A request that arrives so late that the caller has given up.
        var lateRequests: UInt64 = 0
        /// How late at most.
        var lateness = Duration.seconds(60)
        /// One way, between the two.
        var latency: ClosedRange<Int64> = 300...5_000

        static let calm = Conditions()
    }

    enum Partition: Hashable, Sendable {
        case requests, answers, both
    }

    fileprivate struct Place: Hashable {
        let slot: Int
        let service: SimulatedService
    }

    fileprivate enum Health: Hashable {
        case up
        /// Connections are refused at once.
        case down
        /// Packets vanish.
        case silent
    }

    fileprivate struct State {
        var generator: SplitMix64
        var conditions: Conditions
        var health: [SimulatedService: Health] = [:]
        /// Rises when a service's connections are cut.
        var incarnation: [SimulatedService: Int] = [:]
        var partitions: [Place: Partition] = [:]
        var slowdown: Int64 = 1
    }

    /// What happens to one call, drawn when it leaves.
    fileprivate struct Passage {
        var isRefused = false
        var isRequestLost = false
        var isAnswerLost = false
        var request = Duration.zero
        var answer = Duration.zero
        var incarnation = 0
    }

    private let simulator: Simulator
    private let state: Mutex<State>

    init(simulator: Simulator, conditions: Conditions) {
        self.simulator = simulator
        state = Mutex(State(generator: Simulator.generator(simulator.seed, .network), conditions: conditions))
    }

    // MARK: Faults

    func set(_ conditions: Conditions) {
        state.withLock { $0.conditions = conditions }
    }

    /// Every connection breaks; what was on its way to an answer has none.
    func cut(_ service: SimulatedService) {
        state.withLock { $0.incarnation[service, default: 0] += 1 }
    }

    func stop(_ service: SimulatedService, silently: Bool) {
        cut(service)
        state.withLock { $0.health[service] = silently ? .silent : .down }
    }

    func start(_ service: SimulatedService) {
        state.withLock { $0.health[service] = .up }
    }

    func separate(slot: Int, from service: SimulatedService, _ partition: Partition?) {
        state.withLock { $0.partitions[Place(slot: slot, service: service)] = partition }
    }

    func slowDown(times factor: Int64) {
        state.withLock { $0.slowdown = factor }
    }

    // MARK: Calls

    /// Carries a request to a service and its answer back. `request` is performed where and when it arrives, whatever has
    /// become of the caller meanwhile; `give` hears the answer, or the fault when there is none within `timeout`.
    func carry<Answer: Sendable>(
        from slot: Int,
        to service: SimulatedService,
        timeout: Duration,
        request: @escaping @Sendable (@escaping @Sendable (Answer) -> Void) -> Void,
        give: @escaping @Sendable (Result<Answer, WireFault>) -> Void
    ) {
        let passage = state.withLock { $0.draw(slot: slot, service: service, timeout: timeout) }
        let simulator = simulator
        let deadline = simulator.elapsed + timeout
        if passage.isRefused {
            return simulator.after(passage.request) { give(.failure(.notReached)) }
        }
        @Sendable func giveUp() {
            simulator.after(deadline - simulator.elapsed) { give(.failure(.unanswered)) }
        }
        if passage.isRequestLost { return giveUp() }
        if passage.request >= timeout { giveUp() }
        simulator.after(passage.request) { [self] in
            guard isUp(service, passage.incarnation) else {
                return simulator.after(.milliseconds(1)) { give(.failure(.unanswered)) }
            }
            request { answer in
                let isCut = !self.isUp(service, passage.incarnation)
                if isCut || passage.isAnswerLost || simulator.elapsed + passage.answer > deadline { return giveUp() }
                simulator.after(passage.answer) { give(.success(answer)) }
            }
        }
    }

    private func isUp(_ service: SimulatedService, _ incarnation: Int) -> Bool {
        state.withLock { state in
            state.health[service, default: .up] == .up && state.incarnation[service, default: 0] == incarnation
        }
    }
}

extension SimulatedNetwork.State {
    fileprivate mutating func draw(
        slot: Int,
        service: SimulatedService,
        timeout: Duration
    ) -> SimulatedNetwork.Passage {
        var passage = SimulatedNetwork.Passage()
        passage.incarnation = incarnation[service, default: 0]
        passage.request = latency(of: service)
        passage.answer = latency(of: service)
        if generator.chance(perThousand: conditions.lateRequests) {
            passage.request =
                timeout + .microseconds(Int64(generator.below(UInt64(conditions.lateness.wholeMicroseconds))))
        }
        passage.isRequestLost = generator.chance(perThousand: conditions.lostRequests)
        passage.isAnswerLost = generator.chance(perThousand: conditions.lostAnswers)
        switch health[service, default: .up] {
        case .up: break
        case .down: passage.isRefused = true
        case .silent: passage.isRequestLost = true
        }
        switch partitions[SimulatedNetwork.Place(slot: slot, service: service)] {
        case nil: break
        case .requests: passage.isRequestLost = true
        case .answers: passage.isAnswerLost = true
        case .both: (passage.isRequestLost, passage.isAnswerLost) = (true, true)
        }
        if passage.isRequestLost { passage.isRefused = false }
        return passage
    }

    /// A long tail: now and then ten times as long.
    private mutating func latency(of service: SimulatedService) -> Duration {
        let range = conditions.latency
        let plain = range.lowerBound + Int64(generator.below(UInt64(range.upperBound - range.lowerBound + 1)))
        let tail: Int64 = generator.chance(perThousand: 20) ? 10 : 1
        // SES takes its time.
        let factor: Int64 = service == .ses ? 20 : 1
        return .microseconds(plain * tail * factor * slowdown)
    }
}
