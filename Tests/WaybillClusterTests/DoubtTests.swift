import Synchronization
import Testing
import WaybillCluster
import WaybillCore
import WaybillPorts
import WaybillSimulation

/// What becomes of sends of unknown outcome, in virtual time.
@Suite(.serialized) struct DoubtTests {
    @Test(arguments: UInt64(1)...5)
    func aStormOfUnknownOutcomesPutsFewInDoubtAndTheRestGoesAfterIt(seed: UInt64) throws {
        let storm = Switch(true)
        let world = TestWorld(seed: seed, mail: { _ in storm.isOn ? .loseRequest : .accept })
        let orders = 300
        for number in 1...orders { world.orders.send(TestWorld.order("A-\(number)")) }
        try world.run {
            await withDiscardingTaskGroup { group in
                let workers = (0..<3).map { _ in TestWorker(world) }
                for worker in workers { group.addTask { await worker.run() } }
                _ = await world.eventually(within: .seconds(60)) { false }
                let stormy = await world.counts()
                #expect(stormy.inDoubt >= SendBreaker.unknownOutcomes)
                // The emails that were on the wire when the third was heard of, and a probe now and then.
                #expect(world.mailer.requests.count < 120, "seed \(seed)")
                #expect(await world.hold?.cause == .unknownOutcomes)
                storm.isOn = false
                let isDone = await world.eventually(within: .seconds(60)) {
                    let counts = await world.counts()
                    return counts.finished + counts.inDoubt == orders
                }
                let counts = await world.counts()
                #expect(isDone, "seed \(seed): \(counts)")
                #expect(await world.hold == nil)
                for worker in workers { worker.shutDown() }
            }
        }
    }

    @Test func aPausedAccountIsTriedByOneEmailAtATimeUntilItSends() throws {
        let refusal = MailerRefusal(reason: .sendingPaused, type: "SendingPaused", message: "paused", requestID: "r")
        let paused = Switch(true)
        let world = TestWorld(seed: 2, mail: { _ in paused.isOn ? .refuse(refusal) : .accept })
        for number in 1...100 { world.orders.send(TestWorld.order("A-\(number)")) }
        try world.run {
            await withDiscardingTaskGroup { group in
                let workers = (0..<3).map { _ in TestWorker(world) }
                for worker in workers { group.addTask { await worker.run() } }
                #expect(await world.eventually { await world.hold?.cause == .sendingPaused })
                _ = await world.eventually(within: .seconds(5)) { false }
                let before = world.mailer.requests.count
                _ = await world.eventually(within: .seconds(300)) { false }
                #expect((1...11).contains(world.mailer.requests.count - before))
                paused.isOn = false
                let isDone = await world.eventually(within: .seconds(120)) { await world.counts().finished == 100 }
                #expect(isDone)
                for worker in workers { worker.shutDown() }
            }
            #expect(world.mailer.acceptances.count == 100)
        }
    }

    @Test func withALiveAndDrainedFeedALostRequestIsSentAgain() throws {
        let lost = LostOnce()
        let world = TestWorld(
            seed: 3,
            policy: DeliveryPolicy(inDoubt: .resend),
            mail: { _ in lost.isFirst() ? .loseRequest : .accept }
        )
        world.orders.send(TestWorld.order("A-1"))
        try world.run(limit: .seconds(9000)) {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world)
                group.addTask { await worker.run() }
                #expect(await world.eventually { await world.counts().inDoubt == 1 })
                _ = await world.eventually(within: .seconds(20 * 60)) { false }
                // Another email, accepted after the lost one's time, whose event shows that the feed is alive.
                world.orders.send(TestWorld.order("A-2"))
                #expect(await world.eventually { world.mailer.acceptances.count == 1 })
                world.publishSend(world.mailer.acceptances[0])
                let isSent = await world.eventually(within: .seconds(20 * 60)) { await world.counts().finished == 2 }
                #expect(isSent)
                #expect(world.loop.monotonicNow() > .seconds(31 * 60))
                #expect(await world.record("A-1")?.status == .sent)
                #expect(worker.outcomes.take()[.resentInDoubt] == 1)
                worker.shutDown()
            }
            #expect(world.mailer.acceptanceCount(of: world.delivery("A-1")) == 1)
        }
    }

    @Test(arguments: [true, false])
    func withoutThatProofItIsNotSentAgain(eventUnread: Bool) throws {
        let world = TestWorld(
            seed: 4,
            policy: DeliveryPolicy(inDoubt: .resend),
            mail: { email in email.delivery.order.text == "A-1" ? .acceptAndLoseAnswer : .accept }
        )
        world.orders.send(TestWorld.order("A-1"))
        try world.run(limit: .seconds(9000)) {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world)
                group.addTask { await worker.run() }
                #expect(await world.eventually { await world.counts().inDoubt == 1 })
                _ = await world.eventually(within: .seconds(20 * 60)) { false }
                if eventUnread {
                    // Alive, but an event lies in a dead-letter queue: what it says is not known.
                    world.orders.send(TestWorld.order("A-2"))
                    #expect(await world.eventually { world.mailer.acceptances.count == 2 })
                    world.publishSend(world.mailer.acceptances[1])
                    world.deadLetters.send("an event that was given up")
                }
                let isDoubted = await world.eventually(within: .seconds(3600)) {
                    await world.counts().unconfirmed == 1
                }
                #expect(isDoubted)
                let reason = await world.record("A-1")?.reason
                #expect(reason?.contains(eventUnread ? "not drained" : "not proven alive") == true)
                worker.shutDown()
            }
            #expect(world.mailer.acceptanceCount(of: world.delivery("A-1")) == 1)
        }
    }

    /// The record moves on after the last hint was given: evidence comes late (SENT), or a worker that stood still
    /// withdraws its claim and dies before it says so (PENDING).
    @Test(arguments: [true, false])
    func anUnconfirmedJobWhoseRecordMovedOnWithoutAHintEndsAllTheSame(isWithdrawn: Bool) throws {
        let lost = LostOnce()
        let world = TestWorld(seed: 6, mail: { _ in lost.isFirst() ? .loseRequest : .accept })
        world.orders.send(TestWorld.order("A-1"))
        try world.run(limit: .seconds(20_000)) {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world)
                group.addTask { await worker.run() }
                #expect(await world.eventually(within: .seconds(3600)) { await world.counts().unconfirmed == 1 })
                _ = await world.eventually(within: .seconds(600)) { false }
                #expect(await world.counts().unconfirmed == 1)
                #expect(worker.outcomes.take()[.unconfirmed] == 1, "said once, however often it is looked at")
                await world.moveOn("A-1", isWithdrawn: isWithdrawn)
                #expect(await world.eventually(within: .seconds(3700)) { await world.counts().finished == 1 })
                #expect(await world.record("A-1")?.status == .sent)
                worker.shutDown()
            }
            #expect(world.mailer.acceptances.count == (isWithdrawn ? 1 : 0))
        }
    }

    @Test func theOperatorDecidesAboutWhatIsUnconfirmed() throws {
        let losing = Switch(true)
        let world = TestWorld(seed: 5, mail: { _ in losing.isOn ? .loseRequest : .accept })
        for order in ["A-1", "A-2"] { world.orders.send(TestWorld.order(order)) }
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world)
                group.addTask { await worker.run() }
                #expect(await world.eventually { await world.counts().inDoubt == 2 })
                let early = world.store.request(.resend, world.delivery("A-1"), reason: "hurry")
                #expect(await world.result(early)?.isDone == false)
                #expect(await world.eventually(within: .seconds(3600)) { await world.counts().unconfirmed == 2 })
                losing.isOn = false
                let resend = world.store.request(.resend, world.delivery("A-1"), reason: "not in her mailbox")
                #expect(await world.result(resend)?.isDone == true)
                let close = world.store.request(.close, world.delivery("A-2"), reason: "she has it")
                #expect(await world.result(close)?.isDone == true)
                #expect(await world.eventually { await world.counts().finished == 2 })
                #expect(await world.record("A-1")?.status == .sent)
                #expect(await world.record("A-2")?.status == .closed)
                #expect(await world.record("A-2")?.reason == "operator: she has it")
                let again = world.store.request(.retry, world.delivery("A-2"), reason: "she has not")
                #expect(await world.result(again)?.isDone == false, "the lost attempt may have come through")
                let address = "ann@example.com"
                let copy = world.store.request(.copy, world.delivery("A-2"), reason: "she has not", to: address)
                #expect(await world.result(copy)?.isDone == true)
                #expect(await world.eventually { world.mailer.acceptances.count == 2 })
                let late = world.store.request(.retry, world.delivery("A-1"), reason: "once more")
                #expect(await world.result(late)?.isDone == false)
                worker.shutDown()
            }
            #expect(await world.record("A-2")?.status == .closed)
        }
    }
}

/// Turned by a test while the world runs.
final class Switch: Sendable {
    private let state: Mutex<Bool>

    init(_ isOn: Bool) {
        state = Mutex(isOn)
    }

    var isOn: Bool {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
