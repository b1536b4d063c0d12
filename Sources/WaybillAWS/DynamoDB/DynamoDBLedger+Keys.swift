import WaybillCore
import WaybillPorts

// The queries by order and by address: one partition each, DynamoDB's own paging.
extension DynamoDBLedger {
    /// How many pages of DynamoDB a page here may take when all their records' time to live is over.
    static let mostEmptyPages = 10
    /// BatchGetItem takes at most 100 keys.
    private static let batchSize = 100
    /// How often the keys that a batch left over are asked for again.
    private static let mostLeftovers = 8

    func records(of order: OrderID, _ query: LedgerQuery) async throws(LedgerError) -> LedgerPage {
        try await pages("order", query) { start throws(LedgerError) in
            var expression = DynamoDBExpression()
            let condition =
                "\(expression.alias(DynamoDBItem.partitionKey)) = \(expression.alias(.text(order.text)))"
            let answer = try await ask(condition, expression, limit: query.limit, start: start) {
                $0.append(JSON.Member("ConsistentRead", .bool(true)))
            }
            return (try answer.items.map { item throws(LedgerError) in try Self.record(item) }, answer.next)
        }
    }

    /// The index holds keys alone, to cost one unit for each email instead of one for each change; the records are
    /// fetched by them.
    func records(to email: String, _ query: LedgerQuery) async throws(LedgerError) -> LedgerPage {
        try await pages("email", query) { start throws(LedgerError) in
            var expression = DynamoDBExpression()
            var condition =
                "\(expression.alias(RecordAttribute.email.name)) = \(expression.alias(.text(email)))"
            condition += expression.within(query.times, of: .createdAt)
            let answer = try await ask(condition, expression, limit: query.limit, start: start) {
                $0.append(JSON.Member("IndexName", .string(Self.emailIndex)))
                $0.append(JSON.Member("ScanIndexForward", .bool(false)))
            }
            let ids = answer.items.compactMap { DynamoDBItem.id($0) }
            let found = try await fetch(ids)
            return (ids.compactMap { found[$0] }, answer.next)
        }
    }

    /// Asks for pages until one has a record that is not expired.
    private func pages(
        _ kind: String,
        _ query: LedgerQuery,
        _ next: (JSON?) async throws(LedgerError) -> (records: [DeliveryRecord], next: JSON?)
    ) async throws(LedgerError) -> LedgerPage {
        var start = try query.after.map { token throws(LedgerError) in try PageToken.decode(kind, token) }
        var records: [DeliveryRecord] = []
        for _ in 1...Self.mostEmptyPages {
            let page = try await next(start)
            records = page.records.filter { $0.expiresAt > query.now }
            start = page.next
            guard records.isEmpty, start != nil else { break }
        }
        return LedgerPage(records: records, next: start.map { PageToken.encode(kind, $0) })
    }

    /// One Query.
    func ask(
        _ keyCondition: String,
        _ expression: DynamoDBExpression,
        limit: Int,
        start: JSON?,
        _ more: (inout [JSON.Member]) -> Void
    ) async throws(LedgerError) -> (items: [JSON], next: JSON?) {
        var members: [JSON.Member] = [
            JSON.Member("TableName", .string(table)),
            JSON.Member("KeyConditionExpression", .string(keyCondition)),
            JSON.Member("ExpressionAttributeNames", expression.attributeNames),
            JSON.Member("Limit", .number(limit)),
            JSON.Member("ReturnConsumedCapacity", "INDEXES"),
        ]
        if let values = expression.attributeValues {
            members.append(JSON.Member("ExpressionAttributeValues", values))
        }
        if let start { members.append(JSON.Member("ExclusiveStartKey", start)) }
        more(&members)
        let answer = try await calls.read("Query", .object(members))
        return (answer["Items"]?.elements ?? [], answer["LastEvaluatedKey"])
    }

    private func fetch(_ ids: [DeliveryID]) async throws(LedgerError) -> [DeliveryID: DeliveryRecord] {
        var records: [DeliveryID: DeliveryRecord] = [:]
        for start in stride(from: 0, to: ids.count, by: Self.batchSize) {
            let batch = ids[start..<min(start + Self.batchSize, ids.count)]
            for record in try await fetchBatch(batch.map { DynamoDBItem.key($0) }) { records[record.id] = record }
        }
        return records
    }

    private func fetchBatch(_ keys: [JSON]) async throws(LedgerError) -> [DeliveryRecord] {
        var records: [DeliveryRecord] = []
        var keys = keys
        for attempt in 1...Self.mostLeftovers {
            let wanted: JSON = ["Keys": .array(keys), "ConsistentRead": .bool(true)]
            let body: JSON = [
                "RequestItems": .object([JSON.Member(table, wanted)]), "ReturnConsumedCapacity": "INDEXES",
            ]
            let answer = try await calls.read("BatchGetItem", body)
            for item in answer["Responses"]?[table]?.elements ?? [] { records.append(try Self.record(item)) }
            keys = answer["UnprocessedKeys"]?[table]?["Keys"]?.elements ?? []
            guard !keys.isEmpty else { return records }
            try await calls.sleep(for: .milliseconds(50 * attempt))
        }
        throw LedgerError(.unavailable, "DynamoDB left over \(keys.count) keys of a batch, again and again")
    }
}

extension DynamoDBExpression {
    /// The condition on the sort key, to be appended; empty when every time will do. DynamoDB takes one for a key.
    mutating func within(
        _ times: LedgerTimes,
        of attribute: RecordAttribute,
        newest: Int64? = nil
    ) -> String {
        let (first, last) = times.bounds
        let newest = min(last, newest ?? .max)
        guard first > 0 || newest < .max else { return "" }
        // An empty span has to be written as one that DynamoDB takes, and that finds nothing: no record is that old.
        let (low, high) = first <= newest ? (first, newest) : (-1, -1)
        let time = alias(attribute.name)
        return " AND \(time) BETWEEN \(alias(.number(low))) AND \(alias(.number(high)))"
    }
}
