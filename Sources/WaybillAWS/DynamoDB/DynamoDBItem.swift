package import WaybillCore

/// The delivery record as an item of the table: partition key `pk` is the order, sort key `sk` the kind of message.
enum DynamoDBItem {
    static let partitionKey = "pk"
    static let sortKey = "sk"

    static func value(_ value: RecordValue) -> JSON {
        switch value {
        case .text(let text): ["S": .string(text)]
        case .number(let number): ["N": .string(String(number))]
        }
    }

    static func key(_ id: DeliveryID) -> JSON {
        [partitionKey: value(.text(id.order.text)), sortKey: value(.text(id.kind.text))]
    }

    /// The key of an item, or nil when it is none of a delivery.
    static func id(_ item: JSON) -> DeliveryID? {
        guard let order = item[partitionKey]?["S"]?.text.flatMap({ OrderID($0) }),
            let kind = item[sortKey]?["S"]?.text.flatMap({ MessageKind($0) })
        else { return nil }
        return DeliveryID(order: order, kind: kind)
    }

    /// SES has accepted the email.
    static func isSent(_ item: JSON) -> Bool { item[RecordAttribute.fact(.sent).name] != nil }

    /// What DynamoDB counts an item of strings and numbers with: names and strings in UTF-8, of a number a byte for two
    /// digits and one more (DynamoDB Developer Guide, "DynamoDB item sizes and formats").
    static func bytes(_ item: JSON) -> Int64 {
        (item.members ?? []).reduce(0) { sum, member in
            let digits = member.value["N"]?.text.map { ($0.utf8.count + 1) / 2 + 1 } ?? 0
            let text = member.value["S"]?.text?.utf8.count ?? 0
            return sum + Int64(member.name.utf8.count + digits + text)
        }
    }

    /// The attributes that a record knows. Others are left alone: a newer version may have written them.
    static func attributes(_ item: JSON) throws(LedgerMappingError) -> RecordAttributes {
        var attributes: RecordAttributes = [:]
        for attribute in RecordAttribute.all {
            guard let stored = item[attribute.name] else { continue }
            if let text = stored["S"]?.text {
                attributes[attribute] = .text(text)
            } else if let number = stored["N"]?.text.flatMap({ Int64($0) }) {
                attributes[attribute] = .number(number)
            } else {
                throw LedgerMappingError("attribute \(attribute.name) is neither a string nor a whole number")
            }
        }
        return attributes
    }

    static func record(_ item: JSON) throws(LedgerMappingError) -> DeliveryRecord {
        guard let id = id(item) else { throw LedgerMappingError("an item without the key of a delivery") }
        return try record(id, attributes(item))
    }

    static func record(_ id: DeliveryID, _ attributes: RecordAttributes) throws(LedgerMappingError) -> DeliveryRecord {
        do throws(DeliveryRecordError) {
            return try DeliveryRecord(id: id, attributes: attributes)
        } catch {
            throw LedgerMappingError(error.description)
        }
    }
}

/// What DynamoDB holds is no delivery record.
struct LedgerMappingError: Error {
    let message: String

    init(_ message: String) {
        self.message = message
    }
}

extension RecordAttribute {
    /// Every attribute of a record.
    package static let all: [RecordAttribute] =
        [
            .status, .rank, .statusShard, .attemptID, .owner, .epoch, .signedAt, .messageID, .email, .payloadHash,
            .version, .createdAt, .updatedAt, .expiresAt, .reason, .template,
        ] + DeliveryFact.allCases.map { .fact($0) }
}
