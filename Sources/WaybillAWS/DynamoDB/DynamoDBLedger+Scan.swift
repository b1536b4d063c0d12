import WaybillCore
package import WaybillPorts

extension DynamoDBLedger {
    package func scan(_ scan: LedgerScan) async throws(LedgerError) -> LedgerPage {
        guard (1...1000).contains(scan.limit) else {
            throw LedgerError(.rejected, "a page holds 1 to 1,000 records, not \(scan.limit)")
        }
        var members: [JSON.Member] = [
            JSON.Member("TableName", .string(table)),
            JSON.Member("ConsistentRead", .bool(true)),
            JSON.Member("Limit", .number(scan.limit)),
            JSON.Member("ReturnConsumedCapacity", "INDEXES"),
        ]
        if scan.openOnly {
            var expression = DynamoDBExpression()
            let open = [DeliveryStatus.pending, .sending].map { expression.alias(.text($0.name)) }
            let filter = "\(expression.alias(RecordAttribute.status.name)) IN (\(open.joined(separator: ", ")))"
            members.append(JSON.Member("FilterExpression", .string(filter)))
            members.append(JSON.Member("ExpressionAttributeNames", expression.attributeNames))
            if let values = expression.attributeValues {
                members.append(JSON.Member("ExpressionAttributeValues", values))
            }
        }
        if let after = scan.after {
            members.append(JSON.Member("ExclusiveStartKey", try PageToken.decode("scan", after)))
        }
        let answer = try await calls.read("Scan", .object(members))
        let items = answer["Items"]?.elements ?? []
        return LedgerPage(
            records: try items.map { item throws(LedgerError) in try Self.record(item) },
            next: answer["LastEvaluatedKey"].map { PageToken.encode("scan", $0) }
        )
    }
}
