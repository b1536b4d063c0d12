package import Logging
package import WaybillCore
package import WaybillPorts

/// Takes order events from SQS into the jobs table. A message is deleted only after what it says is durable: as a job,
/// as a repeat of one, or in the quarantine with its reason.
package actor IngestActor {
    let consumer: QueueConsumer
    let store: any JobStore
    private let quarantine: any QuarantineStore
    let clock: any WallClock
    let rule: IntakeRule
    let jobsReady: WakeStream
    private let outcomes: OutcomeStream
    private let shutdown: ShutdownSignal
    private let logger: Logger

    package init(
        queue: any MessageQueue,
        store: any JobStore,
        quarantine: any QuarantineStore,
        environment: any Environment,
        clock: any WallClock,
        rule: IntakeRule,
        settings: ConsumerSettings,
        board: LeaseBoard,
        jobsReady: WakeStream,
        outcomes: OutcomeStream,
        shutdown: ShutdownSignal,
        logger: Logger
    ) {
        consumer = QueueConsumer(
            queue: queue,
            environment: environment,
            settings: settings,
            outcomes: outcomes,
            logger: logger,
            isPaused: { board.standingOrders.isIngestPaused },
            isStoreReached: { await store.answers() }
        )
        self.store = store
        self.quarantine = quarantine
        self.clock = clock
        self.rule = rule
        self.jobsReady = jobsReady
        self.outcomes = outcomes
        self.shutdown = shutdown
        self.logger = logger
    }

    /// Receives until the shutdown begins. What is not durable by then stays in the queue.
    package func run() async {
        await consumer.run(until: shutdown) { await self.take($0) }
    }

    /// Returns the receipts of what is durable: all, or none when a store was out of reach.
    private func take(_ messages: [QueueMessage]) async -> [MessageReceipt] {
        outcomes.add(.received, Int64(messages.count))
        var accepted: [(message: QueueMessage, job: NewJob)] = []
        var refused: [QuarantinedMessage] = []
        for message in messages {
            switch rule.decide(message.body, now: clock.now()) {
            case .accept(let order, let payload):
                accepted.append((message, job(order, payload: payload, receivedAt: message.sentAt)))
            case .quarantine(let code, let reason, let delivery):
                refused.append(consumer.quarantined(message, code: code, reason: reason, delivery: delivery))
            }
        }
        do {
            refused += try await enqueue(accepted)
            try await keep(refused)
        } catch {
            // Nothing is deleted: the messages come again after their visibility timeout.
            outcomes.add(.storeUnavailable)
            logger.warning("orders not stored, they come again", metadata: ["error": "\(error)"])
            return []
        }
        return messages.map(\.receipt)
    }

    func job(_ order: Order, payload: String, receivedAt: Timestamp?) -> NewJob {
        NewJob(
            delivery: DeliveryID(order: order.id),
            payload: payload,
            payloadHash: .sha256(order.canonical),
            email: order.customer.email,
            receivedAt: receivedAt
        )
    }

    /// Stores the jobs; returns what contradicts a job that is there, or cannot be stored, for the quarantine.
    private func enqueue(
        _ accepted: [(message: QueueMessage, job: NewJob)]
    ) async throws(StoreError) -> [QuarantinedMessage] {
        guard !accepted.isEmpty else { return [] }
        let results = try await store.enqueue(accepted.map(\.job))
        var conflicts: [QuarantinedMessage] = []
        var inserted: Int64 = 0
        for ((message, job), result) in zip(accepted, results) {
            switch result {
            case .inserted:
                inserted += 1
            case .duplicate:
                outcomes.add(.duplicateEventsIgnored)
            case .conflict(let other):
                outcomes.add(.conflicts)
                let reason = "another order with this id is being delivered: its payload is \(other)"
                conflicts.append(
                    consumer.quarantined(message, code: "conflict", reason: reason, delivery: job.delivery)
                )
            case .rejected(let reason):
                conflicts.append(
                    consumer.quarantined(message, code: "not-storable", reason: reason, delivery: job.delivery)
                )
            }
        }
        if inserted > 0 {
            outcomes.add(.enqueued, inserted)
            jobsReady.wake()
        }
        return conflicts
    }

    private func keep(_ refused: [QuarantinedMessage]) async throws(StoreError) {
        guard !refused.isEmpty else { return }
        try await quarantine.keep(refused)
        outcomes.add(.validationFailed, Int64(refused.count { $0.code != "conflict" }))
        for message in refused {
            let metadata: Logger.Metadata = ["code": "\(message.code)", "body.sha256": "\(message.bodyHash)"]
            logger.notice("order event quarantined", metadata: metadata)
        }
    }
}
