import Testing
import WaybillAWS
import WaybillCore
import WaybillPorts

@Suite struct LocalSetupTests {
    @Test func everythingIsMadeOnceAndThenReused() async throws {
        try await LocalAWS.run { local in
            let names = (0..<6).map { LocalAWS.name("setup\($0)") }
            var outcomes: [[AWSSetup.Outcome]] = []
            var addresses: Set<String> = []
            for visibility in [Duration.seconds(30), .seconds(60)] {
                let setup = local.services.setup()
                let topic = try await setup.topic(named: names[0])
                let dead = try await setup.queue(
                    named: names[1],
                    QueueSettings(visibility: visibility, retention: .seconds(14 * 86_400), topicARNs: [topic])
                )
                let settings = QueueSettings(
                    visibility: visibility,
                    retention: .seconds(4 * 86_400),
                    deadLetters: .init(queueARN: dead.address.arn, maxReceiveCount: 20),
                    topicARNs: [topic]
                )
                let queue = try await setup.queue(named: names[2], settings)
                let subscription = try await setup.subscription(
                    of: queue.address.arn,
                    to: topic,
                    raw: true,
                    deadLetterQueueARN: dead.address.arn
                )
                try await setup.letSESPublish(to: topic, account: queue.address.account)
                let set = try await setup.configurationSet(named: names[3])
                let destination = try await setup.eventDestination(named: "events", of: names[3], topicARN: topic)
                // The emulator does not say that an identity was there, as SES does.
                _ = try await setup.emailIdentity("\(names[4])@example.com")
                let table = try await setup.deliveriesTable(named: names[5])
                outcomes.append([dead.outcome, queue.outcome, set, destination, table])
                addresses.insert("\(topic) \(queue.address) \(subscription)")
            }
            #expect(outcomes[0].allSatisfy { $0 == .created }, "\(outcomes[0])")
            #expect(outcomes[1].allSatisfy { $0 == .reused }, "\(outcomes[1])")
            #expect(addresses.count == 1)
        }
    }

    @Test func aQueueThatIsNotThereHasNoAddress() async throws {
        try await LocalAWS.run { local in
            let address = try await local.services.setup().address(ofQueue: LocalAWS.name("nobody"))
            #expect(address == nil)
        }
    }
}
