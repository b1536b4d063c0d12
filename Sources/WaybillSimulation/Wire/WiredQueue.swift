import WaybillCore
import WaybillPorts

/// An SQS queue as a process sees it.
struct WiredQueue: MessageQueue {
    let link: ServiceLink
    let queue: SimulatedQueue
    let mutation: Mutation?
    /// Asked when a message is deleted: is what it says durable?
    let check: @Sendable (String) -> Void

    var name: String { queue.name }

    func receive(limit: Int, wait: Duration) async throws(QueueError) -> [QueueMessage] {
        let (queue, name) = (queue, name)
        let messages: [QueueMessage] = try await link.callLater(
            timeout: wait + link.timeout,
            used: { [.request(.sqsRequests, of: name, bytes: $0.reduce(0) { $0 + $1.body.utf8.count })] },
            fault: fault
        ) { answer in
            queue.receive(limit: limit, wait: wait) { answer(.success($0)) }
        }
        if mutation == .deletedBeforeDurable, !messages.isEmpty { _ = try await delete(messages.map(\.receipt)) }
        return messages
    }

    func delete(_ receipts: [MessageReceipt]) async throws(QueueError) -> [MessageReceipt] {
        let (queue, check) = (queue, check)
        return try await call {
            for body in receipts.compactMap(queue.body) { check(body) }
            queue.delete(receipts)
            return []
        }
    }

    func extend(_ receipts: [MessageReceipt], by visibility: Duration) async throws(QueueError) -> [MessageReceipt] {
        let queue = queue
        return try await call { queue.extend(receipts, by: visibility) }
    }

    func depth() async throws(QueueError) -> QueueDepth {
        let queue = queue
        return try await call { queue.depth() }
    }

    private func call<Value: Sendable>(_ effect: @escaping @Sendable () -> Value) async throws(QueueError) -> Value {
        let name = name
        return try await link.call(
            { () throws(QueueError) in effect() },
            used: { _ in [.request(.sqsRequests, of: name)] },
            fault: fault
        )
    }

    private func fault(_ fault: WireFault) -> QueueError {
        switch fault {
        case .notReached, .unanswered: QueueError(.unavailable, "simulated: no answer")
        case .cancelled: QueueError(.cancelled, "simulated: cancelled")
        }
    }
}
