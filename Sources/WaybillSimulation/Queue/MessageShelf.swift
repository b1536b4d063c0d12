import WaybillCore
import WaybillPorts

/// The messages of one queue in memory, by the rules of SQS.
struct MessageShelf {
    struct Message {
        let id: String
        let body: String
        let sentAt: Timestamp
        var visibleAt: Timestamp
        var receiveCount = 0
    }

    private var messages: [Message] = []
    private var dead: [Message] = []
    private var nextNumber = 1

    mutating func put(_ body: String, at sentAt: Timestamp, visibleAt: Timestamp) {
        messages.append(Message(id: "message-\(nextNumber)", body: body, sentAt: sentAt, visibleAt: visibleAt))
        nextNumber += 1
    }

    /// It keeps its count, which is of all queues (SQS API, `ApproximateReceiveCount`).
    mutating func put(_ message: Message, visibleAt: Timestamp) {
        var message = message
        message.visibleAt = visibleAt
        messages.append(message)
    }

    /// Receives up to `limit` visible messages and hides them. One that was received `most` times dies instead.
    mutating func take(_ limit: Int, now: Timestamp, until: Timestamp, most: Int) -> [QueueMessage] {
        bury(now: now, most: most)
        var taken: [QueueMessage] = []
        for index in messages.indices where messages[index].visibleAt <= now && taken.count < limit {
            messages[index].receiveCount += 1
            messages[index].visibleAt = until
            taken.append(QueueMessage(messages[index]))
        }
        return taken
    }

    /// The messages that died since the last call.
    mutating func takeDead() -> [Message] {
        defer { dead = [] }
        return dead
    }

    /// SQS answers an old receipt with success and need not delete the message: here it never does.
    mutating func delete(_ receipt: MessageReceipt) {
        messages.removeAll { $0.receipt == receipt }
    }

    /// False when the receipt is not the newest of a message in flight.
    mutating func hide(_ receipt: MessageReceipt, now: Timestamp, until: Timestamp) -> Bool {
        guard let index = messages.firstIndex(where: { $0.receipt == receipt && $0.visibleAt > now }) else {
            return false
        }
        messages[index].visibleAt = until
        return true
    }

    /// Handed out, and visible all the same: SQS delivers at least once.
    mutating func show(_ receipt: MessageReceipt, at now: Timestamp) {
        guard let index = messages.firstIndex(where: { $0.receipt == receipt }) else { return }
        messages[index].visibleAt = now
    }

    func body(_ receipt: MessageReceipt) -> String? { messages.first { $0.receipt == receipt }?.body }

    var isEmpty: Bool { messages.isEmpty }

    func depth(now: Timestamp) -> QueueDepth {
        let hidden = messages.filter { $0.visibleAt > now }
        return QueueDepth(
            visible: messages.count - hidden.count,
            inFlight: hidden.count { $0.receiveCount > 0 },
            delayed: hidden.count { $0.receiveCount == 0 }
        )
    }

    private mutating func bury(now: Timestamp, most: Int) {
        dead += messages.filter { $0.visibleAt <= now && $0.receiveCount >= most }
        messages.removeAll { $0.visibleAt <= now && $0.receiveCount >= most }
    }
}

extension MessageShelf.Message {
    /// New with every receipt.
    var receipt: MessageReceipt { MessageReceipt("\(id)#\(receiveCount)") }
}

extension QueueMessage {
    fileprivate init(_ message: MessageShelf.Message) {
        self.init(
            id: message.id,
            receipt: message.receipt,
            body: message.body,
            receiveCount: message.receiveCount,
            sentAt: message.sentAt
        )
    }
}
