package import WaybillCore

/// Renders conditions and changes as DynamoDB expressions. Every name stands behind an alias, because many good names
/// are reserved words (`status`).
package struct DynamoDBExpression {
    private var names: [String: String] = [:]
    private var values: [RecordValue: String] = [:]

    package init() {}

    /// `ExpressionAttributeNames`.
    package var attributeNames: JSON {
        .object(names.sorted { $0.value < $1.value }.map { JSON.Member($0.value, .string($0.key)) })
    }

    /// `ExpressionAttributeValues`; nil when there are none, which DynamoDB would refuse as an empty object.
    package var attributeValues: JSON? {
        guard !values.isEmpty else { return nil }
        return .object(values.sorted { $0.value < $1.value }.map { JSON.Member($0.value, DynamoDBItem.value($0.key)) })
    }

    package mutating func condition(_ condition: RecordCondition) -> String {
        switch condition {
        case .itemAbsent: "attribute_not_exists(\(alias(DynamoDBItem.partitionKey)))"
        case .itemExists: "attribute_exists(\(alias(DynamoDBItem.partitionKey)))"
        case .attributeAbsent(let attribute): "attribute_not_exists(\(alias(attribute.name)))"
        case .equal(let attribute, let value): "\(alias(attribute.name)) = \(alias(value))"
        case .less(let attribute, let value): "\(alias(attribute.name)) < \(alias(value))"
        case .greater(let attribute, let value): "\(alias(attribute.name)) > \(alias(value))"
        case .oneOf(let attribute, let values):
            "\(alias(attribute.name)) IN (\(values.map { alias($0) }.joined(separator: ", ")))"
        case .all(let parts): joined(parts, " AND ")
        case .any(let parts): joined(parts, " OR ")
        }
    }

    /// An UpdateExpression: at most one clause of each kind, as DynamoDB demands.
    package mutating func update(_ changes: [RecordChange]) -> String {
        var sets: [String] = []
        var removes: [String] = []
        var adds: [String] = []
        for change in changes {
            switch change {
            case .set(let attribute, let value):
                sets.append("\(alias(attribute.name)) = \(alias(value))")
            case .setIfAbsent(let attribute, let value):
                let name = alias(attribute.name)
                sets.append("\(name) = if_not_exists(\(name), \(alias(value)))")
            case .remove(let attribute):
                removes.append(alias(attribute.name))
            case .add(let attribute, let amount):
                adds.append("\(alias(attribute.name)) \(alias(.number(amount)))")
            }
        }
        let clauses = [("SET", sets), ("REMOVE", removes), ("ADD", adds)].filter { !$0.1.isEmpty }
        return clauses.map { "\($0.0) \($0.1.joined(separator: ", "))" }.joined(separator: " ")
    }

    package mutating func alias(_ name: String) -> String {
        if let alias = names[name] { return alias }
        let alias = "#n\(names.count)"
        names[name] = alias
        return alias
    }

    package mutating func alias(_ value: RecordValue) -> String {
        if let alias = values[value] { return alias }
        let alias = ":v\(values.count)"
        values[value] = alias
        return alias
    }

    private mutating func joined(_ parts: [RecordCondition], _ separator: String) -> String {
        let rendered = parts.map { condition($0) }
        return "(\(rendered.joined(separator: separator)))"
    }
}
