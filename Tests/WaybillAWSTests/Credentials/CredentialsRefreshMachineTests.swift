import Testing
import WaybillAWS
import WaybillCore

@Suite struct CredentialsRefreshMachineTests {
    private static let start = Timestamp(seconds: 1_700_000_000)
    private static let old = key("OLD")
    private static let new = key("NEW")
    private static let outage = AWSError(.credentials, "the endpoint is away")

    private static func key(_ name: String) -> AWSCredentials {
        AWSCredentials(accessKeyID: name, secretAccessKey: "secret")
    }

    private var generator = FixedGenerator()

    /// So long after the start, by both clocks; `ahead` is what the wall clock has jumped.
    private func at(_ minutes: Double, ahead: Duration = .zero) -> CredentialsRefreshMachine.Moment {
        let elapsed = Duration.seconds(minutes * 60)
        return CredentialsRefreshMachine.Moment(wall: Self.start + elapsed + ahead, monotonic: elapsed)
    }

    private func found(_ credentials: AWSCredentials, expiresAt minutes: Double?) -> FoundCredentials {
        FoundCredentials(credentials, expiresAt: minutes.map { Self.start + .seconds($0 * 60) })
    }

    /// A machine that got `OLD` at the start.
    private mutating func machine(expiresAt minutes: Double?) -> CredentialsRefreshMachine {
        var machine = CredentialsRefreshMachine()
        #expect(machine.ask(waiter: 1, at: at(0)) == .refresh)
        let deliveries = machine.refreshed(found(Self.old, expiresAt: minutes), at: at(0), using: &generator)
        #expect(deliveries.isEmpty)
        return machine
    }

    private func delivery(_ waiter: Int, _ answer: CredentialsRefreshMachine.Answer) -> [CredentialsRefreshMachine
        .Delivery]
    {
        [CredentialsRefreshMachine.Delivery(waiter: waiter, answer: answer)]
    }

    @Test mutating func theFirstCallerLooksAndTheOthersWaitForHim() {
        var machine = CredentialsRefreshMachine()
        #expect(machine.ask(waiter: 1, at: at(0)) == .refresh)
        #expect(machine.ask(waiter: 2, at: at(0)) == .wait)
        #expect(machine.ask(waiter: 3, at: at(0)) == .wait)
        let deliveries = machine.refreshed(found(Self.new, expiresAt: 60), at: at(0), using: &generator)
        #expect(deliveries == delivery(2, .use(Self.new)) + delivery(3, .use(Self.new)))
        #expect(machine.ask(waiter: 4, at: at(1)) == .use(Self.new))
    }

    @Test mutating func fifteenMinutesBeforeExpiryOneCallerLooksAndTheOthersUseTheOld() {
        var machine = machine(expiresAt: 60)
        #expect(machine.ask(waiter: 2, at: at(44.9)) == .use(Self.old))
        #expect(machine.ask(waiter: 3, at: at(45)) == .refresh)
        #expect(machine.ask(waiter: 4, at: at(45)) == .use(Self.old))
        #expect(machine.ask(waiter: 5, at: at(49.9)) == .use(Self.old))
        #expect(machine.refreshed(found(Self.new, expiresAt: 110), at: at(50), using: &generator).isEmpty)
        #expect(machine.ask(waiter: 6, at: at(50)) == .use(Self.new))
    }

    @Test mutating func tenMinutesBeforeExpiryEverybodyWaitsForTheRefresh() {
        var machine = machine(expiresAt: 60)
        #expect(machine.ask(waiter: 2, at: at(50)) == .refresh)
        #expect(machine.ask(waiter: 3, at: at(50)) == .wait)
        let deliveries = machine.refreshed(found(Self.new, expiresAt: 110), at: at(50), using: &generator)
        #expect(deliveries == delivery(3, .use(Self.new)))
    }

    @Test mutating func aFailedRefreshLeavesTheOldUntilTheyExpire() {
        var machine = machine(expiresAt: 60)
        #expect(machine.ask(waiter: 2, at: at(50)) == .refresh)
        #expect(machine.ask(waiter: 3, at: at(50)) == .wait)
        let deliveries = machine.failed(Self.outage, at: at(50), using: &generator)
        #expect(deliveries == delivery(3, .use(Self.old)))
        // Nobody looks again for half a minute at least, and somebody after a minute at most.
        #expect(machine.ask(waiter: 4, at: at(50.4)) == .use(Self.old))
        #expect(machine.ask(waiter: 5, at: at(51)) == .refresh)
        _ = machine.failed(Self.outage, at: at(59.8), using: &generator)
        #expect(machine.usable(at: at(59.9)) == Self.old)
        #expect(machine.usable(at: at(60)) == nil)
        #expect(machine.ask(waiter: 6, at: at(60.1)) == .fail(Self.outage))
        #expect(machine.ask(waiter: 7, at: at(61)) == .refresh)
    }

    @Test mutating func withNothingToUseTheFailureIsEverybodysForAWhile() {
        var machine = CredentialsRefreshMachine()
        #expect(machine.ask(waiter: 1, at: at(0)) == .refresh)
        #expect(machine.ask(waiter: 2, at: at(0)) == .wait)
        #expect(machine.failed(Self.outage, at: at(0), using: &generator) == delivery(2, .fail(Self.outage)))
        #expect(machine.ask(waiter: 3, at: at(4.9 / 60)) == .fail(Self.outage))
        #expect(machine.ask(waiter: 4, at: at(5.0 / 60)) == .refresh)
    }

    @Test mutating func whenTheOneWhoLooksIsCancelledTheFirstWhoWaitsTakesOver() {
        var machine = CredentialsRefreshMachine()
        #expect(machine.ask(waiter: 1, at: at(0)) == .refresh)
        #expect(machine.ask(waiter: 2, at: at(0)) == .wait)
        #expect(machine.ask(waiter: 3, at: at(0)) == .wait)
        #expect(machine.abandoned() == delivery(2, .refresh))
        #expect(machine.ask(waiter: 4, at: at(0)) == .wait)
        let deliveries = machine.refreshed(found(Self.new, expiresAt: nil), at: at(0), using: &generator)
        #expect(deliveries == delivery(3, .use(Self.new)) + delivery(4, .use(Self.new)))

        var alone = CredentialsRefreshMachine()
        #expect(alone.ask(waiter: 1, at: at(0)) == .refresh)
        #expect(alone.abandoned().isEmpty)
        #expect(alone.ask(waiter: 2, at: at(0)) == .refresh)
    }

    @Test mutating func aWaiterWhoLeavesGetsNoAnswer() {
        var machine = CredentialsRefreshMachine()
        #expect(machine.ask(waiter: 1, at: at(0)) == .refresh)
        #expect(machine.ask(waiter: 2, at: at(0)) == .wait)
        let left = [machine.leave(waiter: 2), machine.leave(waiter: 2)]
        #expect(left == [true, false])
        #expect(machine.refreshed(found(Self.new, expiresAt: nil), at: at(0), using: &generator).isEmpty)
    }

    @Test mutating func aKeyThatDoesNotExpireIsLookedUpAgainAfterTwoMinutes() {
        var machine = machine(expiresAt: nil)
        #expect(machine.ask(waiter: 2, at: at(1.9)) == .use(Self.old))
        #expect(machine.ask(waiter: 3, at: at(2)) == .refresh)
        #expect(machine.ask(waiter: 4, at: at(2)) == .use(Self.old))
        _ = machine.failed(Self.outage, at: at(2), using: &generator)
        #expect(machine.ask(waiter: 5, at: at(2.4)) == .use(Self.old))
    }

    @Test mutating func refusedCredentialsAreReplacedAtOnceAndOthersWait() {
        var machine = machine(expiresAt: 60)
        machine.refused(Self.new, at: at(1))
        #expect(machine.ask(waiter: 2, at: at(1)) == .use(Self.old))
        machine.refused(Self.old, at: at(1))
        #expect(machine.ask(waiter: 3, at: at(1)) == .refresh)
        #expect(machine.ask(waiter: 4, at: at(1)) == .wait)
        let deliveries = machine.refreshed(found(Self.new, expiresAt: 60), at: at(1), using: &generator)
        #expect(deliveries == delivery(4, .use(Self.new)))
        // A service that refuses everything makes nobody search the chain at each call.
        machine.refused(Self.new, at: at(1.05))
        #expect(machine.ask(waiter: 5, at: at(1.05)) == .use(Self.new))
        machine.refused(Self.new, at: at(1.1))
        #expect(machine.ask(waiter: 6, at: at(1.1)) == .refresh)
    }

    @Test mutating func aRefusalEndsThePauseAfterAFailure() {
        var machine = machine(expiresAt: 60)
        #expect(machine.ask(waiter: 2, at: at(46)) == .refresh)
        _ = machine.failed(Self.outage, at: at(46), using: &generator)
        #expect(machine.ask(waiter: 3, at: at(46.1)) == .use(Self.old))
        machine.refused(Self.old, at: at(46.1))
        #expect(machine.ask(waiter: 4, at: at(46.1)) == .refresh)
    }

    @Test mutating func aSourceThatGivesExpiredCredentialsIsUsedAndAskedAgainMinutesLater() {
        var machine = machine(expiresAt: -1)
        #expect(machine.ask(waiter: 2, at: at(4.9)) == .use(Self.old))
        #expect(machine.ask(waiter: 3, at: at(10)) == .refresh)
        #expect(machine.ask(waiter: 4, at: at(10)) == .use(Self.old))
    }

    @Test mutating func theSameCredentialsAgainAreNotAskedForByEveryCall() {
        var machine = machine(expiresAt: 60)
        #expect(machine.ask(waiter: 2, at: at(52)) == .refresh)
        _ = machine.refreshed(found(Self.old, expiresAt: 60), at: at(52), using: &generator)
        #expect(machine.ask(waiter: 3, at: at(52)) == .use(Self.old))
        #expect(machine.ask(waiter: 4, at: at(55.9)) == .use(Self.old))
        #expect(machine.ask(waiter: 5, at: at(56)) == .refresh)
    }

    @Test mutating func aWallClockThatIsSetBackDoesNotMakeAPauseLonger() {
        var machine = machine(expiresAt: 60)
        #expect(machine.ask(waiter: 2, at: at(50)) == .refresh)
        _ = machine.failed(Self.outage, at: at(50), using: &generator)
        #expect(machine.ask(waiter: 3, at: at(52, ahead: .seconds(-60))) == .refresh)
    }
}

/// Always in the middle.
private struct FixedGenerator: RandomNumberGenerator {
    mutating func next() -> UInt64 { .max / 2 }
}
