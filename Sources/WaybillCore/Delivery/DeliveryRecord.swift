/// The record of one delivery, as DynamoDB holds it. DynamoDB decides; every other copy is a hint.
package struct DeliveryRecord: Hashable, Sendable {
    package var id: DeliveryID
    package var status: DeliveryStatus
    /// The attempt that claimed it last, if any did.
    package var attempt: AttemptID?
    package var owner: WorkerID?
    /// The epoch of the claim that wrote it last; 0 when none did.
    package var epoch: Epoch
    /// The SigV4 time of the last attempt's SES request.
    package var signedAt: Timestamp?
    package var messageID: String?
    package var email: String
    package var payloadHash: PayloadHash
    /// The earliest time of each fact.
    package var facts: [DeliveryFact: Timestamp]
    /// Why it FAILED, was SUPPRESSED or CLOSED, or is UNCONFIRMED.
    package var reason: String?
    /// The name and version of the template that rendered it.
    package var template: String?
    package var createdAt: Timestamp
    package var updatedAt: Timestamp
    /// DynamoDB deletes the item some time after this (TTL counts whole seconds).
    package var expiresAt: Timestamp
    /// Rises by one with every write.
    package var version: Int64
}

/// A stored item that is no delivery record: which attribute, and what was expected.
package struct DeliveryRecordError: Error, Hashable, Sendable, CustomStringConvertible {
    package let id: DeliveryID
    package let attribute: String
    package let expected: String

    package init(id: DeliveryID, attribute: String, expected: String) {
        self.id = id
        self.attribute = attribute
        self.expected = expected
    }

    package var description: String { "record \(id): attribute \(attribute) is not \(expected)" }
}

extension DeliveryRecord {
    /// Reads a stored item.
    package init(id: DeliveryID, attributes: RecordAttributes) throws(DeliveryRecordError) {
        let reader = AttributeReader(id: id, attributes: attributes)
        let name = try reader.text(.status)
        guard let status = DeliveryStatus(name: name, rank: Int(try reader.number(.rank))) else {
            throw reader.error(.status, "a known status that fits its rank")
        }
        guard let hash = PayloadHash(try reader.text(.payloadHash)) else {
            throw reader.error(.payloadHash, "64 hexadecimal digits")
        }
        self.id = id
        self.status = status
        attempt = try reader.optional(.attemptID, "32 hexadecimal digits") { AttemptID($0) }
        owner = try reader.optional(.owner, "a UUID") { WorkerID($0) }
        epoch = Epoch(try reader.optionalNumber(.epoch) ?? 0)
        signedAt = try reader.optionalNumber(.signedAt).map { Timestamp(seconds: $0) }
        messageID = try reader.optionalText(.messageID)
        email = try reader.text(.email)
        payloadHash = hash
        var facts: [DeliveryFact: Timestamp] = [:]
        for fact in DeliveryFact.allCases {
            facts[fact] = try reader.optionalNumber(.fact(fact)).map { Timestamp(microseconds: $0) }
        }
        self.facts = facts
        reason = try reader.optionalText(.reason)
        template = try reader.optionalText(.template)
        createdAt = Timestamp(microseconds: try reader.number(.createdAt))
        updatedAt = Timestamp(microseconds: try reader.number(.updatedAt))
        expiresAt = Timestamp(seconds: try reader.number(.expiresAt))
        version = try reader.number(.version)
    }
}

private struct AttributeReader {
    let id: DeliveryID
    let attributes: RecordAttributes

    func error(_ attribute: RecordAttribute, _ expected: String) -> DeliveryRecordError {
        DeliveryRecordError(id: id, attribute: attribute.name, expected: expected)
    }

    func optionalText(_ attribute: RecordAttribute) throws(DeliveryRecordError) -> String? {
        switch attributes[attribute] {
        case .text(let text): text
        case nil: nil
        case .number: throw error(attribute, "a string")
        }
    }

    func optionalNumber(_ attribute: RecordAttribute) throws(DeliveryRecordError) -> Int64? {
        switch attributes[attribute] {
        case .number(let number): number
        case nil: nil
        case .text: throw error(attribute, "a number")
        }
    }

    func text(_ attribute: RecordAttribute) throws(DeliveryRecordError) -> String {
        guard let text = try optionalText(attribute) else { throw error(attribute, "there") }
        return text
    }

    func number(_ attribute: RecordAttribute) throws(DeliveryRecordError) -> Int64 {
        guard let number = try optionalNumber(attribute) else { throw error(attribute, "there") }
        return number
    }

    func optional<Value>(
        _ attribute: RecordAttribute,
        _ expected: String,
        read: (String) -> Value?
    ) throws(DeliveryRecordError) -> Value? {
        guard let text = try optionalText(attribute) else { return nil }
        guard let value = read(text) else { throw error(attribute, expected) }
        return value
    }
}
