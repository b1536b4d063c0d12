import WaybillCore
import WaybillPorts

extension AWSSetup {
    /// DynamoDB makes a table in some 10 s, and an index of an empty one with it.
    private static let tablePoll = Duration.seconds(1)
    private static let mostTablePolls = 120

    /// The table of delivery records, on demand, with both indexes and its time to live; returns when it can be used.
    package func deliveriesTable(named name: String) async throws(AWSError) -> Outcome {
        let request = DynamoDBCalls.request("CreateTable", Self.tableDefinition(name))
        let outcome = try await create(dynamoDB, request, thereIs: ["ResourceInUseException"])
        try await waitUntilActive(name)
        try await expireItems(of: name)
        return outcome
    }

    private static func tableDefinition(_ name: String) -> JSON {
        [
            "TableName": .string(name),
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [
                attribute(DynamoDBItem.partitionKey, "S"), attribute(DynamoDBItem.sortKey, "S"),
                attribute(RecordAttribute.email.name, "S"), attribute(RecordAttribute.createdAt.name, "N"),
                attribute(RecordAttribute.statusShard.name, "S"), attribute(RecordAttribute.updatedAt.name, "N"),
            ],
            "KeySchema": keys(DynamoDBItem.partitionKey, DynamoDBItem.sortKey),
            "GlobalSecondaryIndexes": [
                // Keys alone: one unit for each email, whatever happens to it later.
                [
                    "IndexName": .string(DynamoDBLedger.emailIndex),
                    "KeySchema": keys(RecordAttribute.email.name, RecordAttribute.createdAt.name),
                    "Projection": ["ProjectionType": "KEYS_ONLY"],
                ],
                // Every change moves the entry anyway, because updatedAt is its sort key, so it holds the whole item.
                [
                    "IndexName": .string(DynamoDBLedger.statusIndex),
                    "KeySchema": keys(RecordAttribute.statusShard.name, RecordAttribute.updatedAt.name),
                    "Projection": ["ProjectionType": "ALL"],
                ],
            ],
        ]
    }

    private static func attribute(_ name: String, _ type: String) -> JSON {
        ["AttributeName": .string(name), "AttributeType": .string(type)]
    }

    private static func keys(_ partition: String, _ sort: String) -> JSON {
        [
            ["AttributeName": .string(partition), "KeyType": "HASH"],
            ["AttributeName": .string(sort), "KeyType": "RANGE"],
        ]
    }

    private func waitUntilActive(_ name: String) async throws(AWSError) {
        for _ in 1...Self.mostTablePolls {
            let answer = try await dynamoDB.call(DynamoDBCalls.request("DescribeTable", ["TableName": .string(name)]))
            let table = try answer.json()["Table"]
            let indexes = table?["GlobalSecondaryIndexes"]?.elements ?? []
            let states = [table?["TableStatus"]?.text] + indexes.map { $0["IndexStatus"]?.text }
            if states.allSatisfy({ $0 == "ACTIVE" }) { return }
            do throws(CancellationError) {
                try await context.environment.sleep(for: Self.tablePoll)
            } catch {
                throw AWSError(.cancelled, "cancelled while the table \(name) is being made")
            }
        }
        throw AWSError(.unanswered, "the table \(name) is still not ACTIVE after two minutes", exposure: .maybeSent)
    }

    /// DynamoDB refuses to switch on what is on, so it is asked first.
    private func expireItems(of name: String) async throws(AWSError) {
        let describe = DynamoDBCalls.request("DescribeTimeToLive", ["TableName": .string(name)])
        let state = try await dynamoDB.call(describe).json()["TimeToLiveDescription"]?["TimeToLiveStatus"]?.text
        if state == "ENABLED" || state == "ENABLING" { return }
        let specification: JSON = [
            "AttributeName": .string(RecordAttribute.expiresAt.name), "Enabled": .bool(true),
        ]
        let body: JSON = ["TableName": .string(name), "TimeToLiveSpecification": specification]
        _ = try await dynamoDB.call(DynamoDBCalls.request("UpdateTimeToLive", body))
    }
}
