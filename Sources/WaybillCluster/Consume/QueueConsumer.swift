import Logging
import Synchronization
import WaybillCore
import WaybillPorts

/// Receives from an SQS queue, hands the messages on, and deletes those that are finished. Receives only while the last
/// messages could be handled.
final class QueueConsumer: Sendable {
    /// How often a paused consumer looks whether it still is.
    private static let pausedLook = Duration.seconds(1)

    let queue: any MessageQueue
    private let environment: any Environment
    private let settings: ConsumerSettings
    private let outcomes: OutcomeStream
    private let logger: Logger
    /// An operator wants nothing to be received.
    private let isPaused: @Sendable () -> Bool
    /// Whether what messages are written to answers now: a cheap call to each.
    private let isStoreReached: @Sendable () async -> Bool
    private let gate = Mutex(StoreGate())
    /// The last messages could not be handled, so it is asked before others are received: each receive counts, and a message
    /// that was received twenty times goes to the dead-letter queue.
    private let isDoubted = Mutex(false)

    init(
        queue: any MessageQueue,
        environment: any Environment,
        settings: ConsumerSettings,
        outcomes: OutcomeStream,
        logger: Logger,
        isPaused: @escaping @Sendable () -> Bool = { false },
        isStoreReached: @escaping @Sendable () async -> Bool
    ) {
        self.isPaused = isPaused
        self.isStoreReached = isStoreReached
        self.queue = queue
        self.environment = environment
        self.settings = settings
        self.outcomes = outcomes
        self.logger = logger
    }

    /// Consumes until the shutdown begins; what is not finished by then stays in the queue. `handle` returns the receipts
    /// of the messages whose content is durable; the others come again after their visibility timeout.
    func run(
        until shutdown: ShutdownSignal,
        handle: @escaping @Sendable ([QueueMessage]) async -> [MessageReceipt]
    ) async {
        await withDiscardingTaskGroup { group in
            for _ in 0..<settings.pollers { group.addTask { await self.poll(handle) } }
            await shutdown.wait()
            group.cancelAll()
        }
    }

    /// The message for the quarantine, byte for byte.
    func quarantined(
        _ message: QueueMessage,
        code: String,
        reason: String,
        delivery: DeliveryID?
    ) -> QuarantinedMessage {
        let body = Array(message.body.utf8)
        return QuarantinedMessage(
            queue: queue.name,
            body: body,
            bodyHash: .sha256(body),
            code: code,
            reason: reason,
            delivery: delivery
        )
    }

    private func poll(_ handle: @Sendable ([QueueMessage]) async -> [MessageReceipt]) async {
        while !Task.isCancelled {
            do {
                let pause = gate.withLock { $0.pause(now: environment.monotonicNow()) }
                if pause > .zero { try await environment.sleep(for: pause) }
                if isPaused() {
                    try await environment.sleep(for: Self.pausedLook)
                    continue
                }
                if await mustWait() {
                    note(succeeded: false)
                    continue
                }
                let messages = try await queue.receive(limit: settings.batch, wait: settings.wait)
                guard !messages.isEmpty else { continue }
                let finished = await handle(messages)
                let isHandled = finished.count == messages.count
                isDoubted.withLock { $0 = !isHandled }
                note(succeeded: isHandled)
                await delete(finished)
            } catch let error as QueueError {
                guard error.code != .cancelled else { return }
                note(succeeded: false)
                outcomes.add(.queueUnavailable)
                logger.warning(
                    "messages not received",
                    metadata: ["queue": "\(queue.name)", "error": "\(error)"]
                )
            } catch {
                return  // Cancelled while it slept.
            }
        }
    }

    /// The last messages could not be handled, and others could not be either.
    private func mustWait() async -> Bool {
        guard isDoubted.withLock({ $0 }), environment.mutation != .receivedUnasked else { return false }
        return await !isStoreReached()
    }

    private func note(succeeded: Bool) {
        let now = environment.monotonicNow()
        let jitter = environment.randomFraction()
        gate.withLock { gate in
            if succeeded { gate.succeeded() } else { gate.failed(now: now, jitter: jitter) }
        }
    }

    /// A message that is not deleted comes again and is recognised: no error but a little work.
    private func delete(_ receipts: [MessageReceipt]) async {
        guard !receipts.isEmpty else { return }
        do {
            let left = try await queue.delete(receipts)
            guard !left.isEmpty else { return }
            _ = try await queue.delete(left)
        } catch {
            outcomes.add(.queueUnavailable)
            logger.info(
                "finished messages not deleted, they come again",
                metadata: ["queue": "\(queue.name)", "error": "\(error)"]
            )
        }
    }
}
