import Testing
import WaybillCluster
import WaybillCore
import WaybillPorts
import WaybillSimulation

/// Who is not written to, and what operators do about it, in virtual time. Orders of these tests are Ann's.
@Suite(.serialized) struct SuppressionTests {
    @Test(arguments: UInt64(1)...5)
    func theAccountsListIsMirroredPageByPageWithinOneRequestASecond(seed: UInt64) throws {
        let world = TestWorld(seed: seed)
        let quota = NotedQuota(world)
        for number in 1...8 { world.accountList.add("c\(number)@shop.example") }
        world.accountList.add("ANN@Example.com", reason: "COMPLAINT")
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world, quota: quota)
                group.addTask { await worker.run() }
                #expect(await world.eventually(within: .seconds(90)) { world.mirror.lastFull != nil })
                #expect(world.accountList.requests.count == 5)
                let asked = (world.accountList.requests.map(\.at) + quota.asked).sorted()
                #expect(asked.count > 5)
                #expect(zip(asked, asked.dropFirst()).allSatisfy { $1 - $0 >= .seconds(1) }, "seed \(seed): \(asked)")
                world.orders.send(TestWorld.order("A-1"))
                #expect(await world.eventually { await world.record("A-1")?.status == .suppressed })
                #expect(await world.record("A-1")?.reason == "on the SES account's list: COMPLAINT")
                // Somebody puts another address there: it is known within minutes, by what changed alone.
                world.accountList.add("new@shop.example")
                let isKnown = await world.eventually(within: .seconds(400)) {
                    world.suppression(of: "new@shop.example") != nil
                }
                #expect(isKnown)
                #expect(world.accountList.requests.last?.since != nil)
                worker.shutDown()
            }
            #expect(world.mailer.requests.isEmpty)
        }
    }

    @Test func whatLeftTheAccountsListIsWrittenToAgainFromTheNextDayOn() throws {
        let midnight = Timestamp(seconds: 1_800_057_600)
        let world = TestWorld(seed: 2, startingAt: midnight - .seconds(120))
        for email in ["ann@example.com", "bob@example.com", "eve@example.com"] { world.accountList.add(email) }
        world.bounced("bob@example.com")
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world)
                group.addTask { await worker.run() }
                #expect(await world.eventually(within: .seconds(90)) { world.mirror.lastFull != nil })
                for email in ["ann@example.com", "bob@example.com"] { world.takeOffAccount(email) }
                let isDropped = await world.eventually(within: .seconds(500)) {
                    world.suppression(of: "ann@example.com") == nil
                }
                #expect(isDropped)
                #expect(world.loop.wallNow() >= midnight)
                #expect(world.suppression(of: "bob@example.com")?.sources == [.bounce])
                #expect(world.suppression(of: "eve@example.com")?.sources == [.account])
                #expect(world.accountList.requests.count { $0.since == nil && $0.token == nil } == 2)
                world.orders.send(TestWorld.order("A-1"))
                #expect(await world.eventually { await world.record("A-1")?.status == .sent })
                worker.shutDown()
            }
        }
    }

    @Test func aListThatMayNotBeReadCostsNeitherTheLeadershipNorTheEmails() throws {
        let world = TestWorld(seed: 3)
        world.accountList.add("ann@example.com")
        world.accountList.set(fault: AccountListError(.refused, "AccessDenied: ses:ListSuppressedDestinations"))
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world)
                group.addTask { await worker.run() }
                #expect(await world.eventually { world.mirror.trouble?.hasPrefix("AccessDenied") == true })
                let leader = world.leader
                world.orders.send(TestWorld.order("A-1"))
                #expect(await world.eventually { await world.record("A-1")?.status == .sent })
                _ = await world.eventually(within: .seconds(200)) { false }
                #expect(world.accountList.requests.count == 1, "it asks again after five minutes")
                #expect(world.leader == leader)
                world.accountList.set(fault: nil)
                #expect(await world.eventually(within: .seconds(200)) { world.mirror.lastFull != nil })
                #expect(world.mirror.trouble == nil)
                worker.shutDown()
            }
        }
    }

    @Test func aListThatIsOutOfReachGivesTheLeadershipToOthersAndAStaleTokenBeginsAgain() throws {
        let world = TestWorld(seed: 4)
        for number in 1...5 { world.accountList.add("c\(number)@shop.example") }
        world.accountList.set(fault: AccountListError(.unreached, "no route"))
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world)
                group.addTask { await worker.run() }
                #expect(await world.eventually { world.leader != nil })
                #expect(await world.eventually { world.leader == nil })
                #expect(world.accountList.requests.count == 3)
                world.accountList.set(fault: nil)
                #expect(await world.eventually { world.mirror.read?.token != nil })
                world.accountList.set(fault: AccountListError(.staleToken, "InvalidNextToken"))
                #expect(await world.eventually { world.mirror.read?.token == nil })
                #expect(world.mirror.read?.kind == .full)
                world.accountList.set(fault: nil)
                #expect(await world.eventually { world.mirror.lastFull != nil })
                worker.shutDown()
            }
        }
    }
}

extension SuppressionTests {
    @Test func unsuppressTakesAnAddressOffBothListsAndTheMirrorDoesNotBringItBack() throws {
        let world = TestWorld(seed: 5)
        world.accountList.add("Ann@Example.com")
        world.bounced("ann@example.com")
        world.orders.send(TestWorld.order("A-1"))
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world)
                group.addTask { await worker.run() }
                #expect(await world.eventually { await world.record("A-1")?.status == .suppressed })
                #expect(await world.eventually { world.mirror.lastFull != nil })
                let request = world.store.requestRemoval(of: "ANN@example.com", reason: "she has a new mailbox")
                #expect(await world.result(request) == .done("it is off the list here and off the SES account's"))
                #expect(!world.accountList.holds("ann@example.com"))
                let retry = world.store.request(.retry, world.delivery("A-1"), reason: "she has a new mailbox")
                #expect(await world.result(retry)?.isDone == true)
                #expect(await world.eventually { await world.record("A-1")?.status == .sent })
                _ = await world.eventually(within: .seconds(400)) { false }
                #expect(world.suppression(of: "ann@example.com") == nil)
                let again = world.store.requestRemoval(of: "ann@example.com", reason: "x")
                #expect(await world.result(again)?.isDone == false)
                worker.shutDown()
            }
        }
    }

    @Test func unsuppressIsRefusedWhileTheAccountsListCannotBeChangedAndWaitsWhileSESIsAway() throws {
        let world = TestWorld(seed: 6)
        world.bounced("ann@example.com")
        world.accountList.set(fault: AccountListError(.refused, "AccessDenied: ses:DeleteSuppressedDestination"))
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world)
                group.addTask { await worker.run() }
                let request = world.store.requestRemoval(of: "ann@example.com", reason: "a new mailbox")
                let refusal = await world.result(request)
                #expect(refusal?.isDone == false)
                #expect(refusal?.outcome.contains("ses:DeleteSuppressedDestination") == true)
                #expect(world.suppression(of: "ann@example.com") != nil)
                world.accountList.set(fault: AccountListError(.unreached, "no route"))
                let later = world.store.requestRemoval(of: "ann@example.com", reason: "a new mailbox")
                _ = await world.eventually(within: .seconds(20)) { false }
                #expect(world.store.result(ofRequest: later) == nil)
                #expect(world.suppression(of: "ann@example.com") != nil)
                world.accountList.set(fault: nil)
                let isOff = await world.eventually(within: .seconds(60)) {
                    world.store.result(ofRequest: later)?.isDone == true
                }
                #expect(isOff)
                #expect(world.suppression(of: "ann@example.com") == nil)
                worker.shutDown()
            }
        }
    }

    @Test func oneOrderIsSentAnywayAndTheNextToTheSameAddressIsNot() throws {
        let world = TestWorld(seed: 7)
        world.bounced("ann@example.com")
        for order in ["A-1", "A-2"] { world.orders.send(TestWorld.order(order)) }
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world)
                group.addTask { await worker.run() }
                #expect(await world.eventually { await world.counts().finished == 2 })
                let request = world.store.request(.sendAnyway, world.delivery("A-1"), reason: "she insists")
                #expect(await world.result(request)?.isDone == true)
                #expect(await world.eventually { await world.record("A-1")?.status == .sent })
                let retry = world.store.request(.retry, world.delivery("A-2"), reason: "why not")
                #expect(await world.result(retry)?.isDone == true)
                #expect(await world.eventually { await world.counts().finished == 4 })
                #expect(await world.record("A-2")?.status == .suppressed)
                let late = world.store.request(.sendAnyway, world.delivery("A-1"), reason: "once more")
                #expect(await world.result(late)?.isDone == false)
                worker.shutDown()
            }
            #expect(world.mailer.acceptances.map(\.email.delivery.order.text) == ["A-1"])
        }
    }

    @Test func anOrderThatIsHeldMayBeSentAnywayToo() throws {
        let world = TestWorld(seed: 8, policy: DeliveryPolicy(maximumAge: .seconds(60)))
        world.orders.send(TestWorld.order("A-1"))
        try world.run {
            _ = await world.eventually(within: .seconds(100)) { false }
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world)
                group.addTask { await worker.run() }
                #expect(await world.eventually { await world.counts().held == 1 })
                world.bounced("ann@example.com")
                let unknown = world.store.request(.sendAnyway, world.delivery("A-9"), reason: "x")
                #expect(await world.result(unknown)?.isDone == false)
                let request = world.store.request(.sendAnyway, world.delivery("A-1"), reason: "she insists")
                #expect(await world.result(request)?.isDone == true)
                #expect(await world.eventually { await world.record("A-1")?.status == .sent })
                worker.shutDown()
            }
        }
    }

    /// The list is asked with every attempt: an address that bounced meanwhile is not tried again.
    @Test func anAddressThatIsSuppressedBetweenTwoAttemptsGetsNothing() throws {
        let refusal = MailerRefusal(reason: .throttled, type: "TooManyRequests", message: "slow", requestID: "r")
        let isThrottled = Switch(true)
        let world = TestWorld(seed: 9, mail: { _ in isThrottled.isOn ? .refuse(refusal) : .accept })
        world.orders.send(TestWorld.order("A-1"))
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world)
                group.addTask { await worker.run() }
                #expect(await world.eventually { world.mailer.requests.count >= 1 })
                world.bounced("ANN@example.com")
                isThrottled.isOn = false
                #expect(await world.eventually { await world.counts().finished == 1 })
                #expect(await world.record("A-1")?.status == .suppressed)
                worker.shutDown()
            }
            #expect(world.mailer.acceptances.isEmpty)
        }
    }
}

extension TestWorld {
    var mirror: SuppressionMirror {
        do {
            return try store.mirror()
        } catch {
            preconditionFailure("the store in memory does not fail: \(error)")
        }
    }

    func suppression(of email: String) -> SuppressedAddress? {
        do {
            return try store.suppression(of: email)
        } catch {
            preconditionFailure("the store in memory does not fail: \(error)")
        }
    }

    func bounced(_ email: String) {
        do {
            try store.suppress(Suppression(email: email, reason: .bounce), at: loop.wallNow())
        } catch {
            preconditionFailure("the store in memory does not fail: \(error)")
        }
    }

    func takeOffAccount(_ email: String) {
        do {
            _ = try accountList.remove(email)
        } catch {
            preconditionFailure("the list has no fault now: \(error)")
        }
    }
}
