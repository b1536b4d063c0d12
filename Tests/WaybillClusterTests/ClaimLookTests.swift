import Synchronization
import Testing
import WaybillCore
import WaybillPorts
import WaybillSimulation

@testable import WaybillCluster

/// Where claims begin to look.
@Suite struct ClaimLookTests {
    private static func key(_ seconds: Int64, _ id: Int64 = 1, priority: Int = 0) -> JobWatermark {
        JobWatermark(priority: priority, runAt: Timestamp(seconds: seconds), id: id)
    }

    /// A claim at `at` that takes so long, and what it read.
    private static func claim(
        _ look: inout ClaimLook,
        at now: Duration,
        took: Duration = .milliseconds(3),
        last: JobWatermark?
    ) -> ClaimLook.Step {
        let step = look.next(now: now)
        look.ended(step, last: last, now: now + took)
        return step
    }

    @Test func aClaimGoesOnBehindTheLastOneAndOnceASecondLooksAtAll() {
        var look = ClaimLook(timing: ClaimLook.Timing())
        #expect(Self.claim(&look, at: .seconds(1), last: Self.key(100, 7)).watermark == nil)
        #expect(Self.claim(&look, at: .seconds(1.1), last: Self.key(101, 9)).watermark == Self.key(100, 7))
        // Nothing found: it goes on behind what was.
        #expect(Self.claim(&look, at: .seconds(1.2), last: nil).watermark == Self.key(101, 9))
        #expect(Self.claim(&look, at: .seconds(1.9), last: nil).watermark == Self.key(101, 9))
        #expect(Self.claim(&look, at: .seconds(2.1), last: Self.key(101, 10)).depth == .full)
    }

    @Test func aFullLookThatIsDearComesSeldomAndBetweenThemOnlyTheLastSecondsAreLookedAt() {
        var look = ClaimLook(timing: ClaimLook.Timing())
        _ = Self.claim(&look, at: .zero, last: Self.key(100))
        _ = Self.claim(&look, at: .seconds(0.5), took: .milliseconds(3), last: Self.key(200, 5))
        // 100 ms more than any other claim, twice: a fiftieth of five seconds.
        _ = Self.claim(&look, at: .seconds(0.6), last: Self.key(200, 6))
        look.forget()
        for at in [Duration.seconds(0.1), .seconds(1.2)] {
            #expect(Self.claim(&look, at: at, took: .milliseconds(103), last: Self.key(201, 6)).depth == .full)
        }
        var depths: [ClaimLook.Depth] = []
        for tenth in 13...61 {
            let step = Self.claim(&look, at: .milliseconds(100 * tenth), last: nil)
            depths.append(step.depth)
            if step.depth == .recent { #expect(step.watermark == Self.key(199, .min)) }
            if step.depth == .onward { #expect(step.watermark == Self.key(201, 6)) }
        }
        #expect(depths.count { $0 == .recent } == 4)
        #expect(depths.count { $0 == .full } == 0)
        #expect(look.next(now: .seconds(6.2)).depth == .full)
    }

    @Test func noFullLookIsPutOffForMoreThanAMinute() {
        var look = ClaimLook(timing: ClaimLook.Timing())
        _ = Self.claim(&look, at: .zero, took: .seconds(30), last: Self.key(100))
        #expect(Self.claim(&look, at: .seconds(30), took: .seconds(30), last: Self.key(100)).depth == .full)
        #expect(look.next(now: .seconds(89.9)).depth == .recent)
        #expect(look.next(now: .seconds(90)).depth == .full)
    }

    @Test func oneSlowAnswerPutsNoFullLookOff() {
        var look = ClaimLook(timing: ClaimLook.Timing())
        _ = Self.claim(&look, at: .zero, last: Self.key(100))
        #expect(Self.claim(&look, at: .seconds(1), took: .seconds(2), last: Self.key(101)).depth == .full)
        #expect(Self.claim(&look, at: .seconds(3), last: Self.key(102)).depth == .full)
        #expect(Self.claim(&look, at: .seconds(4), took: .seconds(2), last: Self.key(103)).depth == .full)
        #expect(look.next(now: .seconds(6)).depth == .full)
    }

    /// Else it would be asked again and again, and each time take too long.
    @Test func afterAFullLookThatFailedTheOtherClaimsGoOnForAWhile() {
        var look = ClaimLook(timing: ClaimLook.Timing())
        _ = Self.claim(&look, at: .zero, last: Self.key(100))
        let step = look.next(now: .seconds(1))
        #expect(step.depth == .full)
        look.failed(step, now: .seconds(11))
        #expect(look.next(now: .seconds(11)).depth == .recent)
        #expect(look.next(now: .seconds(20.9)).depth != .full)
        #expect(look.next(now: .seconds(21)).depth == .full)
        // One that failed says nothing of the others.
        let onward = look.next(now: .seconds(11))
        look.failed(onward, now: .seconds(12))
        #expect(look.next(now: .seconds(12)).depth == .recent)
    }

    @Test func aClaimThatSawAllIsNotReadAgain() {
        var look = ClaimLook(timing: ClaimLook.Timing())
        for second in 0...1 {
            _ = Self.claim(&look, at: .seconds(second), took: .seconds(0.9), last: nil)
            #expect(look.next(now: .seconds(second) + .seconds(0.95)).depth == .full)
        }
        look.sawAll(dueAt: Timestamp(seconds: 500))
        #expect(look.next(now: .seconds(1.95)).watermark == Self.key(500, .min))
        #expect(look.next(now: .seconds(2.1)).watermark == Self.key(498, .min))
        // It never goes back.
        look.sawAll(dueAt: Timestamp(seconds: 400))
        #expect(look.next(now: .seconds(1.95)).watermark == Self.key(500, .min))
    }

    @Test func whoKnowsOfJobsWithAnOldTimeLooksAtAllAtOnce() {
        var look = ClaimLook(timing: ClaimLook.Timing())
        for second in 0...1 { _ = Self.claim(&look, at: .seconds(second), took: .seconds(1), last: Self.key(100)) }
        #expect(look.next(now: .seconds(20)).depth == .recent)
        look.forget()
        #expect(Self.claim(&look, at: .seconds(20), took: .seconds(1), last: Self.key(50)).depth == .full)
        // One behind the other, as long as there are more of them.
        #expect(Self.claim(&look, at: .seconds(20.9), last: Self.key(51)).watermark == Self.key(50))
        #expect(Self.claim(&look, at: .seconds(20.95), last: Self.key(102)).watermark == Self.key(51))
    }

    @Test func aLateJobThatWasFoundLeavesTheRestLookedAt() {
        var look = ClaimLook(timing: ClaimLook.Timing())
        for second in 0...1 { _ = Self.claim(&look, at: .seconds(second), took: .seconds(1), last: Self.key(100)) }
        _ = Self.claim(&look, at: .seconds(1.9), last: Self.key(110, 3))
        #expect(Self.claim(&look, at: .seconds(2.1), last: Self.key(109, 2)).watermark == Self.key(108, .min))
        #expect(Self.claim(&look, at: .seconds(2.2), last: nil).watermark == Self.key(109, 2))
        #expect(Self.claim(&look, at: .seconds(3.2), last: nil).watermark == Self.key(108, .min))
    }

    /// With nothing claimed yet there is nothing to go on behind.
    @Test func whoHasClaimedNothingLooksAtAll() {
        var look = ClaimLook(timing: ClaimLook.Timing())
        for second in 0..<5 {
            #expect(Self.claim(&look, at: .seconds(second), took: .seconds(0.5), last: nil).depth == .full)
        }
    }

    @Test func jobsOfALostWorkerDoNotWaitForTheNextFullLook() throws {
        let world = TestWorld(seed: 21)
        let looks = SlowLooks(world)
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world, senderStore: looks.store)
                group.addTask { await worker.run() }
                world.orders.send(TestWorld.order("A-1"))
                #expect(await world.eventually { await world.record("A-1") != nil })
                // Two full looks were dear: the next is in 50 s.
                _ = await world.eventually(within: .seconds(5)) { false }
                #expect(looks.count == 2)
                looks.isStealing.isOn = true
                world.orders.send(TestWorld.order("A-2"))
                #expect(await world.eventually { !looks.isStealing.isOn })
                let stolen = world.loop.monotonicNow()
                // Longer than a claim looks back.
                _ = await world.eventually(within: .seconds(4)) { false }
                world.orders.send(TestWorld.order("A-3"))
                #expect(await world.eventually { await world.record("A-3") != nil })
                #expect(await world.record("A-2") == nil)
                let before = looks.count
                #expect(await world.eventually { await world.record("A-2") != nil })
                // A lease, a renewal, and a full look.
                #expect((.seconds(10)..<(.seconds(16))).contains(world.loop.monotonicNow() - stolen))
                #expect((before + 1...before + 2).contains(looks.count))
                worker.shutDown()
            }
        }
    }
}

/// Full looks that read past a million entries of jobs that are done: each takes a second. And another worker, which takes a job
/// and is lost with it.
private final class SlowLooks: Sendable {
    let isStealing = Switch(false)
    private let world: TestWorld
    private let looks = Mutex(0)

    init(_ world: TestWorld) { self.world = world }

    var count: Int { looks.withLock { $0 } }

    var store: FaultyStore { FaultyStore(store: world.store) { await self.look(from: $0) } }

    private func look(from watermark: JobWatermark?) async {
        if isStealing.isOn { steal() }
        guard watermark == nil else { return }
        looks.withLock { $0 += 1 }
        _ = await world.eventually(within: .seconds(1)) { false }
    }

    private func steal() {
        let thief = WorkerID(high: 1, low: 2)
        do {
            guard try world.store.counts().ready > 0 else { return }
            let about = WorkerDescription(host: "lost", processID: 2, version: "test", roles: [])
            try world.store.register(thief, about: about, lease: .seconds(10))
            #expect(try world.store.claim(worker: thief, limit: 1, watermark: nil).count == 1)
            isStealing.isOn = false
        } catch {
            Issue.record(error)
        }
    }
}
