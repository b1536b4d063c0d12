import WaybillCore

/// A delivery to talk about in tests.
struct DeliveryFixture {
    let id: DeliveryID
    let claim: DeliveryClaim
    let now = Timestamp(seconds: 1_800_000_000)

    init() {
        guard let order = OrderID("A-1") else { preconditionFailure("A-1 is an order id") }
        id = DeliveryID(order: order)
        claim = DeliveryClaim(
            subject: DeliverySubject(email: "a@example.com", payloadHash: Self.hash(1), retention: .seconds(86_400)),
            attempt: AttemptID(high: 1, low: 2),
            owner: WorkerID(high: 3, low: 4),
            epoch: Epoch(10),
            signedAt: Timestamp(seconds: 1_800_000_000),
            template: "t"
        )
    }

    static func hash(_ byte: UInt8) -> PayloadHash {
        guard let hash = PayloadHash(Array(repeating: byte, count: 32)) else { preconditionFailure("32 bytes") }
        return hash
    }

    func evidence(_ messageID: String) -> DeliveryEvidence {
        DeliveryEvidence(fact: .sent, at: now, sentAt: now, messageID: messageID)
    }

    /// A record in a status, under the fixture's claim.
    func record(_ status: DeliveryStatus, messageID: String? = nil) -> DeliveryRecord {
        var attributes = RecordTable.apply(.claim(claim), to: nil, id: id, now: now)
        attributes[.status] = .text(status.name)
        attributes[.rank] = .number(Int64(status.rank))
        attributes[.messageID] = messageID.map { .text($0) }
        do {
            return try DeliveryRecord(id: id, attributes: attributes)
        } catch {
            preconditionFailure("\(error)")
        }
    }

    func applied(_ status: DeliveryStatus, messageID: String? = nil) -> LedgerOutcome {
        .applied(before: nil, after: record(status, messageID: messageID))
    }
}

/// The table of one item, for tests of conditions.
enum RecordTable {
    static func apply(
        _ transition: DeliveryTransition,
        to item: RecordAttributes?,
        id: DeliveryID,
        now: Timestamp
    ) -> RecordAttributes {
        transition.changes(id: id, now: now).applied(to: item)
    }
}
