import Testing
import WaybillCore

@Suite struct InDoubtRuleTests {
    private let world = DeliveryFixture()
    private let hold = InDoubtRule(policy: DeliveryPolicy())
    private let resend = InDoubtRule(policy: DeliveryPolicy(inDoubt: .resend))
    private let nothing = FeedState()

    private var over: Timestamp { world.claim.signedAt + .seconds(16 * 60) }
    private var end: Timestamp { world.claim.signedAt + .seconds(31 * 60) }

    /// What must be known for silence to be proof.
    private var proof: FeedState {
        FeedState(
            lastSend: over + .seconds(1),
            emptySince: end,
            emptyReads: 7,
            lastRead: end + .seconds(60),
            trouble: nil
        )
    }

    @Test func aSendingRecordIsJudgedOnlyAfterItsSignatureAndTheFeedGrace() {
        let record = world.record(.sending)
        for rule in [hold, resend] {
            #expect(rule.judge(record, feed: proof, now: end - .seconds(1)) == .settle(.later(end)))
        }
        guard case .write(.doubt(let attempt, _)) = hold.judge(record, feed: proof, now: end) else {
            Issue.record("held, not sent again")
            return
        }
        #expect(attempt == world.claim.attempt)
    }

    @Test func evidenceThatCameMeanwhileFinishesTheJob() {
        let answer = LedgerOutcome.refused(world.record(.delivered, messageID: "m"))
        let action = resend.judge(answer: answer, feed: proof, now: world.now)
        #expect(action == .settle(.finished(status: "DELIVERED", messageID: "m")))
    }

    @Test func anUnconfirmedRecordIsLookedAtAgainEverLessOften() {
        let record = world.record(.unconfirmed)
        for (age, wait) in [(0, 60), (61, 61), (1800, 1800), (7200, 3600)] {
            let now = end + .seconds(age)
            guard case .settle(.unconfirmed(_, let lookAgain)) = hold.judge(record, feed: nothing, now: now) else {
                Issue.record("it stays unconfirmed")
                return
            }
            #expect(lookAgain == now + .seconds(wait))
        }
    }

    @Test func aPendingRecordOrNoneMakesTheJobReady() {
        #expect(hold.judge(world.record(.pending), feed: nothing, now: world.now) == .settle(.ready))
        #expect(hold.judge(nil, feed: nothing, now: world.now) == .settle(.ready))
    }

    @Test func aFeedThatIsAliveAndDrainedLetsTheDeliveryGoAgain() {
        let action = resend.judge(world.record(.sending), feed: proof, now: end + .seconds(61))
        #expect(action == .write(.resend(world.claim.attempt)))
    }

    @Test(arguments: 0..<6)
    func whateverIsMissingFromTheProofIsWaitedForAndThenDoubted(missing: Int) {
        var feed = proof
        switch missing {
        case 0: feed.lastSend = nil
        case 1: feed.lastSend = over
        case 2: feed.trouble = "1 messages in feedback"
        case 3: feed.emptySince = end + .seconds(1)
        case 4: feed.emptyReads = 2
        default: feed.lastRead = end + .seconds(59)
        }
        let record = world.record(.sending)
        let soon = end + .seconds(100)
        #expect(resend.judge(record, feed: feed, now: soon) == .settle(.later(soon + .seconds(15))))
        let late = end + .seconds(15 * 60)
        guard case .write(.doubt(_, let reason)) = resend.judge(record, feed: feed, now: late) else {
            Issue.record("not proven, so an operator decides")
            return
        }
        #expect(reason.contains("feed"))
    }

    @Test func aRowOfEmptyReadsThatBeganEarlierCountsFromTheEndOfTheGrace() {
        var feed = proof
        feed.emptySince = end - .seconds(3600)
        #expect(FeedProof(policy: DeliveryPolicy()).missing(feed, signedAt: world.claim.signedAt) == nil)
        feed.lastRead = end + .seconds(59)
        #expect(FeedProof(policy: DeliveryPolicy()).missing(feed, signedAt: world.claim.signedAt) != nil)
    }
}

@Suite struct FeedStateTests {
    private let start = Timestamp(seconds: 1_800_000_000)
    private let gap = Duration.seconds(30)

    @Test func aReadThatFindsSomethingOrComesTooLateBeginsTheRowAnew() {
        var feed = FeedState()
        feed.noteRead(trouble: nil, gap: gap, now: start)
        feed.noteRead(trouble: nil, gap: gap, now: start + .seconds(30))
        #expect(feed.emptySince == start)
        #expect(feed.emptyReads == 2)
        feed.noteRead(trouble: nil, gap: gap, now: start + .seconds(61))
        #expect(feed.emptySince == start + .seconds(61))
        #expect(feed.emptyReads == 1)
        feed.noteRead(trouble: "2 messages in feedback", gap: gap, now: start + .seconds(62))
        #expect(feed.emptySince == nil)
        feed.noteRead(trouble: nil, gap: gap, now: start + .seconds(63))
        #expect(feed.emptySince == start + .seconds(63))
        #expect(feed.trouble == nil)
    }

    @Test func theNewestAcceptanceCounts() {
        var feed = FeedState()
        feed.noteSend(acceptedAt: start)
        feed.noteSend(acceptedAt: start - .seconds(5))
        #expect(feed.lastSend == start)
    }
}

@Suite struct LeadershipMachineTests {
    private let worker = WorkerID(high: 1, low: 1)

    @Test func theTrustEndsBeforeTheStoresLease() {
        var machine = LeadershipMachine(timing: LeaseMachine.Timing())
        let fence = LeaderFence(role: "leader", holder: worker, term: Term(7))
        #expect(answer(&machine, fence, .seconds(100)) == .elected)
        #expect(machine.trusted(now: .milliseconds(108_999)) == fence)
        #expect(machine.trusted(now: .seconds(109)) == nil)
        #expect(machine.held == fence)
        #expect(answer(&machine, fence, .seconds(103)) == nil)
        #expect(machine.trusted(now: .seconds(111)) == fence)
        #expect(answer(&machine, nil, .seconds(112)) == .deposed)
        #expect(machine.held == nil)
        #expect(answer(&machine, nil, .seconds(113)) == nil)
    }

    @Test func aNewTermOfTheSameWorkerIsAnElection() {
        var machine = LeadershipMachine(timing: LeaseMachine.Timing())
        #expect(answer(&machine, LeaderFence(role: "leader", holder: worker, term: Term(7)), .zero) == .elected)
        #expect(answer(&machine, LeaderFence(role: "leader", holder: worker, term: Term(8)), .zero) == .elected)
    }

    private func answer(
        _ machine: inout LeadershipMachine,
        _ fence: LeaderFence?,
        _ askedAt: Duration
    ) -> LeadershipMachine.Change? {
        machine.answered(fence, askedAt: askedAt)
    }
}
