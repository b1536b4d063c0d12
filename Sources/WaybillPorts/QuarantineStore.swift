package import WaybillCore

/// What could not be used, kept with its reason. Nothing is dropped.
package protocol QuarantineStore: Sendable {
    /// Keeps messages, durable when it returns. The key is (queue, SHA-256 of the body); a repeat counts up.
    func keep(_ messages: [QuarantinedMessage]) async throws(StoreError)

    func list(queue: String?, limit: Int) async throws(StoreError) -> [QuarantineEntry]

    /// One message, nil when it has left the quarantine.
    func entry(_ id: Int64) async throws(StoreError) -> QuarantineEntry?

    /// What was quarantined about one delivery, last seen first.
    func about(_ delivery: DeliveryID, limit: Int) async throws(StoreError) -> [QuarantineEntry]
}

package struct QuarantinedMessage: Hashable, Sendable {
    /// The queue under which a job store keeps what it took out of its own jobs (`JobSettlement.Verdict.conflict`).
    package static let jobsQueue = "jobs"
    /// The code of what contradicts an order that is already known.
    package static let conflictCode = "conflict"

    package var queue: String
    /// As received, byte for byte.
    package var body: [UInt8]
    /// SHA-256 of the body.
    package var bodyHash: PayloadHash
    /// Constant per kind of reason: `invalid-order`, `conflict`, `unknown-delivery`, ...
    package var code: String
    /// Every violation, one a line.
    package var reason: String
    package var delivery: DeliveryID?

    package init(
        queue: String,
        body: [UInt8],
        bodyHash: PayloadHash,
        code: String,
        reason: String,
        delivery: DeliveryID?
    ) {
        self.queue = queue
        self.body = body
        self.bodyHash = bodyHash
        self.code = code
        self.reason = reason
        self.delivery = delivery
    }
}

package struct QuarantineEntry: Hashable, Sendable {
    package var id: Int64
    package var message: QuarantinedMessage
    package var count: Int
    package var firstSeen: Timestamp
    package var lastSeen: Timestamp

    package init(id: Int64, message: QuarantinedMessage, count: Int, firstSeen: Timestamp, lastSeen: Timestamp) {
        self.id = id
        self.message = message
        self.count = count
        self.firstSeen = firstSeen
        self.lastSeen = lastSeen
    }
}
