package import Logging
import WaybillCore
package import WaybillPorts

/// Publishes what the shop is told about its deliveries. Every worker does, from one outbox: each notice is given to one of
/// them at a time. Nothing else waits for it: while SNS is out of reach the notices collect, and email goes on.
package actor StatusActor {
    /// Notices taken at once: ten of SNS's batches.
    private static let limit = 100
    /// Takings after which it pauses, so that a long line does not keep a connection busy all the time.
    private static let mostRounds = 20
    /// So long is a notice kept: it bounds the outbox when the topic is away for good, and until then repeats are known.
    package static let retention = Duration.seconds(14 * 86_400)
    /// How often old ones are dropped.
    private static let dropInterval = Duration.seconds(3600)

    private let store: any StatusNoticeStore
    private let topic: any NoticeTopic
    private let environment: any Environment
    private let interval: Duration
    private let board: LeaseBoard
    private let outcomes: OutcomeStream
    private let shutdown: ShutdownSignal
    private let logger: Logger
    private var dropDue: Duration?

    package init(
        store: any StatusNoticeStore,
        topic: any NoticeTopic,
        environment: any Environment,
        interval: Duration,
        board: LeaseBoard,
        outcomes: OutcomeStream,
        shutdown: ShutdownSignal,
        logger: Logger
    ) {
        self.store = store
        self.topic = topic
        self.environment = environment
        self.interval = interval
        self.board = board
        self.outcomes = outcomes
        self.shutdown = shutdown
        self.logger = logger
    }

    package func run() async {
        while !shutdown.hasBegun, !Task.isCancelled {
            await step()
            await shutdown.sleep(for: interval * (0.75 + environment.randomFraction() / 4), in: environment)
        }
    }

    private func step() async {
        do {
            for _ in 0..<Self.mostRounds {
                guard !shutdown.hasBegun, board.trusted(now: environment.monotonicNow()) != nil else { return }
                guard try await publishSome() else { break }
            }
            try await dropOld()
        } catch {
            outcomes.add(.storeUnavailable)
            logger.warning("status notices not read or marked, they come again", metadata: ["error": "\(error)"])
        }
    }

    /// True when there may be more and SNS takes them.
    private func publishSome() async throws(StoreError) -> Bool {
        let notices = try await store.takeNotices(limit: Self.limit)
        guard !notices.isEmpty else { return false }
        let faults = await topic.publish(notices.map { $0.notice.json.description })
        let published = zip(notices, faults).filter { $0.1 == nil }.map(\.0.id)
        try await store.markPublished(published)
        outcomes.add(.noticesPublished, Int64(published.count))
        let failed = notices.count - published.count
        guard failed > 0 else { return notices.count == Self.limit }
        outcomes.add(.noticesFailed, Int64(failed))
        let metadata: Logger.Metadata = [
            "notices": "\(failed)", "error": "\(faults.compactMap { $0 }.first ?? "no answer")",
        ]
        logger.warning("status notices not published, they come again", metadata: metadata)
        return false
    }

    private func dropOld() async throws(StoreError) {
        let now = environment.monotonicNow()
        guard dropDue.map({ $0 <= now }) ?? true else { return }
        let lost = try await store.dropNotices(olderThan: Self.retention)
        dropDue = now + Self.dropInterval
        guard lost > 0 else { return }
        outcomes.add(.noticesDropped, Int64(lost))
        logger.error("status notices dropped that were never published", metadata: ["notices": "\(lost)"])
    }
}
