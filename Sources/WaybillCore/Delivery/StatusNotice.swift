/// What the shop is told: a delivery reached a status. There is one for each delivery and rank; a repeat has the same id.
/// It names no address.
package struct StatusNotice: Hashable, Sendable {
    package var delivery: DeliveryID
    package var status: DeliveryStatus
    /// When, as far as was known when it was noted.
    package var at: Timestamp
    package var messageID: String?

    package init(delivery: DeliveryID, status: DeliveryStatus, at: Timestamp, messageID: String?) {
        self.delivery = delivery
        self.status = status
        self.at = at
        self.messageID = messageID
    }

    /// What an event says, whatever the record says beside it: the events of a delivery come in any order, so the reader
    /// goes by the highest rank.
    package init(_ evidence: DeliveryEvidence, of delivery: DeliveryID) {
        self.init(delivery: delivery, status: evidence.fact.status, at: evidence.at, messageID: evidence.messageID)
    }

    /// What the end of a job says: the decision not to send, or that SES accepted it. What came after the acceptance
    /// is for the events to tell, each with its time. Nil for a status that ends no job.
    package static func settled(
        _ delivery: DeliveryID,
        status name: String,
        messageID: String?,
        at time: Timestamp
    ) -> StatusNotice? {
        guard let known = DeliveryStatus.allCases.first(where: { $0.name == name && $0.endsJob }) else { return nil }
        let status = known.isDecidedAgainst ? known : .sent
        return StatusNotice(delivery: delivery, status: status, at: time, messageID: messageID)
    }

    /// The same for every repeat, and for no other notice.
    package var id: String { "\(delivery)#\(status.rank)" }

    /// `ops/schema/delivery-status.v1.json`.
    package var json: JSON {
        var members = [
            JSON.Member("id", .string(id)), JSON.Member("orderId", .string(delivery.order.text)),
            JSON.Member("kind", .string(delivery.kind.text)), JSON.Member("status", .string(status.name)),
            JSON.Member("rank", .number(status.rank)), JSON.Member("at", .string(at.rfc3339)),
        ]
        if let messageID { members.append(JSON.Member("messageId", .string(messageID))) }
        return .object(members)
    }
}
