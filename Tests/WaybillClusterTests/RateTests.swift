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

    /// 400 ms a claim: more than the 250 that a slot may be used late, less than these and the 500 that it is handed out ahead.
    @Test func aSlowRecordCostsFewSlotsBecauseItsClaimsAreBegunBeforeTheirTime() throws {
        let world = TestWorld(seed: 3, limits: SendLimits(milliRate: 5000, burst: 1))
        let ledger = StalledLedger(world.ledger, world.loop, claimsTake: .milliseconds(400))
        try world.run {
            await withDiscardingTaskGroup { group in
                let workers = [TestWorker(world, senderLedger: ledger), TestWorker(world, senderLedger: ledger)]
                for worker in workers { group.addTask { await worker.run() } }
                for number in 1...60 { world.orders.send(TestWorld.order("A-\(number)")) }
                #expect(await world.eventually { await world.counts().finished == 60 })
                let discarded = workers.map { $0.outcomes.take()[.slotDiscarded, default: 0] }.reduce(0, +)
                #expect(discarded <= 15)
                for worker in workers { worker.shutDown() }
            }
        }
        let times = ledger.recordings
        #expect(times.count == 60)
        // The slots of 60 emails and of those that were given up, and no more than these.
        let took = try #require(times.last) - (try #require(times.first))
        #expect(took <= .seconds(60 + 15) / 4.85)
        #expect(took >= .seconds(59) / 5)
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
