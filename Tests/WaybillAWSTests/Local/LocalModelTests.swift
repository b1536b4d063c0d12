import Testing
import WaybillAWS
import WaybillConformance
import WaybillCore
import WaybillPorts
import WaybillSimulation

/// The services in memory, on which the simulation rests, answer as the local AWS does.
@Suite struct LocalModelTests {
    @Test func theLedgerInMemoryAnswersAsTheTable() async throws {
        try await LocalAWS.run { local in
            let comparison = ModelComparison<LedgerModel> {
                let table = LocalAWS.name("deliveries")
                _ = try await local.services.setup().deliveriesTable(named: table)
                return (LedgerModel(InMemoryDeliveryLedger()), LedgerModel(local.services.ledger(table: table)))
            }
            try await comparison.run(
                seeds: ModelSeeds.chosen(or: 1...3),
                operations: 300,
                generator: { SplitMix64(state: $0) }
            )
        }
    }

    @Test func theQueueInMemoryAnswersAsTheQueue() async throws {
        try await LocalAWS.run { local in
            let comparison = ModelComparison<QueueModel> { (Self.queueInMemory(), try await Self.queue(local)) }
            try await comparison.run(
                seeds: ModelSeeds.chosen(or: 1...8),
                operations: 150,
                generator: { SplitMix64(state: $0) }
            )
        }
    }

    private static func queueInMemory() -> QueueModel {
        func makeQueue(_ name: String, deadLetters: InMemoryMessageQueue?) -> InMemoryMessageQueue {
            InMemoryMessageQueue(
                name: name,
                visibility: QueueModel.visibility,
                deadLetters: deadLetters,
                maxReceiveCount: QueueModel.maxReceiveCount,
                now: { Timestamp(seconds: 1_800_000_000) },
                sleep: { _ in }
            )
        }
        let deadLetters = makeQueue("dead", deadLetters: nil)
        let queue = makeQueue("orders", deadLetters: deadLetters)
        return QueueModel(MessageQueueSubject(queue: queue, send: { queue.send($0) }), deadLetters: deadLetters)
    }

    private static func queue(_ local: LocalAWS) async throws -> QueueModel {
        let setup = local.services.setup()
        var settings = QueueSettings(visibility: QueueModel.visibility, retention: .seconds(7200))
        let dead = try await setup.queue(named: LocalAWS.name("dead"), settings).address
        settings.retention = .seconds(3600)
        settings.deadLetters = QueueSettings.DeadLetters(
            queueARN: dead.arn,
            maxReceiveCount: QueueModel.maxReceiveCount
        )
        let queue = local.services.queue(
            url: try await setup.queue(named: LocalAWS.name("queue"), settings).address.url
        )
        return QueueModel(
            MessageQueueSubject(queue: queue, send: { try await queue.send($0) }),
            deadLetters: local.services.queue(url: dead.url)
        )
    }
}
