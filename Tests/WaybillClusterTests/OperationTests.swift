import Testing
import WaybillCluster
import WaybillCore
import WaybillPorts
import WaybillSimulation

/// Pause, cancel, stale orders, leadership and recovery, in virtual time.
@Suite(.serialized) struct OperationTests {
    @Test func whatWaitsDuringAPauseCanBeCancelledAndTheRestGoesAfterIt() throws {
        let world = TestWorld(seed: 1)
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world)
                group.addTask { await worker.run() }
                await world.pause()
                for order in ["A-1", "A-2"] { world.orders.send(TestWorld.order(order)) }
                #expect(await world.eventually { await world.counts().ready == 2 })
                let cancel = world.store.request(.cancel, world.delivery("A-1"), reason: "a test order")
                #expect(await world.result(cancel)?.isDone == true)
                #expect(await world.record("A-1")?.status == .closed)
                #expect(world.mailer.requests.isEmpty)
                await world.resume()
                #expect(await world.eventually { await world.counts().finished == 2 })
                let late = world.store.request(.cancel, world.delivery("A-2"), reason: "too late")
                #expect(await world.result(late)?.isDone == false)
                worker.shutDown()
            }
            #expect(world.mailer.acceptances.map(\.email.delivery.order.text) == ["A-2"])
        }
    }

    @Test func anOrderThatIsTooOldIsHeldUntilAnOperatorReleasesIt() throws {
        let world = TestWorld(seed: 2, policy: DeliveryPolicy(maximumAge: .seconds(3600)))
        world.orders.send(TestWorld.order("A-1"))
        try world.run {
            _ = await world.eventually(within: .seconds(3700)) { false }
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world)
                group.addTask { await worker.run() }
                #expect(await world.eventually { await world.counts().held == 1 })
                world.orders.send(TestWorld.order("A-2"))
                #expect(await world.eventually { await world.counts().finished == 1 })
                #expect(world.mailer.acceptances.map(\.email.delivery.order.text) == ["A-2"])
                let release = world.store.request(.release, world.delivery("A-1"), reason: "it is still wanted")
                #expect(await world.result(release)?.isDone == true)
                #expect(await world.eventually { await world.counts().finished == 2 })
                worker.shutDown()
            }
        }
    }

    @Test func anOldOrderIsSentWhenTheSettingSaysSo() throws {
        let policy = DeliveryPolicy(maximumAge: .seconds(3600), staleOrders: .send)
        let world = TestWorld(seed: 3, policy: policy)
        world.orders.send(TestWorld.order("A-1"))
        try world.run {
            _ = await world.eventually(within: .seconds(3700)) { false }
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world)
                group.addTask { await worker.run() }
                #expect(await world.eventually { await world.counts().finished == 1 })
                #expect(worker.outcomes.take()[.stale] == 1)
                worker.shutDown()
            }
        }
    }

    @Test(arguments: UInt64(1)...10)
    func whenTheLeaderDiesAnotherLeadsWithinFifteenSeconds(seed: UInt64) throws {
        let world = TestWorld(seed: seed)
        try world.run {
            await withDiscardingTaskGroup { group in
                let survivor = TestWorker(world)
                let victim = TestWorker(world)
                await withTaskGroup(of: Void.self) { inner in
                    inner.addTask { await victim.run() }
                    #expect(await world.eventually { world.leader != nil })
                    group.addTask { await survivor.run() }
                    _ = await world.eventually(within: .seconds(20)) { false }
                    #expect(world.leader?.holder == victim.board.registered)
                    inner.cancelAll()
                }
                let first = world.leader
                let died = world.loop.monotonicNow()
                let isReplaced = await world.eventually(within: .seconds(20)) {
                    world.leader?.holder == survivor.board.registered
                }
                #expect(isReplaced)
                #expect(world.loop.monotonicNow() - died <= .seconds(15))
                #expect(first == nil || world.leader?.term ?? Term(0) > first?.term ?? Term(0))
                survivor.shutDown()
            }
        }
    }

    @Test func afterTheDatabaseIsLostRecoveryLetsNothingGoTwice() throws {
        let world = TestWorld(seed: 5)
        let restored = TestWorld(sharing: world)
        for number in 1...10 { world.orders.send(TestWorld.order("A-\(number)")) }
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world)
                group.addTask { await worker.run() }
                #expect(await world.eventually { await world.counts().finished == 10 })
                worker.shutDown()
            }
            // A new database, in which nothing is known and epochs begin again.
            let recovery = Recovery(
                store: restored.store,
                ledger: restored.ledger,
                rate: restored.rate,
                feed: restored.feedback,
                environment: restored.loop,
                policy: restored.policy
            )
            do {
                let report = try await recovery.run(patience: .seconds(600)) { _ in }
                #expect(report.isSendingAgain)
                #expect(report.highestEpoch >= Epoch(10))
            } catch {
                Issue.record(error)
            }
            #expect(await restored.hold == nil)
            for number in 1...10 { restored.orders.send(TestWorld.order("A-\(number)")) }
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(restored)
                group.addTask { await worker.run() }
                #expect(await restored.eventually { await restored.counts().finished == 10 })
                worker.shutDown()
            }
            #expect(world.mailer.acceptances.count == 10)
        }
    }

    @Test func aRecordWithoutAJobGetsItsJobBack() throws {
        let losing = Switch(true)
        let world = TestWorld(seed: 6, mail: { _ in losing.isOn ? .notWritten : .accept })
        world.orders.send(TestWorld.order("A-1"))
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world)
                group.addTask { await worker.run() }
                #expect(await world.eventually { await world.record("A-1")?.status == .pending })
                worker.shutDown()
            }
            losing.isOn = false
            let empty = TestWorld(sharing: world)
            let scan = RecordScan(store: empty.store, ledger: empty.ledger, policy: empty.policy, minimumAge: .zero)
            do {
                let report = try await scan.repair()
                #expect(report.lost == [world.delivery("A-1")])
                #expect(report.putBack.isEmpty)
            } catch {
                Issue.record(error)
            }
        }
    }
}

extension OperationTests {
    @Test func withoutALeaderTheFirstSenderSetsACautiousRate() throws {
        let world = TestWorld(seed: 7, limits: nil)
        world.orders.send(TestWorld.order("A-1"))
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world)
                group.addTask { await worker.run() }
                #expect(await world.eventually { await world.counts().finished == 1 })
                worker.shutDown()
            }
            #expect(await world.limit == 1000)
        }
    }
}
