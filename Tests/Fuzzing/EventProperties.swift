import WaybillCore

/// Input: messages of the feedback queue, one a line. Their evidence goes into a record in both orders.
enum EventProperties {
    /// More would only repeat what a few show.
    private static let mostEvents = 6

    static func check(_ bytes: [UInt8]) {
        let lines = bytes.split(separator: UInt8(ascii: "\n")).prefix(mostEvents)
        let events = lines.compactMap { event(String(decoding: $0, as: UTF8.self)) }
        let evidence = events.flatMap(\.evidence)
        guard !evidence.isEmpty else { return }
        let there = RecordOfEvidence.after(evidence)
        let back = RecordOfEvidence.after(evidence.reversed() + evidence)
        require(there.status == back.status, "any order of events ends in the same status", "\(evidence)")
        require(there.earliest == back.earliest, "any order of events ends in the same facts", "\(evidence)")
    }

    private static func event(_ body: String) -> SESEvent? {
        let first = SESEventReader.read(queueBody: body)
        require(first == SESEventReader.read(queueBody: body), "reading an event twice gives the same")
        switch first {
        case .failure(let refusal):
            JSONProperties.requireReasons(refusal.violations)
            return nil
        case .success(.validationNotice):
            return nil
        case .success(.event(let event)):
            require(DeliveryID(tag: event.delivery.tag) == event.delivery, "a delivery's tag is read back", body)
            require(event.evidence.count <= 1, "an event proves one fact at most", body)
            return event
        }
    }
}

/// The record of one delivery that was claimed, and what the evidence machine writes into it.
private struct RecordOfEvidence {
    private var attributes: RecordAttributes = [
        .status: .text(DeliveryStatus.sending.name), .rank: .number(Int64(DeliveryStatus.sending.rank)),
        .email: .text("a@example.com"), .payloadHash: .text(String(repeating: "0", count: 64)),
        .createdAt: .number(0), .updatedAt: .number(0), .expiresAt: .number(0), .version: .number(1),
    ]

    static func after(_ evidence: [DeliveryEvidence]) -> DeliveryRecord {
        var item = Self()
        for piece in evidence { item.learn(piece) }
        return item.record
    }

    private mutating func learn(_ evidence: DeliveryEvidence) {
        let before = record
        var machine = EvidenceMachine(evidence)
        var action = machine.begin()
        while case .write(let transition) = action { action = machine.ledgerAnswered(write(transition)) }
        let after = record
        require(after.status.rank >= before.status.rank, "a status never goes back", "\(evidence)")
        require(after.status.isAccepted, "an email with evidence was accepted", "\(evidence)")
        require(after.facts[evidence.fact] != nil && after.facts[.sent] != nil, "a fact is kept", "\(evidence)")
        guard case .end(.known(let knowledge)) = action else { fail("a record that is there is known", "\(evidence)") }
        require(knowledge.status == after.status, "the evidence machine tells the status", "\(evidence)")
        require(knowledge.isNew == (before.facts[evidence.fact] == nil), "what is new is told", "\(evidence)")
    }

    private mutating func write(_ transition: DeliveryTransition) -> LedgerOutcome {
        let before = record
        guard transition.condition.holds(for: attributes) else { return .refused(before) }
        let changes = transition.changes(id: before.id, now: Timestamp(microseconds: 0))
        attributes = changes.applied(to: attributes)
        return .applied(before: before, after: record)
    }

    private var record: DeliveryRecord {
        guard let order = OrderID("A-1") else { fail("A-1 is an order's id", "") }
        do throws(DeliveryRecordError) {
            return try DeliveryRecord(id: DeliveryID(order: order), attributes: attributes)
        } catch {
            fail("a record with evidence can be read", error.description)
        }
    }
}

extension DeliveryRecord {
    /// The earliest times of all facts but `sent`, which is known to take the first of several contradicting times.
    fileprivate var earliest: [DeliveryFact: Timestamp] { facts.filter { $0.key != .sent } }
}
