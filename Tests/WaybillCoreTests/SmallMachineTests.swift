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
        guard case .register(let first) = machine.next(now: .zero, using: &generator) else {
            Issue.record("a worker registers first")
            return
        }
        machine.granted(first, askedAt: .zero)
        let answer1 = machine.next(now: .zero, using: &generator)
        #expect(answer1 == .renew(first))
        machine.lost(first)
        #expect(machine.trusted(now: .zero) == nil)
        guard case .register(let second) = machine.next(now: .zero, using: &generator) else {
            Issue.record("a lost lease is followed by a registration")
            return
        }
        #expect(second != first)
    }

    @Test func anIncarnationWhoseRenewalsAreNotAnsweredForAWholeLeaseIsOver() {
        var generator = SeededGenerator(state: 1)
        var machine = LeaseMachine(timing: timing)
        machine.granted(worker, askedAt: .seconds(100))
        let stillHeld = machine.next(now: .milliseconds(109_999), using: &generator)
        #expect(stillHeld == .renew(worker))
        guard case .register(let second) = machine.next(now: .seconds(110), using: &generator) else {
            Issue.record("a lease that is over is not renewed")
            return
        }
        #expect(second != worker)
        #expect(machine.registered == nil)
    }

    @Test func anUnansweredRegistrationIsRepeatedUnderTheSameId() {
        var generator = SeededGenerator(state: 1)
        var machine = LeaseMachine(timing: timing)
        let first = machine.next(now: .zero, using: &generator)
        let second = machine.next(now: .zero, using: &generator)
        #expect(first == second)
    }

    @Test func aLateAnswerAboutAnEarlierIncarnationChangesNothing() {
        var machine = LeaseMachine(timing: timing)
        machine.granted(worker, askedAt: .zero)
        machine.lost(WorkerID(high: 2, low: 2))
        #expect(machine.registered == worker)
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
