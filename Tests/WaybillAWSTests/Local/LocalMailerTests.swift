import Testing
import WaybillAWS
import WaybillConformance
import WaybillCore
import WaybillPorts

@Suite struct LocalMailerTests {
    @Test(arguments: MailerConformance.cases)
    func conforms(to demand: MailerConformance.Case) async throws {
        try await LocalAWS.run { local in
            let mail = try await LocalMail(local)
            try await demand.check(
                MailerSubject(
                    mailer: mail.mailer,
                    email: { try mail.email() },
                    fail: { delivery, fault in try await mail.fault(delivery, fault.control) },
                    acceptances: { Int(try await local.acceptances(of: $0)) }
                )
            )
        }
    }

    @Test func anAcceptedEmailComesBackAsEventsWithItsTags() async throws {
        try await LocalAWS.run { local in
            let mail = try await LocalMail(local)
            let email = try mail.email()
            guard case .accepted(let messageID) = await mail.mailer.send(email) else {
                Issue.record("not accepted")
                return
            }
            let events = try await mail.events(2)
            #expect(events.compactMap { $0["eventType"]?.text }.sorted() == ["Delivery", "Send"])
            for event in events {
                #expect(event["mail"]?["messageId"]?.text == messageID)
                #expect(event["mail"]?["tags"]?["delivery"] == [.string(email.delivery.tag)])
                #expect(event["mail"]?["tags"]?["attempt"] == [.string(email.attempt.description)])
            }
            #expect(try await local.acceptances(of: email.delivery) == 1)
            #expect(local.usage[.sesRecipients] == [1000])
        }
    }

    @Test(arguments: [
        ("reset", "after", 1), ("close", "after", 1), ("garbage", "after", 1), ("error", "after", 1),
        ("reset", "before", 0), ("close", "before", 0), ("error", "before", 0),
    ])
    func aLostAnswerIsUnknownAndTheRequestIsNotRepeated(
        _ kind: String,
        _ phase: String,
        _ acceptances: Int64
    ) async throws {
        try await LocalAWS.run { local in
            let mail = try await LocalMail(local)
            // The first email leaves a connection that the second one reuses.
            #expect(await mail.mailer.send(try mail.email()).isAccepted)
            let email = try mail.email()
            try await mail.fault(email, ["kind": .string(kind), "phase": .string(phase), "status": .number(503)])
            guard case .unknown = await mail.mailer.send(email) else {
                Issue.record("not unknown")
                return
            }
            #expect(try await local.acceptances(of: email.delivery) == acceptances)
            // The fault was for one request, so a second one would have been accepted.
            #expect(await mail.mailer.send(email).isAccepted)
            #expect(try await local.acceptances(of: email.delivery) == acceptances + 1)
        }
    }

    @Test func anUnknownConfigurationSetIsNotFound() async throws {
        try await LocalAWS.run { local in
            let email = try LocalMail.email()
            let outcome = await local.services.mailer(configurationSet: LocalAWS.name("nobody")).send(email)
            guard case .refused(let refusal) = outcome else {
                Issue.record("not refused: \(outcome)")
                return
            }
            #expect(refusal.reason == .notFound)
        }
    }

    @Test func theAccountIsRead() async throws {
        try await LocalAWS.run { local in
            let account = try await local.services.quotaSource().account()
            #expect(account.sendingEnabled)
            #expect(account.maxSendRate > 0)
            #expect(account.plan == .essentials)
        }
    }

    @Test func withNobodyListeningNotAByteIsWritten() async throws {
        // Port 1 of this machine: nothing is there.
        try await LocalAWS.run(variables: ["AWS_ENDPOINT_URL_SESV2": "http://127.0.0.1:1"]) { local in
            guard case .notWritten = await local.services.mailer(configurationSet: "any").send(try LocalMail.email())
            else {
                Issue.record("not told apart")
                return
            }
        }
    }
}

/// A configuration set whose events arrive in a queue.
private struct LocalMail {
    let local: LocalAWS
    let mailer: SESMailer
    private let queue: SQSMessageQueue

    init(_ local: LocalAWS) async throws {
        self.local = local
        let setup = local.services.setup()
        let topic = try await setup.topic(named: LocalAWS.name("feedback"))
        let address = try await local.makeQueue(visibility: .seconds(30), topicARNs: [topic])
        _ = try await setup.subscription(of: address.arn, to: topic, raw: true, deadLetterQueueARN: address.arn)
        try await setup.letSESPublish(to: topic, account: address.account)
        let set = LocalAWS.name("set")
        _ = try await setup.configurationSet(named: set)
        _ = try await setup.eventDestination(named: "events", of: set, topicARN: topic)
        mailer = local.services.mailer(configurationSet: set)
        queue = local.services.queue(url: address.url)
    }

    func email() throws -> OutgoingEmail { try Self.email() }

    static func email() throws -> OutgoingEmail {
        var email = try SESMailerTests.email()
        email.delivery = DeliveryID(order: try #require(OrderID(LocalAWS.name("order"))))
        email.recipient = "success+\(LocalAWS.name("x"))@simulator.amazonses.com"
        email.signedAt = SystemEnvironment(skew: .zero).wallNow()
        return email
    }

    func events(_ count: Int) async throws -> [JSON] {
        var events: [JSON] = []
        for _ in 1...count + 3 where events.count < count {
            for message in try await queue.receive(limit: 10, wait: .seconds(5)) {
                events.append(try JSON.parse(Array(message.body.utf8)))
            }
        }
        return events
    }

    /// One fault of SES for one delivery.
    func fault(_ email: OutgoingEmail, _ fault: JSON) async throws {
        try await self.fault(email.delivery, fault)
    }

    func fault(_ delivery: DeliveryID, _ fault: JSON) async throws {
        let narrowed: [JSON.Member] = [
            JSON.Member("service", "ses"), JSON.Member("operation", "SendEmail"), JSON.Member("count", .number(1)),
            JSON.Member("delivery", .string(delivery.description)),
        ]
        _ = try await local.control("POST", "/_local/faults", [.object(narrowed + (fault.members ?? []))])
    }
}

extension MailerSubject.Fault {
    /// For the local AWS's control endpoint.
    fileprivate var control: JSON {
        switch self {
        case .answerIsLost: ["kind": "reset", "phase": "after"]
        case .requestIsLost: ["kind": "reset", "phase": "before"]
        case .throttled:
            [
                "kind": "error", "status": .number(429), "type": "TooManyRequestsException",
                "message": "Maximum sending rate exceeded.",
            ]
        }
    }
}

extension MailerOutcome {
    fileprivate var isAccepted: Bool {
        switch self {
        case .accepted: true
        case .refused, .notWritten, .unknown: false
        }
    }
}
