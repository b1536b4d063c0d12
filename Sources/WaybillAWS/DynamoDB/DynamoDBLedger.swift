package import WaybillCore
package import WaybillPorts

/// The table `email-deliveries`: partition key `pk` = order id, sort key `sk` = kind of message, so that "by order" needs
/// no index; `byEmail` (email, createdAt) holds keys alone, `byStatus` (statusShard, updatedAt) whole items.
package struct DynamoDBLedger: DeliveryLedger {
    package static let emailIndex = "byEmail"
    package static let statusIndex = "byStatus"

    let table: String
    let calls: DynamoDBCalls

    package init(context: AWSContext, table: String) {
        self.table = table
        calls = DynamoDBCalls(context: context)
    }

    package func apply(
        _ transition: DeliveryTransition,
        to id: DeliveryID,
        now: Timestamp,
        signedAt: Timestamp?
    ) async throws(LedgerError) -> LedgerOutcome {
        let changes = transition.changes(id: id, now: now)
        let body = Self.updateItem(table: table, id: id, condition: transition.condition, changes: changes)
        switch try await calls.update(body, signedAt: signedAt) {
        case .refused(let item):
            return .refused(try item.map { item throws(LedgerError) in try Self.record(id, Self.attributes(item)) })
        case .applied(let item):
            let before = try item.map { item throws(LedgerError) in try Self.attributes(item) }
            return .applied(
                before: try before.map { before throws(LedgerError) in try Self.record(id, before) },
                after: try Self.record(id, changes.applied(to: before))
            )
        }
    }

    package func read(_ id: DeliveryID, now: Timestamp) async throws(LedgerError) -> DeliveryRecord? {
        let body: JSON = [
            "TableName": .string(table),
            "Key": DynamoDBItem.key(id),
            "ConsistentRead": .bool(true),
            "ReturnConsumedCapacity": "INDEXES",
        ]
        guard let item = try await calls.read("GetItem", body)["Item"] else { return nil }
        let record = try Self.record(id, Self.attributes(item))
        return record.expiresAt > now ? record : nil
    }

    package func query(_ query: LedgerQuery) async throws(LedgerError) -> LedgerPage {
        guard (1...1000).contains(query.limit) else {
            throw LedgerError(.rejected, "a page holds 1 to 1,000 records, not \(query.limit)")
        }
        switch query.key {
        case .order(let order): return try await records(of: order, query)
        case .email(let email): return try await records(to: email, query)
        case .status(let name): return try await records(in: name, query)
        }
    }

    /// The body of an UpdateItem.
    package static func updateItem(
        table: String,
        id: DeliveryID,
        condition: RecordCondition,
        changes: [RecordChange]
    ) -> JSON {
        var expression = DynamoDBExpression()
        let conditionText = expression.condition(condition)
        let updateText = expression.update(changes)
        var members: [JSON.Member] = [
            JSON.Member("TableName", .string(table)),
            JSON.Member("Key", DynamoDBItem.key(id)),
            JSON.Member("ConditionExpression", .string(conditionText)),
            JSON.Member("UpdateExpression", .string(updateText)),
            JSON.Member("ExpressionAttributeNames", expression.attributeNames),
            JSON.Member("ReturnValues", "ALL_OLD"),
            JSON.Member("ReturnValuesOnConditionCheckFailure", "ALL_OLD"),
            JSON.Member("ReturnConsumedCapacity", "INDEXES"),
        ]
        if let values = expression.attributeValues {
            members.append(JSON.Member("ExpressionAttributeValues", values))
        }
        return .object(members)
    }

    static func attributes(_ item: JSON) throws(LedgerError) -> RecordAttributes {
        do throws(LedgerMappingError) {
            return try DynamoDBItem.attributes(item)
        } catch {
            throw LedgerError(.malformedRecord, error.message)
        }
    }

    static func record(_ id: DeliveryID, _ attributes: RecordAttributes) throws(LedgerError) -> DeliveryRecord {
        do throws(LedgerMappingError) {
            return try DynamoDBItem.record(id, attributes)
        } catch {
            throw LedgerError(.malformedRecord, error.message)
        }
    }

    static func record(_ item: JSON) throws(LedgerError) -> DeliveryRecord {
        do throws(LedgerMappingError) {
            return try DynamoDBItem.record(item)
        } catch {
            throw LedgerError(.malformedRecord, error.message)
        }
    }
}
