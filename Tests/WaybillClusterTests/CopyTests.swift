import Testing
import WaybillCluster
import WaybillCore
import WaybillPorts
import WaybillSimulation

/// Deliberate copies, in virtual time.
@Suite(.serialized) struct CopyTests {
    private func ask(_ world: TestWorld, to address: String = "new@example.com") -> Int64 {
        world.store.request(.copy, world.delivery("A-1"), reason: "deleted by mistake", to: address)
    }

    private func sentTo(_ world: TestWorld) -> [String] {
        world.mailer.acceptances.map { "\($0.email.delivery.kind) \($0.email.recipient)" }
    }

    @Test func aCopyIsADeliveryOfItsOwnToItsOwnAddress() throws {
        let world = TestWorld(seed: 1)
        world.orders.send(TestWorld.order("A-1"))
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world)
                group.addTask { await worker.run() }
                #expect(await world.eventually { await world.counts().finished == 1 })
                #expect(await world.result(ask(world))?.isDone == true)
                #expect(await world.eventually { await world.counts().finished == 2 })
                #expect(await world.result(ask(world, to: "third@example.com"))?.isDone == true)
                #expect(await world.eventually { await world.counts().finished == 3 })
                let refused = await world.result(ask(world, to: "no address"))
                #expect(refused?.isDone == false)
                // The order published again is still the same delivery, and makes no copy.
                world.orders.send(TestWorld.order("A-1"))
                #expect(await world.eventually { await world.counts().finished == 4 })
                worker.shutDown()
            }
            #expect(
                sentTo(world) == [
                    "order-confirmation ann@example.com", "order-confirmation~2 new@example.com",
                    "order-confirmation~3 third@example.com",
                ]
            )
            let records = await world.records()
            #expect(Set(records.map(\.email)).count == 3)
            #expect(records.allSatisfy { $0.status == .sent })
        }
    }

    @Test(arguments: UInt64(1)...10)
    func ofTwoOperatorsAtOnceOneGetsACopyWhoeverDies(seed: UInt64) throws {
        let world = TestWorld(seed: seed)
        world.orders.send(TestWorld.order("A-1"))
        try world.run {
            await withDiscardingTaskGroup { group in
                let survivor = TestWorker(world)
                let victim = TestWorker(world)
                await withDiscardingTaskGroup { inner in
                    inner.addTask { await victim.run() }
                    #expect(await world.eventually { await world.counts().finished == 1 })
                    _ = (ask(world), ask(world, to: "other@example.com"))
                    // Dies somewhere in what it does about them.
                    _ = await world.eventually(within: .milliseconds(Int64(seed) * 130)) { false }
                    inner.cancelAll()
                }
                group.addTask { await survivor.run() }
                let areDone = await world.eventually(within: .seconds(90)) {
                    (1...2).allSatisfy { world.store.result(ofRequest: $0) != nil }
                }
                #expect(areDone, "seed \(seed)")
                let isSent = await world.eventually(within: .seconds(120)) {
                    let counts = await world.counts()
                    return counts.ready + counts.leased + counts.inDoubt == 0
                }
                #expect(isSent, "seed \(seed)")
                survivor.shutDown()
            }
            let done = (1...2).count { world.store.result(ofRequest: $0)?.isDone == true }
            let copies = sentTo(world).filter { $0.contains("~") }
            #expect(copies.count == done, "seed \(seed): \(copies)")
            #expect(Set(copies).count == copies.count)
            #expect(done >= 1)
        }
    }

    @Test func whileTheFirstIsInDoubtThereIsNoCopy() throws {
        let world = TestWorld(seed: 3, mail: { _ in .acceptAndLoseAnswer })
        world.orders.send(TestWorld.order("A-1"))
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world)
                group.addTask { await worker.run() }
                #expect(await world.eventually { await world.counts().inDoubt == 1 })
                let result = await world.result(ask(world))
                #expect(result?.isDone == false)
                #expect(result?.outcome.contains("SENDING") == true)
                worker.shutDown()
            }
            #expect(world.mailer.acceptances.count == 1)
        }
    }
}
