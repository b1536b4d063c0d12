import Testing
import WaybillAWS
import WaybillCore
import WaybillPorts

@Suite struct LocalSignatureTests {
    private static let missing = "nobody-has-this"

    @Test func aWrongSecretIsRefusedByEveryService() async throws {
        try await LocalAWS.run(variables: ["AWS_SECRET_ACCESS_KEY": "wrong"]) { local in
            let setup = local.services.setup()
            let calls: [(String, () async throws -> Void)] = [
                ("sns", { _ = try await setup.topic(named: Self.missing) }),
                ("sqs", { _ = try await setup.address(ofQueue: Self.missing) }),
                ("dynamodb", { _ = try await setup.deliveriesTable(named: Self.missing) }),
                ("ses", { _ = try await setup.configurationSet(named: Self.missing) }),
            ]
            for (service, call) in calls {
                let error = await #expect(throws: AWSError.self) { try await call() }
                #expect(error?.kind == .accessDenied, "\(service): \(String(describing: error))")
            }
        }
    }

    @Test(arguments: [Duration.seconds(-600), .seconds(600)])
    func anEmailOrAClaimSignedAtAnotherTimeIsRefused(_ distance: Duration) async throws {
        try await LocalAWS.run { local in
            let table = LocalAWS.name("deliveries")
            _ = try await local.services.setup().deliveriesTable(named: table)
            let signedAt = SystemEnvironment(skew: .zero).wallNow() + distance
            let sample = try SampleTransitions()
            let ledger = local.services.ledger(table: table)
            let error = await #expect(throws: LedgerError.self) {
                try await ledger.apply(sample.all[0], to: sample.id, now: signedAt, signedAt: signedAt)
            }
            #expect(error?.code == .signatureExpired)
            #expect(try await ledger.read(sample.id, now: signedAt) == nil)

            let set = LocalAWS.name("set")
            _ = try await local.services.setup().configurationSet(named: set)
            var email = try SESMailerTests.email()
            email.delivery = DeliveryID(order: try #require(OrderID(LocalAWS.name("order"))))
            email.signedAt = signedAt
            guard case .refused(let refusal) = await local.services.mailer(configurationSet: set).send(email) else {
                Issue.record("not refused")
                return
            }
            #expect(refusal.reason == .signatureExpired)
            #expect(try await local.acceptances(of: email.delivery) == 0)
        }
    }

    @Test(arguments: [Duration.seconds(3600), .seconds(-3600)])
    func aClockThatIsFarOffIsLearnedFromTheRefusal(_ skew: Duration) async throws {
        try await LocalAWS.run(skew: skew) { local in
            _ = try await local.services.setup().topic(named: LocalAWS.name("topic"))
            let left = local.services.clock.now() - SystemEnvironment(skew: .zero).wallNow()
            #expect(abs(left.fractionalSeconds) < 3)
            #expect(abs((local.services.clock.offset + skew).fractionalSeconds) < 3)
        }
    }

    @Test func whatIsHardToSignIsSignedAsTheServiceReadsIt() async throws {
        try await LocalAWS.run { local in
            let setup = local.services.setup()
            let set = LocalAWS.name("set")
            let topic = try await setup.topic(named: LocalAWS.name("topic"))
            #expect(try await setup.configurationSet(named: set) == .created)
            // The second call puts the destination's name into the path, percent-encoded.
            for outcome in [AWSSetup.Outcome.created, .reused] {
                #expect(try await setup.eventDestination(named: "a-b_c", of: set, topicARN: topic) == outcome)
            }
        }
    }

    @Test func aWriteReportsItsUnits() async throws {
        try await LocalAWS.run { local in
            let table = LocalAWS.name("deliveries")
            _ = try await local.services.setup().deliveriesTable(named: table)
            let sample = try SampleTransitions()
            let ledger = local.services.ledger(table: table)
            let now = SystemEnvironment(skew: .zero).wallNow()
            for transition in [sample.all[0], sample.all[0]] {
                _ = try await ledger.apply(transition, to: sample.id, now: now, signedAt: nil)
            }
            _ = try await ledger.read(sample.id, now: now)
            let written = local.usage.sums
            #expect(written[UsageKey(.dynamoDBWriteUnits, of: table)] == 2000, "the second is refused and billed")
            #expect(written[UsageKey(.dynamoDBWriteUnits, of: "\(table)/byEmail")] == 1000)
            #expect(local.usage[.dynamoDBReadUnits].allSatisfy { $0 > 0 })
            #expect(!local.usage[.dynamoDBReadUnits].isEmpty)
        }
    }
}
