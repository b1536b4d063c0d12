import Testing
import WaybillAWS
import WaybillCore
import WaybillPorts

@Suite struct AWSContractTableTests {
    /// As many workers as ever race for one order, and more.
    private static let sockets = 50
    private static let rounds = 20
    /// An index follows its table within a fraction of a second, seldom later.
    private static let mostLooks = 60
    private static let pauseBetweenLooks = Duration.milliseconds(500)

    @Test func ofFiftySocketsExactlyOneWinsAConditionalWrite() async throws {
        try await AWSContractEndpoint.run(.oneWinner) { endpoint in
            let table = try await endpoint.makeTable()
            for round in 1...Self.rounds {
                let delivery = try ContractDelivery(now: endpoint.environment.wallNow())
                let outcomes = try await Self.race(for: delivery, table, endpoint)
                let winners = outcomes.filter { $0.applied }.map(\.attempt)
                #expect(winners.count == 1, "round \(round): \(winners.count) winners")
                let record = try await endpoint.services.ledger(table: table).read(delivery.id, now: delivery.now)
                #expect(record?.attempt == winners.first, "round \(round): another than the winner is recorded")
                #expect(outcomes.allSatisfy { $0.seen == record?.attempt }, "round \(round): a loser saw another item")
            }
        }
    }

    private struct Runner: Sendable {
        let attempt: AttemptID
        let applied: Bool
        /// The attempt in the record that came with the answer.
        let seen: AttemptID?
    }

    /// Every runner on a socket of its own, all let go at the same moment.
    private static func race(
        for delivery: ContractDelivery,
        _ table: String,
        _ endpoint: AWSContractEndpoint
    ) async throws -> [Runner] {
        let ledger = try endpoint.services { StartingLine($0, runners: sockets) }.ledger(table: table)
        return try await withThrowingTaskGroup(of: Runner.self) { group in
            for number in 1...UInt64(sockets) {
                let claim = try delivery.claim(attempt: number)
                group.addTask {
                    let attempt = ContractDelivery.attempt(number)
                    switch try await ledger.apply(claim, to: delivery.id, now: delivery.now, signedAt: nil) {
                    case .applied(_, let after): return Runner(attempt: attempt, applied: true, seen: after.attempt)
                    case .refused(let there): return Runner(attempt: attempt, applied: false, seen: there?.attempt)
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    @Test func aWriteThatIsRepeatedAfterALostAnswerIsRecognised() async throws {
        try await AWSContractEndpoint.run(.ownWriteIsRecognised) { endpoint in
            let table = try await endpoint.makeTable()
            let delivery = try ContractDelivery(now: endpoint.environment.wallNow())
            let ledger = try endpoint.services { FirstAnswerIsLost($0) }.ledger(table: table)
            let claim = try delivery.claim(attempt: 7)
            let error = await #expect(throws: LedgerError.self) {
                try await ledger.apply(claim, to: delivery.id, now: delivery.now, signedAt: nil)
            }
            #expect(error?.code == .unanswered)
            let again = try await ledger.apply(claim, to: delivery.id, now: delivery.now, signedAt: nil)
            guard case .refused(let record) = again else {
                Issue.record("the second write was \(again): the first one had no effect")
                return
            }
            #expect(record?.attempt == ContractDelivery.attempt(7))
            #expect(record?.version == 1)
        }
    }

    @Test func queriesAndScansGiveEveryRecordOnceInPages() async throws {
        try await AWSContractEndpoint.run(.pagesAreComplete) { endpoint in
            let ledger = endpoint.services.ledger(table: try await endpoint.makeTable())
            let now = endpoint.environment.wallNow()
            let email = try ContractDelivery(now: now).email
            var ids: [DeliveryID] = []
            for second in 0..<7 {
                let delivery = try ContractDelivery(email: email, now: now + .seconds(second))
                try await delivery.applied(try delivery.claim(), to: ledger)
                let sent = DeliveryEvidence(
                    fact: .sent,
                    at: delivery.now,
                    sentAt: delivery.now,
                    messageID: "m-\(second)"
                )
                try await delivery.applied(.record(sent), to: ledger)
                ids.append(delivery.id)
            }
            let scanned = try await Self.pages {
                try await ledger.scan(LedgerScan(openOnly: false, limit: 3, after: $0))
            }
            #expect(scanned.sorted() == ids.map(\.description).sorted())
            for key in [LedgerQuery.Key.email(email), .status("SENT")] {
                let newestFirst = Array(ids.reversed().map(\.description))
                let found = try await Self.look(endpoint, until: newestFirst) {
                    try await ledger.query(LedgerQuery(key: key, limit: 3, after: $0, now: now))
                }
                #expect(found == newestFirst, "\(key)")
            }
        }
    }

    /// The deliveries of all pages, in order; each page has three at most.
    private static func pages(_ page: (String?) async throws -> LedgerPage) async throws -> [String] {
        var (ids, next): ([String], String?) = ([], nil)
        repeat {
            let answer = try await page(next)
            #expect(answer.records.count <= 3)
            ids += answer.records.map(\.id.description)
            next = answer.next
        } while next != nil
        return ids
    }

    /// Indexes are eventually consistent: looks until they have followed.
    private static func look(
        _ endpoint: AWSContractEndpoint,
        until expected: [String],
        _ page: (String?) async throws -> LedgerPage
    ) async throws -> [String] {
        var found: [String] = []
        for _ in 1...mostLooks {
            found = try await pages(page)
            if found == expected { break }
            try await endpoint.environment.sleep(for: pauseBetweenLooks)
        }
        return found
    }

    @Test func theTableExpiresItemsByTheirAttributeAndReadsFilterThem() async throws {
        try await AWSContractEndpoint.run(.expiredItemsAreStillThere) { endpoint in
            let table = try await endpoint.makeTable()
            let describe = AWSRequest.json("DynamoDB_20120810", "DescribeTimeToLive", ["TableName": .string(table)])
            let state = try await endpoint.call(.dynamodb, describe).json()["TimeToLiveDescription"]
            #expect(state?["AttributeName"]?.text == "expiresAt")
            #expect(["ENABLED", "ENABLING"].contains(state?["TimeToLiveStatus"]?.text))

            let ledger = endpoint.services.ledger(table: table)
            let now = endpoint.environment.wallNow()
            let delivery = try ContractDelivery(now: now - ContractDelivery.retention - .seconds(60))
            let record = try await delivery.applied(try delivery.claim(), to: ledger)
            #expect(record.expiresAt < now)
            // That it is still there shows that it is the reader who hides it.
            #expect(try await ledger.read(delivery.id, now: delivery.now) == record)
            #expect(try await ledger.read(delivery.id, now: now) == nil)
            let query = LedgerQuery(key: .order(delivery.id.order), limit: 10, now: now)
            #expect(try await ledger.query(query).records.isEmpty)
        }
    }
}
