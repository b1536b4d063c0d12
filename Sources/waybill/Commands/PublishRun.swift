import WaybillCore
import WaybillPorts

/// Where orders go: the SNS topic.
protocol OrderTopic: Sendable {
    /// Publishes up to ten orders; nil for each that was taken, the reason for each that was not. Throws when nothing
    /// was learned of any of them: `unreachable` when it may be tried again.
    func publish(_ orders: [String]) async throws(CommandFailure) -> [String?]
}

/// What the person is told while it runs.
enum PublishNotice: Hashable, Sendable {
    case failure(String)
    case warning(String)
    case progress(PublishTally)
}

/// Reads lines, and publishes them in batches, several at a time.
struct PublishRun {
    struct Options: Sendable {
        /// How often each line is published.
        var repeats = 1
        /// At most so many orders are read.
        var limit: Int?
        /// Messages a second.
        var perSecond: Double?
    }

    /// So many batches may be on the way at once.
    static let mostInFlight = 8
    /// After so many batches in a row without an answer, each tried several times already, the rest is not tried.
    static let mostUnanswered = 3

    private let topic: any OrderTopic
    private let environment: any Environment
    private let options: Options
    private let verdict: (InputLine) -> LineVerdict
    private let tell: (PublishNotice) -> Void

    private var batcher: PublishBatcher
    private var pace: PublishPace
    private var inFlight = 0
    private var unanswered = 0
    private(set) var tally = PublishTally()
    /// Why it stopped before the end.
    private(set) var stop: CommandFailure?

    init(
        to topic: any OrderTopic,
        environment: any Environment,
        options: Options,
        verdict: @escaping (InputLine) -> LineVerdict,
        tell: @escaping (PublishNotice) -> Void
    ) {
        self.topic = topic
        self.environment = environment
        self.options = options
        self.verdict = verdict
        self.tell = tell
        // Ten at once each ten seconds would be one a second in name only.
        batcher = PublishBatcher(size: options.perSecond.map { Int($0.rounded(.up)) } ?? PublishBatcher.mostMessages)
        pace = PublishPace(perSecond: options.perSecond, start: environment.monotonicNow())
    }

    /// Publishes everything; `tally` and `stop` say what came of it.
    mutating func run(_ input: inout some LineInput) async {
        await withTaskGroup(of: Answer.self) { group in
            let inputFailure = await readAll(&input, &group)
            await send(batcher.flush(), &group)
            while inFlight > 0 { await account(&group) }
            stop = stop ?? inputFailure
        }
        tell(.progress(tally))
    }

    private var isOver: Bool {
        stop != nil || options.limit.map { tally.read >= $0 } ?? false
    }

    /// Why the input could not be read to its end, if so. What came before goes out all the same.
    private mutating func readAll(
        _ input: inout some LineInput,
        _ group: inout TaskGroup<Answer>
    ) async -> CommandFailure? {
        do throws(CommandFailure) {
            while !isOver, let chunk = try await input.next() {
                for line in chunk.lines where !isOver { await take(line, &group) }
                if chunk.isPause { await send(batcher.flush(), &group) }
            }
            return nil
        } catch {
            return error
        }
    }

    private mutating func take(_ line: InputLine, _ group: inout TaskGroup<Answer>) async {
        switch verdict(line) {
        case .blank: return
        case .fail(let reason): fail(line.number, reason)
        case .publish(let order): await add(order, &group)
        case .publishWithWarning(let order, let reason):
            if let notice = tally.lineIsDoubtful(line.number, reason) { tell(.warning(notice)) }
            await add(order, &group)
        }
        tally.lineWasRead()
    }

    private mutating func add(_ order: OutgoingOrder, _ group: inout TaskGroup<Answer>) async {
        for _ in 0..<options.repeats { await send(batcher.add(order), &group) }
    }

    private mutating func fail(_ line: Int, _ reason: String) {
        if let notice = tally.lineFailed(line, reason) { tell(.failure(notice)) }
    }
}

extension PublishRun {
    private struct Answer: Sendable {
        var orders: [OutgoingOrder]
        var result: Result<[String?], CommandFailure>
    }

    private mutating func send(_ batches: [[OutgoingOrder]], _ group: inout TaskGroup<Answer>) async {
        for batch in batches {
            while inFlight >= Self.mostInFlight { await account(&group) }
            await wait(for: batch.count)
            guard stop == nil else {
                for order in batch { fail(order.line, "not tried") }
                continue
            }
            inFlight += 1
            group.addTask { [topic] in await Self.publish(batch, to: topic) }
        }
    }

    @concurrent
    private static func publish(_ orders: [OutgoingOrder], to topic: any OrderTopic) async -> Answer {
        do throws(CommandFailure) {
            return Answer(orders: orders, result: .success(try await topic.publish(orders.map(\.text))))
        } catch {
            return Answer(orders: orders, result: .failure(error))
        }
    }

    private mutating func wait(for count: Int) async {
        let delay = pace.delay(for: count, now: environment.monotonicNow())
        guard delay > .zero else { return }
        do throws(CancellationError) {
            try await environment.sleep(for: delay)
        } catch {
            stop = CommandFailure(.failed, "interrupted")
        }
    }

    /// Waits for the next answer and counts it.
    private mutating func account(_ group: inout TaskGroup<Answer>) async {
        guard let answer = await group.next() else { return }
        inFlight -= 1
        switch answer.result {
        case .success(let reasons): count(answer.orders, reasons)
        case .failure(let error): count(answer.orders, error)
        }
        tell(.progress(tally))
    }

    private mutating func count(_ orders: [OutgoingOrder], _ reasons: [String?]) {
        precondition(orders.count == reasons.count, "the topic answers for each order")
        unanswered = 0
        for (order, reason) in zip(orders, reasons) {
            if let reason { fail(order.line, reason) } else { tally.messageWasPublished() }
        }
    }

    private mutating func count(_ orders: [OutgoingOrder], _ error: CommandFailure) {
        for order in orders { fail(order.line, error.message) }
        unanswered += 1
        guard stop == nil, error.exit != .unreachable || unanswered >= Self.mostUnanswered else { return }
        stop = CommandFailure(error.exit, "stopped: \(error.message)")
    }
}
