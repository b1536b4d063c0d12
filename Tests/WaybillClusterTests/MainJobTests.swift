import Testing
import WaybillCluster
import WaybillCore
import WaybillPorts
import WaybillSimulation

/// The way of an order through the real actors, in virtual time.
/// One after the other: a run keeps its thread of the test runner until it ends.
@Suite(.serialized) struct MainJobTests {
    @Test(arguments: UInt64(1)...20)
    func everyOrderIsSentOnceByThreeWorkers(seed: UInt64) throws {
        let world = TestWorld(seed: seed)
        for number in 1...60 { world.orders.send(TestWorld.order("A-\(number)")) }
        try world.run {
            await withDiscardingTaskGroup { group in
                let workers = (0..<3).map { _ in TestWorker(world) }
                for worker in workers { group.addTask { await worker.run() } }
                let isDone = await world.eventually { await world.counts().finished == 60 }
                let counts = await world.counts()
                #expect(isDone, "seed \(seed): \(counts)")
                for worker in workers { worker.shutDown() }
            }
            #expect(world.mailer.acceptances.count == 60)
            #expect(Set(world.mailer.acceptances.map(\.email.delivery)).count == 60)
            #expect(await world.record("A-1")?.status == .sent)
            #expect(await world.counts().workers == 0)
            #expect(world.orders.currentDepth == QueueDepth(visible: 0, inFlight: 0, delayed: 0))
        }
    }

    @Test func aRepeatedOrderIsOneEmailAndAnotherUnderItsIdAConflict() throws {
        let world = TestWorld(seed: 3)
        for _ in 1...10 { world.orders.send(TestWorld.order("A-1")) }
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world)
                group.addTask { await worker.run() }
                #expect(await world.eventually { await world.counts().finished >= 1 })
                world.orders.send(TestWorld.order("A-1", total: "99.00"))
                #expect(await world.eventually { await world.counts().quarantined == 1 })
                world.orders.send(TestWorld.order("A-1"))
                #expect(await world.eventually { await world.counts().finished == 2 })
                #expect(await world.eventually { await world.counts().ready + world.counts().leased == 0 })
                worker.shutDown()
            }
            #expect(world.mailer.acceptances.count == 1)
        }
    }

    @Test func whatIsNoOrderIsQuarantinedAndTheGoodOrdersOfItsBatchGoThrough() throws {
        let world = TestWorld(seed: 4)
        world.orders.send("not json")
        world.orders.send(TestWorld.order("A-1"))
        world.orders.send(#"{"orderId":"A-2"}"#)
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world)
                group.addTask { await worker.run() }
                #expect(await world.eventually { await world.counts().finished == 1 })
                #expect(await world.eventually { await world.counts().quarantined == 2 })
                worker.shutDown()
            }
        }
    }

    @Test func aLostAnswerIsNeverSentAgainAndEndsUnconfirmedWithoutEvidence() throws {
        let world = TestWorld(seed: 5, mail: { _ in .acceptAndLoseAnswer })
        world.orders.send(TestWorld.order("A-1"))
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world)
                group.addTask { await worker.run() }
                #expect(await world.eventually { await world.counts().inDoubt == 1 })
                #expect(await world.record("A-1")?.status == .sending)
                #expect(await world.eventually(within: .seconds(3600)) { await world.counts().unconfirmed == 1 })
                #expect(await world.record("A-1")?.status == .unconfirmed)
                worker.shutDown()
            }
            #expect(world.mailer.acceptances.count == 1)
        }
    }

    @Test func aClaimWhoseAnswerIsLostIsRecognisedAsItsOwn() throws {
        let lost = LostOnce()
        let world = TestWorld(
            seed: 6,
            ledgerFault: { call in
                guard case .apply(.claim, _) = call, lost.isFirst() else { return nil }
                return .after(LedgerError(.unanswered, "the answer was lost"))
            }
        )
        world.orders.send(TestWorld.order("A-1"))
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world)
                group.addTask { await worker.run() }
                #expect(await world.eventually { await world.counts().finished == 1 })
                #expect(worker.outcomes.take()[.ownClaimRecognised] == 1)
                worker.shutDown()
            }
            #expect(world.mailer.acceptances.count == 1)
        }
    }

    @Test func jobsWhoseClaimWasCommittedAndNotAnsweredAreSentByTheWorkerThatLives() throws {
        let world = TestWorld(seed: 8)
        for number in 1...5 { world.orders.send(TestWorld.order("A-\(number)")) }
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world, senderStore: FaultyStore(store: world.store, losesFirstClaim: true))
                group.addTask { await worker.run() }
                let isDone = await world.eventually { await world.counts().finished == 5 }
                let counts = await world.counts()
                #expect(isDone, "\(counts)")
                #expect(worker.outcomes.take()[.claimsRecalled, default: 0] >= 1)
                worker.shutDown()
            }
            #expect(world.mailer.acceptances.count == 5)
        }
    }

    @Test(arguments: UInt64(1)...20)
    func aWorkerThatDiesLeavesItsJobsToTheOthersAndNothingIsSentTwice(seed: UInt64) throws {
        let world = TestWorld(seed: seed)
        for number in 1...40 { world.orders.send(TestWorld.order("A-\(number)")) }
        try world.run {
            await withDiscardingTaskGroup { group in
                let survivor = TestWorker(world)
                let victim = TestWorker(world)
                group.addTask { await survivor.run() }
                group.addTask {
                    await withTaskGroup(of: Void.self) { inner in
                        inner.addTask { await victim.run() }
                        _ = await world.eventually { world.mailer.acceptances.count > 5 }
                        inner.cancelAll()
                    }
                }
                let isDone = await world.eventually(within: .seconds(3600)) {
                    let counts = await world.counts()
                    return counts.finished + counts.unconfirmed == 40
                }
                let counts = await world.counts()
                #expect(isDone, "seed \(seed): \(counts)")
                survivor.shutDown()
            }
            let deliveries = world.mailer.acceptances.map(\.email.delivery)
            #expect(Set(deliveries).count == deliveries.count)
        }
    }

    @Test func aRefusalOfTheMessageFailsItAndAThrottleSendsItLater() throws {
        let once = LostOnce()
        let world = TestWorld(
            seed: 8,
            mail: { email in
                if email.delivery.order.text == "BAD" {
                    return .refuse(MailerRefusal(reason: .message, type: "T", message: "m", requestID: "r"))
                }
                guard once.isFirst() else { return .accept }
                return .refuse(MailerRefusal(reason: .throttled, type: "T", message: "m", requestID: "r"))
            }
        )
        world.orders.send(TestWorld.order("BAD"))
        world.orders.send(TestWorld.order("A-1"))
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world)
                group.addTask { await worker.run() }
                #expect(await world.eventually { await world.counts().finished == 2 })
                #expect(await world.record("BAD")?.status == .failed)
                #expect(await world.record("A-1")?.status == .sent)
                worker.shutDown()
            }
        }
    }

    @Test func theSameSeedGivesTheSameRun() throws {
        var runs: [[String]] = []
        for _ in 1...2 {
            let world = TestWorld(seed: 11)
            for number in 1...20 { world.orders.send(TestWorld.order("A-\(number)")) }
            try world.run {
                await withDiscardingTaskGroup { group in
                    let workers = (0..<2).map { _ in TestWorker(world) }
                    for worker in workers { group.addTask { await worker.run() } }
                    #expect(await world.eventually { await world.counts().finished == 20 })
                    for worker in workers { worker.shutDown() }
                }
            }
            runs.append(world.mailer.requests.map { "\($0.delivery) \($0.attempt) \($0.signedAt.microseconds)" })
        }
        #expect(runs[0] == runs[1])
    }
}
