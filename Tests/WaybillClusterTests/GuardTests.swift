import Testing
import WaybillCluster
import WaybillCore
import WaybillPorts
import WaybillSimulation

/// The non-production guard, in virtual time.
@Suite(.serialized) struct GuardTests {
    @Test func whoMayNotBeWrittenToIsSuppressedAlsoWhenAnOperatorTriesAgain() throws {
        let world = TestWorld(seed: 7)
        world.orders.send(TestWorld.order("A-1"))
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world, recipients: RecipientGuard(.dryRun))
                group.addTask { await worker.run() }
                #expect(await world.eventually { await world.counts().finished == 1 })
                let retry = world.store.request(.retry, world.delivery("A-1"), reason: "once more")
                #expect(await world.result(retry)?.isDone == true)
                #expect(await world.eventually { await world.counts().finished == 2 })
                #expect(worker.outcomes.take()[.suppressed] == 2)
                worker.shutDown()
            }
            #expect(await world.record("A-1")?.status == .suppressed)
            #expect(await world.record("A-1")?.reason == "guard: this is a dry run, nothing is sent")
            #expect(world.mailer.requests.isEmpty)
        }
    }

    @Test func aRedirectedEmailGoesToTheOtherAddressAndTheRecordKeepsTheCustomers() throws {
        let world = TestWorld(seed: 8)
        let redirection = RecipientGuard(.redirect(try EmailAddress("test@shop.example")))
        world.orders.send(TestWorld.order("A-1"))
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world, recipients: redirection)
                group.addTask { await worker.run() }
                #expect(await world.eventually { await world.counts().finished == 1 })
                worker.shutDown()
            }
            let email = world.mailer.acceptances.first?.email
            #expect(email?.recipient == "test@shop.example")
            #expect(email?.redirectedFrom == "ann@example.com")
            #expect(await world.record("A-1")?.email == "ann@example.com")
            #expect(await world.record("A-1")?.status == .sent)
        }
    }
}
