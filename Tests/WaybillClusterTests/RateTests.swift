import Testing
import WaybillCluster
import WaybillCore
import WaybillPorts
import WaybillSimulation

/// P4 where it counts: at SES, in virtual time.
@Suite(.serialized) struct RateTests {
    @Test func emailsThatCollectedBehindAStalledRecordLeaveInSlotsOfTheirOwn() throws {
        let world = TestWorld(seed: 1, limits: SendLimits(milliRate: 1000, burst: 1))
        let ledger = StalledLedger(world.ledger, world.loop, until: .seconds(20))
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world, senderLedger: ledger)
                group.addTask { await worker.run() }
                for number in 1...4 { world.orders.send(TestWorld.order("A-\(number)")) }
                #expect(await world.eventually { await world.counts().finished == 4 })
                #expect(worker.outcomes.take()[.slotDiscarded, default: 0] >= 4)
                worker.shutDown()
            }
        }
        let times = ledger.recordings
        #expect(times.count == 4)
        for (earlier, later) in zip(times, times.dropFirst()) {
            #expect(later - earlier >= .seconds(1) - SendSlots.latestUse)
        }
        #expect(world.mailer.requests.count == 4)
    }

    @Test func aClaimThatWaitsIsGivenBackWhenTheWorkerShutsDown() throws {
        let world = TestWorld(seed: 2, limits: SendLimits(milliRate: 1000, burst: 1))
        let ledger = StalledLedger(world.ledger, world.loop, until: .seconds(20))
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world, senderLedger: ledger)
                group.addTask { await worker.run() }
                world.orders.send(TestWorld.order("A-1"))
                #expect(await world.eventually { await world.counts().leased == 1 })
                worker.shutDown()
            }
        }
        #expect(world.mailer.requests.isEmpty)
        try world.run { #expect(await world.record("A-1")?.status == .pending) }
    }
}
