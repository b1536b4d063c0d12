import Testing
import WaybillCore

@Suite struct SendRateMachineTests {
    private let start = Timestamp(seconds: 1_800_000_000)

    @Test(arguments: [1_000, 13_300, 14_000, 333_333, 5_000_000])
    func noWindowHasMoreThanItsRateAndTheBurstThoughSlotsAreUsedLateAndNearlyAllIsUsed(milliRate: Int64) {
        var machine = SendRateMachine(SendLimits(milliRate: milliRate, burst: 5), now: start)
        var generator = SeededGenerator(state: UInt64(milliRate))
        var now = start
        var sends: [Timestamp] = []
        let end = start + .seconds(30)
        while now < end {
            if case .granted(let offsets, _) = machine.take(Int.random(in: 1...2000, using: &generator), now: now) {
                // Up to a quarter of a second late, and 50 ms on the way.
                sends += offsets.map { now + $0 + .microseconds(Int.random(in: 0...300_000, using: &generator)) }
            }
            now = now + .milliseconds(Int.random(in: 1...150, using: &generator))
        }
        sends.sort()
        let most = Int(10 * milliRate / 1000) + 5
        var first = 0
        for (index, at) in sends.enumerated() {
            while at - sends[first] >= .seconds(10) { first += 1 }
            #expect(index - first + 1 <= most)
        }
        #expect(sends.count >= Int(30 * milliRate / 1000 * 95 / 100))
    }

    @Test func aThrottleLowersTheRateOnceASecondAndQuietRaisesItBackToTheRateSet() {
        var machine = SendRateMachine(SendLimits(milliRate: 10_000, burst: 1), now: start)
        machine.throttled(now: start)
        machine.throttled(now: start + .milliseconds(900))
        #expect(machine.milliRate == 8_000)
        for second in 1...100 { machine.throttled(now: start + .seconds(second)) }
        #expect(machine.milliRate == 100)
        _ = machine.take(1, now: start + .seconds(101))
        #expect(machine.milliRate == 300)
        _ = machine.take(1, now: start + .seconds(300))
        #expect(machine.milliRate == 10_000)
    }

    @Test func whoAsksTooFarAheadIsToldToWait() {
        var machine = SendRateMachine(SendLimits(milliRate: 1_000, burst: 1), now: start)
        #expect(taken(&machine, 5, start) == .granted([.zero], isProbe: false))
        #expect(taken(&machine, 1, start) == .wait(.microseconds(1_561_856)))
    }

    @Test func oneWorkerIsGivenAFewSlotsAtMost() {
        var machine = SendRateMachine(SendLimits(milliRate: 100_000, burst: 100), now: start)
        guard case .granted(let offsets, _) = taken(&machine, 1000, start) else {
            Issue.record("slots are there")
            return
        }
        #expect(offsets.count == 14)
    }

    @Test func aCeilingWinsAtOnceAndNewLimitsDoNotEndASlowdown() {
        var machine = SendRateMachine(SendLimits(milliRate: 10_000, burst: 1), now: start)
        machine.set(ceiling: 2_000)
        #expect(machine.milliRate == 2_000)
        machine.set(ceiling: nil)
        #expect(machine.milliRate == 10_000)
        machine.throttled(now: start)
        machine.update(SendLimits(milliRate: 20_000, burst: 1))
        #expect(machine.milliRate == 8_000)
        machine.update(SendLimits(milliRate: 5_000, burst: 1))
        #expect(machine.milliRate == 5_000)
    }

    @Test func aThrottleUnderALowCeilingNeverRaisesTheRate() {
        var machine = SendRateMachine(SendLimits(milliRate: 300_000, burst: 1), now: start)
        machine.set(ceiling: 500)
        machine.throttled(now: start)
        #expect(machine.milliRate == 400)
        for second in 1...100 { machine.throttled(now: start + .seconds(second)) }
        #expect(machine.milliRate == 5)
        machine.set(ceiling: nil)
        machine.throttled(now: start + .seconds(200))
        #expect(machine.milliRate == 5)
    }

    private func taken(_ machine: inout SendRateMachine, _ count: Int, _ now: Timestamp) -> SendSlots {
        machine.take(count, now: now)
    }
}

@Suite struct SendBreakerTests {
    private let start = Timestamp(seconds: 1_800_000_000)
    private let one = WorkerID(high: 1, low: 1)
    private let two = WorkerID(high: 2, low: 2)

    @Test func threeUnknownOutcomesWithinTenSecondsLetOneProbeAtATimeThrough() {
        var breaker = SendBreaker()
        breaker.hear(.unknown, from: one, now: start)
        breaker.hear(.unknown, from: two, now: start + .seconds(6))
        breaker.hear(.unknown, from: one, now: start + .seconds(11))
        #expect(permission(&breaker, one, start + .seconds(11)) == .free)
        breaker.hear(.unknown, from: one, now: start + .seconds(12))
        let opened = start + .seconds(12)
        guard case .held(let hold, .seconds(1)) = permission(&breaker, one, opened) else {
            Issue.record("held for a second")
            return
        }
        #expect(hold.cause == .unknownOutcomes)
        #expect(permission(&breaker, one, opened + .seconds(1)) == .probe)
        #expect(permission(&breaker, two, opened + .seconds(1)) == .held(hold, SendBreaker.probeWait))
        breaker.hear(.accepted, from: one, now: opened + .seconds(2))
        #expect(permission(&breaker, two, opened + .seconds(2)) == .free)
    }

    @Test func aMinuteOfUnknownOutcomesCostsFewProbes() {
        var breaker = SendBreaker()
        for _ in 1...3 { breaker.hear(.unknown, from: one, now: start) }
        var probes = 0
        for tick in 0..<600 {
            let now = start + .milliseconds(100 * tick)
            guard permission(&breaker, one, now) == .probe else { continue }
            probes += 1
            breaker.hear(.unknown, from: one, now: now)
        }
        #expect((6...9).contains(probes))
    }

    @Test func aProbeThatNothingWasHeardOfIsGivenUp() {
        var breaker = SendBreaker()
        breaker.hear(.blocked(.sendingPaused, detail: "paused"), from: one, now: start)
        let due = start + SendBreaker.blockedPause
        #expect(permission(&breaker, one, due) == .probe)
        #expect(permission(&breaker, two, due + .seconds(59)) != .probe)
        #expect(permission(&breaker, two, due + .seconds(60)) == .probe)
    }

    @Test func aProbeThatWasNotSentLetsAnotherTryAtOnce() {
        var breaker = SendBreaker()
        breaker.hear(.blocked(.accessDenied, detail: ""), from: one, now: start)
        let due = start + SendBreaker.blockedPause
        #expect(permission(&breaker, one, due) == .probe)
        breaker.hear(.unused, from: two, now: due)
        #expect(permission(&breaker, two, due) != .probe)
        breaker.hear(.unused, from: one, now: due)
        #expect(permission(&breaker, two, due) == .probe)
    }

    @Test func theAccountsOwnWordEndsWhatTheAccountBegan() {
        var breaker = SendBreaker()
        let hold = SendHold(.quotaExceeded, detail: "200 of 200")
        breaker.update(hold, now: start)
        breaker.update(hold, now: start + .seconds(20))
        #expect(breaker.open?.since == start)
        #expect(permission(&breaker, one, start + .seconds(45)) != .probe)
        breaker.update(nil, now: start + .seconds(46))
        #expect(permission(&breaker, one, start + .seconds(46)) == .probe)
    }

    @Test(arguments: MailerRefusal.Reason.allCases)
    func aBadMessageOrAThrottleHoldsNobodyElseBack(reason: MailerRefusal.Reason) {
        let harmless: [MailerRefusal.Reason] = [.message, .throttled, .signatureExpired]
        #expect((SendHold.Cause(reason) == nil) == harmless.contains(reason))
    }

    private func permission(
        _ breaker: inout SendBreaker,
        _ worker: WorkerID,
        _ now: Timestamp
    ) -> SendBreaker.Permission {
        breaker.permission(for: worker, now: now)
    }
}
