import Testing
import WaybillCluster
import WaybillCore
import WaybillPorts
import WaybillSimulation

/// Messages wait in their queue while what they are written to is away, however long: after twenty receives SQS would move
/// them to the dead-letter queue.
@Suite(.serialized) struct OutageTests {
    private static let outage = Duration.seconds(3600)

    @Test func ordersWaitForTheDatabase() throws {
        let world = TestWorld(seed: 11)
        let isCut = Switch(true)
        for number in 1...30 { world.orders.send(TestWorld.order("A-\(number)")) }
        try world.run(limit: Self.outage * 3) {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world, ingestStore: FaultyStore(store: world.store, isCut: isCut))
                group.addTask { await worker.run() }
                _ = await world.eventually(within: Self.outage) { false }
                #expect(world.lostOrders.isEmpty)
                #expect(await world.records().isEmpty)
                isCut.isOn = false
                #expect(await world.eventually(within: .seconds(120)) { await world.records().count == 30 })
                worker.shutDown()
            }
        }
    }

    @Test func eventsWaitForTheRecord() throws {
        let isCut = Switch(false)
        let world = TestWorld(
            seed: 12,
            ledgerFault: { _ in isCut.isOn ? .before(LedgerError(.unanswered, "no route")) : nil }
        )
        world.orders.send(TestWorld.order("A-1"))
        try world.run(limit: Self.outage * 3) {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world)
                group.addTask { await worker.run() }
                #expect(await world.eventually { !world.mailer.acceptances.isEmpty })
                isCut.isOn = true
                for acceptance in world.mailer.acceptances { world.publishSend(acceptance) }
                _ = await world.eventually(within: Self.outage) { false }
                #expect(world.deadLetters.isEmpty)
                #expect(!world.feedback.isEmpty)
                isCut.isOn = false
                #expect(await world.eventually(within: .seconds(120)) { world.feedback.isEmpty })
                #expect(await world.record("A-1")?.facts[.sent] != nil)
                worker.shutDown()
            }
        }
    }
}
