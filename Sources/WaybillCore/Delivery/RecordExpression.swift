/// An attribute of the delivery record. The raw value is its name in DynamoDB.
package enum RecordAttribute: Hashable, Sendable {
    case status, rank, statusShard, attemptID, owner, epoch, signedAt, messageID, email, payloadHash
    case version, createdAt, updatedAt, expiresAt, reason, template
    /// The earliest time of a fact.
    case fact(DeliveryFact)

    package var name: String {
        switch self {
        case .status: "status"
        case .rank: "rank"
        case .statusShard: "statusShard"
        case .attemptID: "attemptId"
        case .owner: "owner"
        case .epoch: "epoch"
        case .signedAt: "signedAt"
        case .messageID: "messageId"
        case .email: "email"
        case .payloadHash: "payloadHash"
        case .version: "version"
        case .createdAt: "createdAt"
        case .updatedAt: "updatedAt"
        case .expiresAt: "expiresAt"
        case .reason: "reason"
        case .template: "template"
        case .fact(let fact): "\(fact.rawValue)At"
        }
    }
}

/// A value of the delivery record: a string, or a whole number.
package enum RecordValue: Hashable, Sendable {
    case text(String)
    case number(Int64)
}

/// When a write may happen. The ledgers either render it as a DynamoDB ConditionExpression or evaluate it on a record
/// in memory, so both mean the same.
package indirect enum RecordCondition: Hashable, Sendable {
    /// `attribute_not_exists(pk)`.
    case itemAbsent
    /// `attribute_exists(pk)`.
    case itemExists
    case attributeAbsent(RecordAttribute)
    case equal(RecordAttribute, RecordValue)
    case less(RecordAttribute, RecordValue)
    case greater(RecordAttribute, RecordValue)
    case oneOf(RecordAttribute, [RecordValue])
    case all([RecordCondition])
    case any([RecordCondition])
}

/// One part of a write.
package enum RecordChange: Hashable, Sendable {
    case set(RecordAttribute, RecordValue)
    /// `if_not_exists`: an attribute that is there stays as it is.
    case setIfAbsent(RecordAttribute, RecordValue)
    case remove(RecordAttribute)
    /// `ADD`: a missing attribute counts as 0.
    case add(RecordAttribute, Int64)
}

/// A record as a table of attributes, without its key: what a condition looks at.
package typealias RecordAttributes = [RecordAttribute: RecordValue]

extension RecordCondition {
    /// Whether the condition holds for an item, nil when there is none. A comparison with a missing attribute, or with
    /// one of another type, is false (Amazon DynamoDB Developer Guide, "Condition and filter expressions").
    package func holds(for item: RecordAttributes?) -> Bool {
        switch self {
        case .itemAbsent: item == nil
        case .itemExists: item != nil
        case .attributeAbsent(let attribute): item?[attribute] == nil
        case .equal(let attribute, let value): item?[attribute] == value
        case .oneOf(let attribute, let values): item?[attribute].map { values.contains($0) } ?? false
        case .less(let attribute, let value): Self.isLess(item?[attribute], value)
        case .greater(let attribute, let value): Self.isLess(value, item?[attribute])
        case .all(let parts): parts.allSatisfy { $0.holds(for: item) }
        case .any(let parts): parts.contains { $0.holds(for: item) }
        }
    }

    private static func isLess(_ left: RecordValue?, _ right: RecordValue?) -> Bool {
        switch (left, right) {
        case (.number(let left), .number(let right)): left < right
        case (.text(let left), .text(let right)): left < right
        case (.number, .text), (.text, .number), (nil, _), (_, nil): false
        }
    }
}

extension [RecordChange] {
    /// The item after the write.
    package func applied(to item: RecordAttributes?) -> RecordAttributes {
        var item = item ?? [:]
        for change in self {
            switch change {
            case .set(let attribute, let value): item[attribute] = value
            case .setIfAbsent(let attribute, let value): item[attribute] = item[attribute] ?? value
            case .remove(let attribute): item[attribute] = nil
            case .add(let attribute, let amount):
                guard case .number(let number) = item[attribute] ?? .number(0) else {
                    preconditionFailure("ADD on \(attribute.name), which is not a number")
                }
                item[attribute] = .number(number + amount)
            }
        }
        return item
    }
}
