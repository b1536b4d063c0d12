import Testing
import WaybillCluster
import WaybillCore
import WaybillPorts
import WaybillSimulation

/// A worker that alone cannot reach DynamoDB or SES must not keep work from those who can.
@Suite(.serialized) struct ReachTests {
    @Test(arguments: UInt64(1)...5)
    func aWorkerThatDoesNotReachTheRecordTakesOneJobAtATime(seed: UInt64) throws {
        let isAway = Switch(true)
        let world = TestWorld(seed: seed)
        for number in 1...20 { world.orders.send(TestWorld.order("A-\(number)")) }
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world, senderLedger: CutLedger(world: world, isCut: isAway))
                group.addTask { await worker.run() }
                // What it took before it knew comes back.
                let isKnown = await world.eventually(within: .seconds(120)) {
                    let counts = await world.counts()
                    return counts.ready >= 19 && worker.outcomes.take()[.ledgerUnavailable] != nil
                }
                #expect(isKnown, "seed \(seed)")
                var most = 0
                var looks = 0
                for _ in 0..<300 {
                    let leased = await world.counts().leased
                    most = max(most, leased)
                    looks += leased
                    _ = await world.eventually(within: .milliseconds(100)) { false }
                }
                #expect(most == 1, "seed \(seed)")
                #expect(looks > 0, "it tries all the same")
                isAway.isOn = false
                #expect(await world.eventually(within: .seconds(120)) { await world.counts().finished == 20 })
                worker.shutDown()
            }
            #expect(world.mailer.acceptances.count == 20)
        }
    }

    /// It gave the job back and took it itself again, every second time, and each try kept it for long.
    @Test(arguments: UInt64(1)...10)
    func whatAWorkerGivesBackBecauseItDoesNotReachTheRecordIsForOthers(seed: UInt64) throws {
        let world = TestWorld(seed: seed)
        world.orders.send(TestWorld.order("A-1"))
        try world.run {
            await withDiscardingTaskGroup { group in
                let unable = TestWorker(world, senderLedger: CutLedger(world: world, isCut: Switch(true)))
                group.addTask { await unable.run() }
                let isKnown = await world.eventually {
                    let leased = await world.counts().leased
                    return leased == 1 && unable.outcomes.take()[.ledgerUnavailable] != nil
                }
                #expect(isKnown)
                let able = TestWorker(world)
                group.addTask { await able.run() }
                _ = await world.eventually(within: .seconds(1)) { false }
                _ = unable.outcomes.take()
                let isDone = await world.eventually(within: .seconds(60)) { await world.counts().finished == 1 }
                #expect(isDone)
                #expect(unable.outcomes.take()[.claimed] == nil, "seed \(seed)")
                unable.shutDown()
                able.shutDown()
            }
        }
    }

    enum Cut: CaseIterable {
        case record, ses
    }

    @Test(arguments: UInt64(1)...5, Cut.allCases)
    func aProbeThatCouldNotBeUsedIsYieldedAndItsWorkerWaitsLongerThanOthers(seed: UInt64, cut: Cut) throws {
        let world = TestWorld(seed: seed)
        let ledger = CutLedger(world: world, isCut: Switch(cut == .record))
        let mailer = CutMailer(mailer: world.mailer, isCut: Switch(cut == .ses))
        let rate = NotedRate(world)
        for number in 1...5 { world.orders.send(TestWorld.order("A-\(number)")) }
        try world.run {
            await withDiscardingTaskGroup { group in
                let somebody = WorkerID(high: 1, low: 1)
                do {
                    try world.rate.hear(.blocked(.sendingPaused, detail: "paused"), from: somebody)
                } catch {
                    Issue.record(error)
                }
                let unable = TestWorker(world, senderLedger: ledger, senderMailer: mailer, rate: rate)
                group.addTask { await unable.run() }
                #expect(await world.eventually(within: .seconds(120)) { rate.probes.count >= 4 })
                let unused = rate.notes.count { if case .news(.unused, _) = $0 { true } else { false } }
                #expect(unused >= 3, "seed \(seed)")
                for (one, next) in zip(rate.probes, rate.probes.dropFirst()) {
                    // A probe that nobody speaks of is kept for a minute: this one was given back.
                    #expect(next - one >= .seconds(5) && next - one < .seconds(60), "seed \(seed): \(next - one)")
                }
                #expect(await world.hold?.cause == .sendingPaused)
                let able = TestWorker(world)
                group.addTask { await able.run() }
                #expect(await world.eventually(within: .seconds(30)) { await world.hold == nil }, "seed \(seed)")
                unable.shutDown()
                #expect(await world.eventually(within: .seconds(60)) { await world.counts().finished == 5 })
                able.shutDown()
            }
        }
    }
}
