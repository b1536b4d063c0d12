import Testing
import WaybillAWS
import WaybillCore
import WaybillPorts

/// What the adapters report against what the local AWS would bill, meter by meter and resource by resource.
@Suite struct LocalUsageTests {
    /// A body that takes two of 64 KiB.
    private static let large = String(repeating: "x", count: 70_000)

    @Test func theMetersAreTheBill() async throws {
        try await LocalAWS.run { local in
            let word = LocalAWS.name("usage")
            let arn = try await local.services.setup().topic(named: "\(word)-topic")
            let url = try await useQueue(word, local, topicARN: arn)
            try await useTopic(arn, local)
            try await useTable("\(word)-table", local)
            try await sendEmails("\(word)-set", local)
            let metrics = local.services.metrics(namespace: word)
            try await metrics.put([Metric("Sent", .single(1), .count)])
            try await metrics.put([Metric("Sent", .single(2), .count)])
            _ = try await local.services.queue(url: url).depth()

            let bill = try await bill(word, local)
            #expect(local.usage.sums == bill)
            // The comparison is of something: each kind of use is there.
            let units: (Meter, String) -> Int64 = { bill[UsageKey($0, of: "\(word)-\($1)")] ?? 0 }
            #expect(units(.sqsRequests, "queue") > 8000)
            #expect(units(.snsRequests, "topic") > 6000)
            #expect(units(.dynamoDBWriteUnits, "table") > 2000)
            #expect(units(.dynamoDBWriteUnits, "table/byEmail") > 0)
            #expect(units(.dynamoDBWriteUnits, "table/byStatus") > 0)
            #expect(units(.dynamoDBReadUnits, "table") > 0)
            #expect(units(.dynamoDBReadUnits, "table/byEmail") > 0)
            #expect(bill[UsageKey(.sesRecipients)] == 2000)
            #expect(bill[UsageKey(.cloudWatchRequests, of: word)] == 2000)
        }
    }

    /// Refusals and failed calls too: whoever answers below 500 is billed, the rest is not.
    @Test func whatIsRefusedIsBilledAsTheLocalAWSBillsIt() async throws {
        try await LocalAWS.run { local in
            let word = LocalAWS.name("usage")
            let address = try await local.services.setup().queue(
                named: "\(word)-queue",
                QueueSettings(visibility: .seconds(30), retention: .seconds(3600))
            ).address
            let queue = local.services.queue(url: address.url)
            _ = try await queue.delete([MessageReceipt("no receipt")])
            await #expect(throws: QueueError.self) {
                try await local.services.queue(url: "\(address.url)-gone").receive(limit: 1, wait: .zero)
            }
            let fault: [JSON] = [
                [
                    "kind": "error", "service": "sqs", "contains": .string(word), "count": .number(1),
                    "status": .number(503), "type": "ServiceUnavailable",
                ]
            ]
            _ = try await local.control("POST", "/_local/faults", .array(fault))
            #expect(try await queue.receive(limit: 1, wait: .zero).isEmpty, "the second attempt is answered")
            let arn = try await local.services.setup().topic(named: "\(word)-topic")
            await #expect(throws: AWSError.self) { try await local.services.topic(arn: "\(arn)-gone").publish("x") }
            await #expect(throws: LedgerError.self) {
                try await local.services.ledger(table: "\(word)-gone").read(SampleTransitions().id, now: .now)
            }
            #expect(local.usage.sums == (try await bill(word, local)))
        }
    }

    // MARK: - Use

    private func useQueue(_ word: String, _ local: LocalAWS, topicARN: String) async throws -> String {
        let setup = local.services.setup()
        let settings = QueueSettings(visibility: .seconds(30), retention: .seconds(3600), topicARNs: [topicARN])
        let address = try await setup.queue(named: "\(word)-queue", settings).address
        _ = try await setup.subscription(of: address.arn, to: topicARN, raw: true, deadLetterQueueARN: address.arn)
        let queue = local.services.queue(url: address.url)
        #expect(try await queue.receive(limit: 10, wait: .zero).isEmpty)
        try await queue.send(Self.large)
        try await queue.send("small")
        var received: [MessageReceipt] = []
        for _ in 1...5 where received.count < 2 {
            received += try await queue.receive(limit: 10, wait: .seconds(5)).map(\.receipt)
        }
        #expect(try await queue.extend(received, by: .seconds(60)).isEmpty)
        #expect(try await queue.delete(received).isEmpty)
        return address.url
    }

    private func useTopic(_ arn: String, _ local: LocalAWS) async throws {
        let topic = local.services.topic(arn: arn)
        _ = try await topic.publish("small")
        _ = try await topic.publish(Self.large)
        // Three requests: the first by its bytes, then ten, then the rest.
        _ = try await topic.publish(batch: Array(repeating: Self.large, count: 4) + (0..<12).map { "\($0)" })
    }

    private func useTable(_ name: String, _ local: LocalAWS) async throws {
        _ = try await local.services.setup().deliveriesTable(named: name)
        let sample = try SampleTransitions()
        let ledger = local.services.ledger(table: name)
        let now = SystemEnvironment(skew: .zero).wallNow()
        // The claim twice: the second is refused. Then evidence, which brings the record into the index of statuses.
        let claim = sample.all[0]
        for transition in [claim, claim] + sample.all.suffix(16) {
            _ = try await ledger.apply(transition, to: sample.id, now: now, signedAt: nil)
        }
        _ = try await ledger.read(sample.id, now: now)
        for key in [LedgerQuery.Key.order(sample.id.order), .email("jo@example.net"), .status("SENT")] {
            _ = try await ledger.query(LedgerQuery(key: key, limit: 10, now: now))
        }
        _ = try await ledger.scan(LedgerScan(openOnly: true, limit: 10))
    }

    private func sendEmails(_ set: String, _ local: LocalAWS) async throws {
        _ = try await local.services.setup().configurationSet(named: set)
        let mailer = local.services.mailer(configurationSet: set)
        // One to an address on the account's suppression list: accepted, and billed.
        let suppressed = "\(LocalAWS.name("ann"))@customer.example"
        _ = try await local.control("POST", "/_local/suppressions", [.string(suppressed)])
        for recipient in ["success@simulator.amazonses.com", suppressed, "no address"] {
            var email = try SESMailerTests.email()
            email.delivery = DeliveryID(order: try #require(OrderID(LocalAWS.name("order"))))
            email.recipient = recipient
            email.signedAt = SystemEnvironment(skew: .zero).wallNow()
            _ = await mailer.send(email)
        }
    }

    // MARK: - The bill

    /// What the local AWS counted for the resources whose names contain the word.
    private func bill(_ word: String, _ local: LocalAWS) async throws -> [UsageKey: Int64] {
        var bill: [UsageKey: Int64] = [:]
        for row in try await local.control("GET", "/_local/usage?resource=\(word)").elements ?? [] {
            let resource = try #require(row["resource"]?.text)
            for (key, thousandths) in try lines(row, resource) where thousandths != 0 {
                bill[key, default: 0] += thousandths
            }
        }
        return bill
    }

    private func lines(_ row: JSON, _ resource: String) throws -> [(UsageKey, Int64)] {
        let thousandths: (String) throws -> Int64 = { name in
            guard case .number(let digits)? = row[name] else { return try #require(nil, "no \(name)") }
            return Int64((try #require(Double(digits)) * 1000).rounded())
        }
        return switch row["service"]?.text {
        case "sqs": [(UsageKey(.sqsRequests, of: resource), try thousandths("chunks"))]
        case "sns": [(UsageKey(.snsRequests, of: resource), try thousandths("chunks"))]
        case "monitoring": [(UsageKey(.cloudWatchRequests, of: resource), try thousandths("requests"))]
        case "ses": [(UsageKey(.sesRecipients), try thousandths("recipients"))]
        case "dynamodb":
            [
                (UsageKey(.dynamoDBWriteUnits, of: resource), try thousandths("write_units")),
                (UsageKey(.dynamoDBReadUnits, of: resource), try thousandths("read_units")),
            ]
        default: try #require(nil, "a row of another service: \(row)")
        }
    }
}

extension Timestamp {
    fileprivate static var now: Timestamp { SystemEnvironment(skew: .zero).wallNow() }
}
