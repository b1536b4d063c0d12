import Synchronization
import Testing
import WaybillCluster
import WaybillCore
import WaybillPorts
import WaybillSimulation

/// What SES publishes is paid for once, however often it arrives.
@Suite(.serialized) struct EventUseTests {
    private static let published = UsageKey(.snsRequests, of: "ses-feedback")

    @Test func anEventThatComesAgainWasPublishedOnce() throws {
        let isCut = Switch(false)
        let tries = Atomic(0)
        let world = TestWorld(
            seed: 21,
            ledgerFault: { _ in
                guard isCut.isOn else { return nil }
                tries.add(1, ordering: .relaxed)
                return .before(LedgerError(.unanswered, "no route"))
            }
        )
        world.orders.send(TestWorld.order("A-1"))
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world)
                group.addTask { await worker.run() }
                #expect(await world.eventually { !world.mailer.acceptances.isEmpty })
                isCut.isOn = true
                for acceptance in world.mailer.acceptances { world.publishSend(acceptance) }
                _ = await world.eventually(within: .seconds(120)) { false }
                isCut.isOn = false
                #expect(await world.eventually(within: .seconds(120)) { world.feedback.isEmpty })
                let told = worker.usage.take()
                // It was read more than once, or this shows nothing.
                #expect(tries.load(ordering: .relaxed) > 1)
                #expect(told[UsageKey(.events, of: "Send")] == 1)
                #expect(told[Self.published] == 1000)
                worker.shutDown()
            }
        }
    }

    @Test func eachBegun64KiBOfAMessageIsARequestAndOneThatCannotBeReadWasPublishedToo() throws {
        let world = TestWorld(seed: 22)
        for bytes in [1, 65_536, 65_537] { world.feedback.send(String(repeating: "x", count: bytes)) }
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world)
                group.addTask { await worker.run() }
                #expect(await world.eventually { await world.counts().quarantined == 3 })
                #expect(worker.usage.take()[Self.published] == 4000)
                worker.shutDown()
            }
        }
    }

    @Test(arguments: [false, true])
    func aMessageThatAnOperatorGivesBackWasPaidForWhenItCame(isReadable: Bool) throws {
        let world = TestWorld(seed: 23)
        if isReadable { world.publishSendOfNobody() } else { world.feedback.send("no event") }
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world)
                group.addTask { await worker.run() }
                #expect(await world.eventually { await world.counts().quarantined == 1 })
                let first = worker.usage.take()
                #expect(first[Self.published] == 1000)
                #expect(first[UsageKey(.events, of: "Send")] == (isReadable ? 1 : nil))
                let request = world.store.requestRequeue(of: 1, reason: "again")
                #expect(await world.result(request)?.isDone == false)
                let again = worker.usage.take()
                #expect(again[Self.published] == nil)
                #expect(again[UsageKey(.events, of: "Send")] == nil)
                worker.shutDown()
            }
        }
    }
}
