package import WaybillCore

/// A standard SQS queue: at least once, in no order.
package protocol MessageQueue: Sendable {
    /// For logs and for the quarantine: the queue's name.
    var name: String { get }

    /// Up to `limit` (1 to 10) messages, waiting up to `wait` (0 to 20 s) for the first.
    func receive(limit: Int, wait: Duration) async throws(QueueError) -> [QueueMessage]

    /// Deletes; returns the receipts that were not deleted and may be tried again.
    func delete(_ receipts: [MessageReceipt]) async throws(QueueError) -> [MessageReceipt]

    /// Hides the messages for so long from now; returns the receipts for which that failed.
    func extend(_ receipts: [MessageReceipt], by visibility: Duration) async throws(QueueError) -> [MessageReceipt]

    func depth() async throws(QueueError) -> QueueDepth
}

package struct MessageReceipt: Hashable, Sendable {
    package let handle: String

    package init(_ handle: String) {
        self.handle = handle
    }
}

package struct QueueMessage: Hashable, Sendable {
    package var id: String
    package var receipt: MessageReceipt
    package var body: String
    /// How often it has been received, this time included.
    package var receiveCount: Int
    /// When it was put into the queue; nil when the queue did not say.
    package var sentAt: Timestamp?

    package init(id: String, receipt: MessageReceipt, body: String, receiveCount: Int, sentAt: Timestamp?) {
        self.id = id
        self.receipt = receipt
        self.body = body
        self.receiveCount = receiveCount
        self.sentAt = sentAt
    }
}

/// Approximate numbers, as SQS gives them.
package struct QueueDepth: Hashable, Sendable {
    package var visible: Int
    package var inFlight: Int
    package var delayed: Int

    package init(visible: Int, inFlight: Int, delayed: Int) {
        self.visible = visible
        self.inFlight = inFlight
        self.delayed = delayed
    }
}

package struct QueueError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        /// Try again later.
        case unavailable
        /// The queue is not there, or access is denied: an operator must act.
        case rejected
        case cancelled
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { "queue \(code.rawValue): \(message)" }
}
