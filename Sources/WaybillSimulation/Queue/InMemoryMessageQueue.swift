import Synchronization
package import WaybillCore
package import WaybillPorts

/// A standard SQS queue in memory: a received message is hidden for a while and comes back unless it is deleted. Only a
/// message's newest receipt counts, and a message received more often than the limit moves to the dead-letter queue.
package final class InMemoryMessageQueue: MessageQueue {
    /// How often an empty queue is looked at again during a long poll.
    package static let pollInterval = Duration.milliseconds(50)

    /// A call as a fault plan sees it.
    package enum Call: Hashable, Sendable {
        case receive, delete, extend, depth
    }

    package let name: String
    private let visibility: Duration
    private let deadLetters: InMemoryMessageQueue?
    private let maxReceiveCount: Int
    private let now: @Sendable () -> Timestamp
    private let sleep: @Sendable (Duration) async throws(CancellationError) -> Void
    private let fault: @Sendable (Call) -> QueueError?
    private let state = Mutex(MessageShelf())

    /// `now` is the queue's clock and `sleep` what a long poll waits with. `maxReceiveCount` counts only with
    /// `deadLetters`. `fault` is asked once a call.
    package init(
        name: String,
        visibility: Duration = .seconds(60),
        deadLetters: InMemoryMessageQueue? = nil,
        maxReceiveCount: Int = 20,
        now: @escaping @Sendable () -> Timestamp,
        sleep: @escaping @Sendable (Duration) async throws(CancellationError) -> Void,
        fault: @escaping @Sendable (Call) -> QueueError? = { _ in nil }
    ) {
        self.name = name
        self.visibility = visibility
        self.deadLetters = deadLetters
        self.maxReceiveCount = maxReceiveCount
        self.now = now
        self.sleep = sleep
        self.fault = fault
    }

    /// The queue in an environment's time.
    package convenience init(
        name: String,
        visibility: Duration = .seconds(60),
        deadLetters: InMemoryMessageQueue? = nil,
        maxReceiveCount: Int = 20,
        environment: any Environment,
        fault: @escaping @Sendable (Call) -> QueueError? = { _ in nil }
    ) {
        self.init(
            name: name,
            visibility: visibility,
            deadLetters: deadLetters,
            maxReceiveCount: maxReceiveCount,
            now: { environment.wallNow() },
            sleep: { duration throws(CancellationError) in try await environment.sleep(for: duration) },
            fault: fault
        )
    }

    /// Puts a message into the queue, visible after `delay`.
    package func send(_ body: String, delay: Duration = .zero) {
        let now = now()
        state.withLock { $0.put(body, at: now, visibleAt: now + delay) }
    }

    package func receive(limit: Int, wait: Duration) async throws(QueueError) -> [QueueMessage] {
        guard (1...10).contains(limit), wait >= .zero, wait <= .seconds(20) else {
            throw QueueError(.rejected, "1 to 10 messages within 0 to 20 s, not \(limit) within \(wait)")
        }
        try failIfPlanned(.receive)
        let deadline = now() + wait
        while true {
            let messages = take(limit)
            guard messages.isEmpty, now() < deadline else { return messages }
            do throws(CancellationError) {
                try await sleep(min(Self.pollInterval, deadline - now()))
            } catch {
                throw QueueError(.cancelled, "the long poll of \(name) was cancelled")
            }
        }
    }

    package func delete(_ receipts: [MessageReceipt]) async throws(QueueError) -> [MessageReceipt] {
        try failIfPlanned(.delete)
        state.withLock { shelf in
            for receipt in receipts { shelf.delete(receipt) }
        }
        return []
    }

    package func extend(
        _ receipts: [MessageReceipt],
        by visibility: Duration
    ) async throws(QueueError) -> [MessageReceipt] {
        try failIfPlanned(.extend)
        let now = now()
        return state.withLock { shelf in
            receipts.filter { !shelf.hide($0, now: now, until: now + visibility) }
        }
    }

    /// Everything that was sent is deleted.
    package var isEmpty: Bool { state.withLock { $0.isEmpty } }

    package func depth() async throws(QueueError) -> QueueDepth {
        try failIfPlanned(.depth)
        return currentDepth
    }

    /// The depth at this moment, as a test looks at it.
    package var currentDepth: QueueDepth {
        let now = now()
        return state.withLock { $0.depth(now: now) }
    }

    private func take(_ limit: Int) -> [QueueMessage] {
        let now = now()
        let most = deadLetters == nil ? Int.max : maxReceiveCount
        let (messages, dead) = state.withLock { shelf in
            (shelf.take(limit, now: now, until: now + visibility, most: most), shelf.takeDead())
        }
        for message in dead { deadLetters?.adopt(message) }
        return messages
    }

    /// A dead letter keeps its id and the time it was first sent, as in SQS.
    private func adopt(_ message: MessageShelf.Message) {
        let now = now()
        state.withLock { $0.put(message, visibleAt: now) }
    }

    private func failIfPlanned(_ call: Call) throws(QueueError) {
        if let error = fault(call) { throw error }
    }
}
