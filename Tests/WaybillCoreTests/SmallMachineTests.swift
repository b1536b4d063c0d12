import Testing
import WaybillCore

@Suite struct LeaseMachineTests {
    private let timing = LeaseMachine.Timing(lease: .seconds(10), renewal: .seconds(3), margin: .seconds(1))
    private let worker = WorkerID(high: 1, low: 1)

    @Test func theTrustEndsBeforeTheStoresLeaseCountedFromTheRequest() {
        var machine = LeaseMachine(timing: timing)
        machine.granted(worker, askedAt: .seconds(100))
        #expect(machine.trusted(now: .milliseconds(108_999)) == worker)
        #expect(machine.trusted(now: .seconds(109)) == nil)
        #expect(machine.registered == worker)
    }

    @Test func aRenewalWithoutARowMeansANewIncarnation() {
        var generator = SeededGenerator(state: 1)
        var machine = LeaseMachine(timing: timing)
        guard case .register(let first) = machine.next(using: &generator) else {
            Issue.record("a worker registers first")
            return
        }
        machine.granted(first, askedAt: .zero)
        let answer1 = machine.next(using: &generator)
        #expect(answer1 == .renew(first))
        machine.lost(first)
        #expect(machine.trusted(now: .zero) == nil)
        guard case .register(let second) = machine.next(using: &generator) else {
            Issue.record("a lost lease is followed by a registration")
            return
        }
        #expect(second != first)
    }

    @Test func anUnansweredRegistrationIsRepeatedUnderTheSameId() {
        var generator = SeededGenerator(state: 1)
        var machine = LeaseMachine(timing: timing)
        let first = machine.next(using: &generator)
        let second = machine.next(using: &generator)
        #expect(first == second)
    }

    @Test func aLateAnswerAboutAnEarlierIncarnationChangesNothing() {
        var machine = LeaseMachine(timing: timing)
        machine.granted(worker, askedAt: .zero)
        machine.lost(WorkerID(high: 2, low: 2))
        #expect(machine.registered == worker)
    }
}

@Suite struct SendRateMachineTests {
    @Test func noWindowHasMoreThanItsRateAndTheBurst() {
        var machine = SendRateMachine(milliRate: 14_000, burst: 5, now: .zero)
        var generator = SeededGenerator(state: 7)
        var now = Duration.zero
        var sends: [Duration] = []
        while now < .seconds(60) {
            if case .granted(let offsets) = machine.take(Int.random(in: 1...20, using: &generator), now: now) {
                sends += offsets.map { now + $0 }
            }
            now += .milliseconds(Int.random(in: 1...400, using: &generator))
        }
        sends.sort()
        for (index, start) in sends.enumerated() {
            let inWindow = sends[index...].prefix { $0 < start + .seconds(10) }.count
            #expect(inWindow <= 140 + 5)
        }
        #expect(sends.count >= 60 * 14 * 95 / 100)
    }

    @Test func aThrottleLowersTheRateAndQuietRaisesItBackToTheRateSet() {
        var machine = SendRateMachine(milliRate: 10_000, burst: 1, now: .zero)
        machine.throttled()
        #expect(machine.milliRate == 8_000)
        for _ in 0..<100 { machine.throttled() }
        #expect(machine.milliRate == 100)
        for _ in 0..<100 { machine.calmed() }
        #expect(machine.milliRate == 10_000)
    }

    @Test func whoAsksTooFarAheadIsToldToWait() {
        var machine = SendRateMachine(milliRate: 1_000, burst: 1, now: .zero)
        let answer3 = machine.take(5, now: .zero)
        #expect(answer3 == .granted([.zero]))
        guard case .wait(let duration) = machine.take(1, now: .zero) else {
            Issue.record("the next slot is a second away")
            return
        }
        #expect(duration > .zero)
    }
}

@Suite struct StoreGateTests {
    @Test func eachFailureDoublesThePauseUpToTheLongestAndASuccessOpensTheGate() {
        var gate = StoreGate()
        #expect(gate.pause(now: .zero) == .zero)
        var pauses: [Duration] = []
        for _ in 0..<12 {
            gate.failed(now: .zero, jitter: 1)
            pauses.append(gate.pause(now: .zero))
        }
        #expect(pauses.prefix(3) == [.milliseconds(100), .milliseconds(200), .milliseconds(400)])
        #expect(pauses.last == StoreGate.longestPause)
        gate.succeeded()
        #expect(gate.pause(now: .zero) == .zero)
    }
}

@Suite struct SendBreakerTests {
    @Test func aReasonOfTheAccountHoldsSendingBackForAWhile() {
        var breaker = SendBreaker(pause: .seconds(30))
        let answer4 = breaker.refused(.sendingPaused, now: .zero)
        #expect(answer4)
        let answer5 = breaker.refused(.sendingPaused, now: .seconds(1))
        #expect(!answer5)
        #expect(breaker.reason(now: .seconds(2)) == .sendingPaused)
        #expect(breaker.reason(now: .seconds(31)) == nil)
    }

    @Test func aBadMessageOrAThrottleHoldsNobodyElseBack() {
        var breaker = SendBreaker(pause: .seconds(30))
        for reason in [MailerRefusal.Reason.message, .throttled, .signatureExpired] {
            let answer6 = breaker.refused(reason, now: .zero)
            #expect(!answer6)
            #expect(breaker.reason(now: .zero) == nil)
        }
    }
}

@Suite struct InDoubtRuleTests {
    private let world = DeliveryFixture()
    private let rule = InDoubtRule(policy: DeliveryPolicy())

    @Test func aSendingRecordIsJudgedOnlyAfterItsSignatureAndTheFeedGrace() {
        let record = world.record(.sending)
        let end = world.claim.signedAt + .seconds(31 * 60)
        #expect(rule.judge(record, now: end - .seconds(1)) == .settle(.later(end)))
        guard case .write(.doubt(let attempt, _)) = rule.judge(record, now: end) else {
            Issue.record("held, not sent again")
            return
        }
        #expect(attempt == world.claim.attempt)
    }

    @Test func evidenceThatCameMeanwhileFinishesTheJob() {
        let answer = LedgerOutcome.refused(world.record(.delivered, messageID: "m"))
        let action = rule.judge(answer: answer, now: world.now)
        #expect(action == .settle(.finished(status: "DELIVERED", messageID: "m")))
    }

    @Test func aPendingRecordOrNoneMakesTheJobReady() {
        #expect(rule.judge(world.record(.pending), now: world.now) == .settle(.ready))
        #expect(rule.judge(nil, now: world.now) == .settle(.ready))
    }
}

/// SplitMix64: the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
