import Testing
import WaybillCluster
import WaybillCore
import WaybillPorts
import WaybillSimulation

/// When a leader gives up, and what it no longer does, in virtual time.
@Suite(.serialized) struct LeaderTests {
    @Test(arguments: UInt64(1)...5)
    func aLeaderThatCannotReachSESResignsAfterThreeFailuresAndRestsForALease(seed: UInt64) throws {
        let world = TestWorld(seed: seed)
        let quota = NotedQuota(world)
        quota.isUnreached.isOn = true
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world, quota: quota)
                group.addTask { await worker.run() }
                #expect(await world.eventually { world.leader != nil })
                #expect(await world.eventually { world.leader == nil })
                #expect(quota.asked.count == 3, "seed \(seed)")
                let resigned = world.loop.monotonicNow()
                #expect(await world.eventually { world.leader != nil })
                let rest = world.loop.monotonicNow() - resigned
                // Looked at every 100 ms; it stands every three seconds.
                #expect(rest >= .milliseconds(9800) && rest <= .seconds(14), "seed \(seed): \(rest)")
                worker.shutDown()
            }
        }
    }

    @Test(arguments: UInt64(1)...5)
    func whileItRestsOneThatReachesSESLeads(seed: UInt64) throws {
        let world = TestWorld(seed: seed)
        let quota = NotedQuota(world)
        quota.isUnreached.isOn = true
        try world.run {
            await withDiscardingTaskGroup { group in
                let unable = TestWorker(world, quota: quota)
                group.addTask { await unable.run() }
                #expect(await world.eventually { world.leader != nil })
                let able = TestWorker(world, quota: NotedQuota(world))
                group.addTask { await able.run() }
                let isReplaced = await world.eventually(within: .seconds(20)) {
                    world.leader.map { $0.holder == able.board.registered } ?? false
                }
                #expect(isReplaced, "seed \(seed)")
                _ = await world.eventually(within: .seconds(60)) { false }
                #expect(world.leader?.holder == able.board.registered)
                #expect(await world.limit == 95_000)
                unable.shutDown()
                able.shutDown()
            }
        }
    }

    @Test func aLeaderWhoseStoreFailsResignsAtOnce() throws {
        let world = TestWorld(seed: 3)
        let rate = NotedRate(world)
        rate.failsUpdates.isOn = true
        let quota = NotedQuota(world)
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world, quota: quota, leaderRate: rate)
                group.addTask { await worker.run() }
                #expect(await world.eventually { quota.asked.count == 1 })
                #expect(await world.eventually(within: .seconds(1)) { world.leader == nil })
                // Perhaps the next connection is better: it may stand again, and another may have been faster.
                rate.failsUpdates.isOn = false
                #expect(await world.eventually { await world.limit == 95_000 })
                #expect((worker.outcomes.take()[.leaderElected] ?? 0) >= 2)
                worker.shutDown()
            }
        }
    }

    @Test(arguments: UInt64(1)...5)
    func aLeaderThatIsCutOffStopsInTimeAndTheNextGoesOnWhereItEnded(seed: UInt64) throws {
        let world = TestWorld(seed: seed)
        for number in 100..<200 { world.accountList.add("c\(number)@shop.example") }
        let isCut = Switch(false)
        try world.run {
            await withDiscardingTaskGroup { group in
                let leadership = CutLeadership(store: world.store, isCut: isCut)
                let first = TestWorker(world, leadership: leadership)
                group.addTask { await first.run() }
                #expect(await world.eventually { world.accountList.requests.count >= 5 })
                isCut.isOn = true
                _ = await world.eventually(within: .seconds(10)) { false }
                #expect(world.leader == nil, "seed \(seed)")
                let count = world.accountList.requests.count
                _ = await world.eventually(within: .seconds(60)) { false }
                #expect(world.accountList.requests.count == count, "seed \(seed): it goes on without a term")
                let second = TestWorker(world)
                group.addTask { await second.run() }
                #expect(await world.eventually(within: .seconds(300)) { world.mirror.lastFull != nil })
                #expect(world.accountList.requests.count { $0.token == nil && $0.since == nil } == 1)
                #expect((100..<200).allSatisfy { world.suppression(of: "c\($0)@shop.example") != nil })
                first.shutDown()
                second.shutDown()
            }
        }
    }
}
