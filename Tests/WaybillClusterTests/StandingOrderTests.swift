import Testing
import WaybillCluster
import WaybillCore
import WaybillPorts
import WaybillSimulation

/// Drain, the pause of ingest, and messages that come back out of the quarantine, in virtual time.
@Suite(.serialized) struct StandingOrderTests {
    @Test func aWorkerThatIsAskedToDrainEndsByItselfAndTheOtherGoesOn() throws {
        let world = TestWorld(seed: 1)
        try world.run {
            await withDiscardingTaskGroup { group in
                let stays = TestWorker(world)
                group.addTask { await stays.run() }
                let started = world.loop.monotonicNow()
                await withDiscardingTaskGroup { inner in
                    let asked = TestWorker(world)
                    inner.addTask { await asked.run() }
                    #expect(await world.eventually { await world.counts().workers == 2 })
                    if let id = asked.board.registered { world.store.requestDrain(of: id) }
                }
                // A renewal to hear of it; long polls are cut short.
                #expect(world.loop.monotonicNow() - started < .seconds(10))
                let left = await world.counts().workers
                #expect(left == 1)
                world.orders.send(TestWorld.order("A-1"))
                #expect(await world.eventually { await world.counts().finished == 1 })
                stays.shutDown()
            }
        }
    }

    @Test func whatADrainingWorkerHasInHandIsFinished() throws {
        let world = TestWorld(seed: 2)
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world, renderer: SlowRenderer(world: world))
                group.addTask { await worker.run() }
                world.orders.send(TestWorld.order("A-1"))
                #expect(await world.eventually { await world.counts().leased == 1 })
                #expect(await world.eventually { world.inHand == [1] })
                if let id = worker.board.registered { world.store.requestDrain(of: id) }
            }
            #expect(world.mailer.acceptances.count == 1)
            #expect(await world.record("A-1")?.status == .sent)
            let counts = await world.counts()
            #expect((counts.finished, counts.leased, counts.workers) == (1, 0, 0))
        }
    }

    @Test func whileIngestIsPausedOrdersStayInTheirQueueAndJobsAreSent() throws {
        let world = TestWorld(seed: 3)
        world.orders.send(TestWorld.order("A-1"))
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world)
                await world.pause()
                group.addTask { await worker.run() }
                #expect(await world.eventually { await world.counts().ready == 1 })
                world.store.setIngest(paused: true)
                // A renewal, and the end of the long polls that are under way.
                _ = await world.eventually(within: .seconds(30)) { false }
                await world.resume()
                world.orders.send(TestWorld.order("A-2"))
                #expect(await world.eventually { await world.counts().finished == 1 })
                _ = await world.eventually(within: .seconds(60)) { false }
                #expect(await world.record("A-2") == nil)
                world.store.setIngest(paused: false)
                #expect(await world.eventually { await world.counts().finished == 2 })
                worker.shutDown()
            }
        }
    }
}

/// Takes longer than a worker takes to hear from operators.
private struct SlowRenderer: EmailRenderer {
    let world: TestWorld

    func render(_ order: Order) async throws(RenderError) -> RenderedEmail {
        _ = await world.eventually(within: .seconds(8)) { false }
        return try await PlainRenderer().render(order)
    }
}

extension TestWorld {
    /// What the workers say they have in hand.
    fileprivate var inHand: [Int?] {
        do {
            return try store.live().map(\.jobsInHand)
        } catch {
            preconditionFailure("the store in memory does not fail: \(error)")
        }
    }

    fileprivate func quarantined() -> [QuarantineEntry] {
        do {
            return try store.list(queue: nil, limit: 100)
        } catch {
            preconditionFailure("the store in memory does not fail: \(error)")
        }
    }

    fileprivate func keep(_ body: [UInt8], of queue: String) {
        let message = QuarantinedMessage(
            queue: queue,
            body: body,
            bodyHash: .sha256(body),
            code: "test",
            reason: "a test",
            delivery: nil
        )
        do {
            try store.keep([message])
        } catch {
            preconditionFailure("the store in memory does not fail: \(error)")
        }
    }
}

extension StandingOrderTests {
    @Test func aMessageThatIsGoodByNowGoesItsWayAndOneThatIsNotSaysWhy() throws {
        let world = TestWorld(seed: 4)
        world.orders.send(TestWorld.order("A-1", brand: "new"))
        world.orders.send("{}")
        try world.run {
            await withDiscardingTaskGroup { group in
                let old = TestWorker(world)
                group.addTask { await old.run() }
                #expect(await world.eventually { await world.counts().quarantined == 2 })
                old.shutDown()
            }
            let entries = world.quarantined()
            await withDiscardingTaskGroup { group in
                guard let new = BrandName("new") else { preconditionFailure("a brand's name") }
                let worker = TestWorker(world, brands: [.standard, new])
                group.addTask { await worker.run() }
                for entry in entries {
                    let request = world.store.requestRequeue(of: entry.id, reason: "the brand is there now")
                    let result = await world.result(request)
                    let isOrder = entry.message.delivery != nil
                    #expect(result?.isDone == isOrder, "\(String(describing: result))")
                    if !isOrder { #expect(result?.outcome.contains("$.orderId") == true) }
                    let again = world.store.requestRequeue(of: entry.id, reason: "again")
                    #expect(await world.result(again)?.isDone == false)
                }
                #expect(await world.eventually { await world.counts().finished == 1 })
                worker.shutDown()
            }
            #expect(world.quarantined().map(\.message.delivery) == [nil])
            #expect(world.mailer.acceptances.map(\.email.delivery.order.text) == ["A-1"])
        }
    }

    @Test func anOrderWithOtherContentsThanTheOneThatWentOutStaysInQuarantine() throws {
        let world = TestWorld(seed: 5)
        world.orders.send(TestWorld.order("A-1"))
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world)
                group.addTask { await worker.run() }
                #expect(await world.eventually { await world.counts().finished == 1 })
                world.orders.send(TestWorld.order("A-1", total: "99.00"))
                #expect(await world.eventually { await world.counts().quarantined == 1 })
                for entry in world.quarantined() {
                    let request = world.store.requestRequeue(of: entry.id, reason: "please")
                    let result = await world.result(request)
                    #expect(result?.isDone == false)
                    #expect(result?.outcome.contains("conflict") == true)
                }
                // The same contents do no harm, and no second email.
                world.keep(Array(TestWorld.order("A-1").utf8), of: "orders")
                if let entry = world.quarantined().first(where: { $0.message.code == "test" }) {
                    #expect(
                        await world.result(world.store.requestRequeue(of: entry.id, reason: "again"))?.isDone == true
                    )
                }
                #expect(await world.eventually { await world.counts().finished == 2 })
                worker.shutDown()
            }
            #expect(world.mailer.acceptances.count == 1)
            #expect(world.quarantined().count == 1)
        }
    }

    @Test func whatIsNoTextOrCameFromElsewhereIsRefusedWithTheReason() throws {
        let world = TestWorld(seed: 6)
        world.keep([0xff, 0xfe], of: "orders")
        world.keep(Array("{}".utf8), of: "somebody-elses-queue")
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world)
                group.addTask { await worker.run() }
                var outcomes: [String] = []
                for entry in world.quarantined() {
                    let request = world.store.requestRequeue(of: entry.id, reason: "please")
                    if let result = await world.result(request), !result.isDone { outcomes.append(result.outcome) }
                }
                #expect(outcomes.contains { $0.contains("UTF-8") })
                #expect(outcomes.contains { $0.contains("somebody-elses-queue") && $0.contains("orders") })
                worker.shutDown()
            }
            #expect(world.quarantined().count == 2)
        }
    }

    @Test(arguments: UInt64(1)...10)
    func whoeverDiesARequeuedOrderIsSentOnce(seed: UInt64) throws {
        let world = TestWorld(seed: seed)
        world.keep(Array(TestWorld.order("A-1").utf8), of: "orders")
        try world.run {
            await withDiscardingTaskGroup { group in
                let survivor = TestWorker(world)
                let victim = TestWorker(world)
                await withDiscardingTaskGroup { inner in
                    inner.addTask { await victim.run() }
                    #expect(await world.eventually { await world.counts().workers == 1 })
                    for entry in world.quarantined() { _ = world.store.requestRequeue(of: entry.id, reason: "again") }
                    _ = await world.eventually(within: .milliseconds(Int64(seed) * 150)) { false }
                    inner.cancelAll()
                }
                group.addTask { await survivor.run() }
                #expect(await world.eventually(within: .seconds(120)) { world.quarantined().isEmpty })
                #expect(await world.eventually(within: .seconds(3600)) { await world.counts().finished >= 1 })
                survivor.shutDown()
            }
            #expect(world.mailer.acceptances.count <= 1)
        }
    }
}
