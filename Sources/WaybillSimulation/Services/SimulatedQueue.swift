import Synchronization
import WaybillCore
import WaybillPorts

/// A standard SQS queue of the simulated world: long polls wait without being asked again and again, a message may be handed
/// out twice, and what was handed to a process that is no more comes back after its visibility timeout.
final class SimulatedQueue: Sendable {
    /// Chances are per 1,000 messages.
    struct Behaviour: Hashable, Sendable {
        /// Stays visible although it was handed out.
        var twice: UInt64 = 0
        /// Not deleted though the answer says so.
        var undeleted: UInt64 = 0
        var delay: ClosedRange<Int64> = 1_000...50_000
        /// So much later at most, for one in twenty.
        var lateness = Duration.zero

        static let calm = Behaviour()
    }

    fileprivate struct Poll {
        let number: Int
        let limit: Int
        let answer: @Sendable ([QueueMessage]) -> Void
    }

    fileprivate struct State {
        var shelf = MessageShelf()
        var polls: [Poll] = []
        var nextPoll = 0
        var generator: SplitMix64
        var behaviour: Behaviour
        /// Sent and not yet to be seen anywhere.
        var underway = 0
    }

    static let visibility = Duration.seconds(30)
    private static let maxReceiveCount = 20

    let name: String
    private let simulator: Simulator
    private let deadLetters: SimulatedQueue?
    private let book: ServiceBook?
    private let state: Mutex<State>

    init(
        name: String,
        index: UInt64,
        behaviour: Behaviour,
        deadLetters: SimulatedQueue?,
        book: ServiceBook? = nil,
        simulator: Simulator
    ) {
        self.book = book
        self.name = name
        self.simulator = simulator
        self.deadLetters = deadLetters
        let generator = Simulator.generator(simulator.seed, .queues, index: index)
        state = Mutex(State(generator: generator, behaviour: behaviour))
    }

    func set(_ behaviour: Behaviour) {
        state.withLock { $0.behaviour = behaviour }
    }

    /// Everything that was published is deleted.
    var isEmpty: Bool { state.withLock { $0.shelf.isEmpty && $0.underway == 0 } }

    func depth() -> QueueDepth {
        let now = now
        bill(.getQueueAttributes)
        return state.withLock { $0.shelf.depth(now: now) }
    }

    /// Puts a message in after `delay` and the queue's own.
    func publish(_ body: String, after delay: Duration = .zero) {
        let underway = state.withLock { state -> Duration in
            state.underway += 1
            return state.delay()
        }
        simulator.after(delay + underway) { [self] in
            let now = now
            state.withLock { state in
                state.underway -= 1
                state.shelf.put(body, at: now, visibleAt: now)
            }
            servePolls()
        }
    }

    func receive(limit: Int, wait: Duration, answer: @escaping @Sendable ([QueueMessage]) -> Void) {
        let number = state.withLock { state in
            state.nextPoll += 1
            state.polls.append(Poll(number: state.nextPoll, limit: limit, answer: answer))
            return state.nextPoll
        }
        servePolls()
        simulator.after(wait) { [self] in end(number) }
    }

    func delete(_ receipts: [MessageReceipt]) {
        bill(.deleteMessageBatch)
        state.withLock { state in
            for receipt in receipts where !state.generator.chance(perThousand: state.behaviour.undeleted) {
                state.shelf.delete(receipt)
            }
        }
    }

    /// The bodies of messages in flight, by receipt.
    func body(_ receipt: MessageReceipt) -> String? {
        state.withLock { $0.shelf.body(receipt) }
    }

    func extend(_ receipts: [MessageReceipt], by visibility: Duration) -> [MessageReceipt] {
        let now = now
        bill(.changeMessageVisibilityBatch)
        simulator.after(visibility) { [self] in servePolls() }
        return state.withLock { state in
            receipts.filter { !state.shelf.hide($0, now: now, until: now + visibility) }
        }
    }

    /// Drops the polls that nobody will answer any more: they hold the whole world, which holds this queue.
    func close() {
        state.withLock { $0.polls.removeAll() }
    }

    private var now: Timestamp { simulator.epoch + simulator.elapsed }

    /// The oldest poll gets what is visible.
    private func servePolls() {
        while true {
            let now = now
            let (served, dead) = state.withLock { $0.serve(now: now) }
            for body in dead { deadLetters?.publish(body) }
            guard let (poll, messages) = served else { return }
            simulator.after(Self.visibility) { [self] in servePolls() }
            bill(.receiveMessage, payload: messages.map(\.body.utf8.count).reduce(0, +))
            poll.answer(messages)
        }
    }

    private func end(_ number: Int) {
        let poll = state.withLock { state in
            state.polls.firstIndex { $0.number == number }.map { state.polls.remove(at: $0) }
        }
        guard let poll else { return }
        bill(.receiveMessage)
        poll.answer([])
    }

    /// Each begun 64 KiB of what a request carries or brings is a request; one that brings nothing is one.
    private func bill(_ operation: ServiceOperation, payload: Int = 0) {
        book?.did(operation, of: name, Int64(payload > 65_536 ? (payload + 65_535) / 65_536 : 1))
    }
}

extension SimulatedQueue.State {
    fileprivate mutating func delay() -> Duration {
        let range = behaviour.delay
        let plain = range.lowerBound + Int64(generator.below(UInt64(range.upperBound - range.lowerBound + 1)))
        let late =
            generator.chance(perThousand: 50)
            ? Int64(generator.below(UInt64(behaviour.lateness.wholeMicroseconds) + 1)) : 0
        return .microseconds(plain + late)
    }

    fileprivate mutating func serve(
        now: Timestamp
    ) -> (served: (SimulatedQueue.Poll, [QueueMessage])?, dead: [String]) {
        guard !polls.isEmpty else { return (nil, []) }
        let index = Int(generator.below(UInt64(polls.count)))
        let poll = polls[index]
        let until = now + SimulatedQueue.visibility
        var messages = shelf.take(poll.limit, now: now, until: until, most: SimulatedQueue.maxReceiveCount)
        let dead = shelf.takeDead().map(\.body)
        guard !messages.isEmpty else { return (nil, dead) }
        // SQS says nothing about order.
        for index in messages.indices.dropFirst() { messages.swapAt(index, Int(generator.below(UInt64(index + 1)))) }
        for message in messages where generator.chance(perThousand: behaviour.twice) {
            shelf.show(message.receipt, at: now)
        }
        polls.remove(at: index)
        return ((poll, messages), dead)
    }
}
