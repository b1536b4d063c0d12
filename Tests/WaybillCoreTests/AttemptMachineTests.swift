import Testing
import WaybillCore

/// Dialogues with the machine of one attempt: rows T1 to T6 and T12 of the table.
@Suite struct AttemptMachineTests {
    private let policy = DeliveryPolicy(writeTries: 2)
    private let world = DeliveryFixture()

    private func sending() -> AttemptMachine {
        var machine = AttemptMachine(claim: world.claim, policy: policy)
        #expect(machine.begin() == .write(.claim(world.claim), after: .zero, signedAt: world.claim.signedAt))
        let answer1 = machine.ledgerAnswered(world.applied(.sending))
        #expect(answer1 == .send(world.claim))
        return machine
    }

    @Test func anAcceptedEmailIsRecordedAsEvidenceAndItsJobFinished() {
        var machine = sending()
        let evidence = world.evidence("m-1")
        let write = machine.mailerAnswered(.accepted(messageID: "m-1"), now: world.now)
        #expect(write == .write(.record(evidence), after: .zero, signedAt: nil))
        let end = machine.ledgerAnswered(world.applied(.sent, messageID: "m-1"))
        #expect(end == .settle(.finished(status: "SENT", messageID: "m-1")))
        #expect(machine.notes.isEmpty)
    }

    @Test func anUnknownOutcomeIsWrittenByNobodyAndWaitsUntilItsSignatureAndTheFeedAreOver() {
        var machine = sending()
        let end = machine.mailerAnswered(.unknown("reset by peer"), now: world.now)
        let until = world.claim.signedAt + .seconds(31 * 60)
        #expect(end == .settle(.inDoubt(attempt: world.claim.attempt, until: until, reason: "reset by peer")))
        #expect(machine.notes == [.unknownOutcome])
    }

    @Test func anUnansweredClaimIsRepeatedUnchangedWithTheSameSignatureTime() {
        var machine = AttemptMachine(claim: world.claim, policy: policy)
        _ = machine.begin()
        let again = machine.ledgerFailed(.unanswered, reason: "timeout")
        #expect(again == .write(.claim(world.claim), after: .milliseconds(400), signedAt: world.claim.signedAt))
    }

    @Test func aRefusalThatShowsMyOwnAttemptIsMyOwnWrite() {
        var machine = AttemptMachine(claim: world.claim, policy: policy)
        _ = machine.begin()
        _ = machine.ledgerFailed(.unanswered, reason: "timeout")
        let answer2 = machine.ledgerAnswered(.refused(world.record(.sending)))
        #expect(answer2 == .send(world.claim))
        #expect(machine.notes == [.ownClaimRecognised])
    }

    @Test func aClaimThatIsNeverAnsweredIsWithdrawnSoThatALateCopyIsRefused() {
        var machine = AttemptMachine(claim: world.claim, policy: policy)
        _ = machine.begin()
        _ = machine.ledgerFailed(.unanswered, reason: "timeout")
        let withdrawal = machine.ledgerFailed(.unanswered, reason: "timeout")
        #expect(withdrawal == .write(.withdraw(world.claim), after: .zero, signedAt: nil))
        guard case .settle(.released) = machine.ledgerAnswered(world.applied(.pending)) else {
            Issue.record("a withdrawn claim releases its job")
            return
        }
        let withdrawn = RecordTable.apply(.withdraw(world.claim), to: nil, id: world.id, now: world.now)
        #expect(!DeliveryTransition.claim(world.claim).condition.holds(for: withdrawn))
    }

    @Test func aWithdrawalThatFindsTheClaimReleasesItBecauseNothingWasSent() {
        var machine = AttemptMachine(claim: world.claim, policy: policy)
        _ = machine.begin()
        _ = machine.ledgerFailed(.unanswered, reason: "timeout")
        _ = machine.ledgerFailed(.unanswered, reason: "timeout")
        guard case .write(.release(let attempt, _), _, _) = machine.ledgerAnswered(.refused(world.record(.sending)))
        else {
            Issue.record("the claim is there and is released")
            return
        }
        #expect(attempt == world.claim.attempt)
    }

    @Test func aDeliverySendingUnderAnotherAttemptIsNeverSentByMe() {
        for status in [DeliveryStatus.sending, .unconfirmed] {
            var machine = AttemptMachine(claim: world.claim, policy: policy)
            _ = machine.begin()
            var record = world.record(status)
            record.attempt = AttemptID(high: 9, low: 9)
            guard case .settle(.inDoubt(let attempt, _, _)) = machine.ledgerAnswered(.refused(record)) else {
                Issue.record("\(status.name) under another attempt is in doubt")
                continue
            }
            #expect(attempt == record.attempt)
        }
    }

    @Test func aDeliveryAtItsEndFinishesTheJobWithoutSending() {
        for status in DeliveryStatus.allCases where status.endsJob {
            var machine = AttemptMachine(claim: world.claim, policy: policy)
            _ = machine.begin()
            let end = machine.ledgerAnswered(.refused(world.record(status)))
            #expect(end == .settle(.finished(status: status.name, messageID: nil)))
        }
    }

    @Test func anotherOrderUnderTheSameIdIsAConflictWhateverItsStatus() {
        for status in DeliveryStatus.allCases {
            var machine = AttemptMachine(claim: world.claim, policy: policy)
            _ = machine.begin()
            var record = world.record(status)
            record.attempt = AttemptID(high: 9, low: 9)
            record.payloadHash = DeliveryFixture.hash(7)
            guard case .settle(.conflict) = machine.ledgerAnswered(.refused(record)) else {
                Issue.record("\(status.name) of another order is a conflict")
                continue
            }
        }
    }

    @Test func anEpochBehindThePendingRecordsRaisesTheSequence() {
        var machine = AttemptMachine(claim: world.claim, policy: policy)
        _ = machine.begin()
        var record = world.record(.pending)
        record.epoch = Epoch(world.claim.epoch.number + 5)
        guard case .raiseEpochs(let past, .released) = machine.ledgerAnswered(.refused(record)) else {
            Issue.record("the database lost commits")
            return
        }
        #expect(past == record.epoch)
        #expect(machine.notes == [.epochRegressed])
    }

    @Test(arguments: MailerRefusal.Reason.allCases)
    func onlyARefusalOfThisMessageFailsIt(reason: MailerRefusal.Reason) {
        var machine = sending()
        let refusal = MailerRefusal(reason: reason, type: "T", message: "m", requestID: "r")
        let next = machine.mailerAnswered(.refused(refusal), now: world.now)
        if reason == .message {
            #expect(next == .write(.fail(world.claim.attempt, reason: "T: m"), after: .zero, signedAt: nil))
            let answer3 = machine.ledgerAnswered(world.applied(.failed))
            #expect(answer3 == .settle(.finished(status: "FAILED", messageID: nil)))
        } else {
            #expect(next == .write(.release(world.claim.attempt, reason: "T: m"), after: .zero, signedAt: nil))
            let end = machine.ledgerAnswered(world.applied(.pending))
            #expect(end == .settle(.released(after: policy.delay(after: reason), reason: "T: m")))
        }
    }

    @Test func aLostLeaseBeforeTheSendReleasesTheClaim() {
        var machine = sending()
        guard case .write(.release(let attempt, _), _, _) = machine.notSent("the lease ran out") else {
            Issue.record("nothing was sent")
            return
        }
        #expect(attempt == world.claim.attempt)
    }

    @Test func aSendEventBeforeTheAnswerRefinesTheFactAndFinishesTheJob() {
        var machine = sending()
        _ = machine.mailerAnswered(.accepted(messageID: "m-1"), now: world.now)
        let refine = machine.ledgerAnswered(.refused(world.record(.delivered, messageID: "m-1")))
        #expect(refine == .write(.refine(world.evidence("m-1")), after: .zero, signedAt: nil))
        let end = machine.ledgerAnswered(.refused(world.record(.delivered, messageID: "m-1")))
        #expect(end == .settle(.finished(status: "DELIVERED", messageID: "m-1")))
        #expect(machine.notes == [.evidenceBeforeAnswer])
    }

    @Test func anotherMessageIdInTheRecordIsAMeasuredDuplicate() {
        var machine = sending()
        _ = machine.mailerAnswered(.accepted(messageID: "m-2"), now: world.now)
        _ = machine.ledgerAnswered(.refused(world.record(.sent, messageID: "m-1")))
        _ = machine.ledgerAnswered(world.applied(.sent, messageID: "m-1"))
        #expect(machine.notes.contains(.duplicateSend(recorded: "m-1", seen: "m-2")))
    }

    @Test func anAcceptedEmailThatCannotBeRecordedIsInDoubtAndNotSentAgain() {
        var machine = sending()
        _ = machine.mailerAnswered(.accepted(messageID: "m-1"), now: world.now)
        _ = machine.ledgerFailed(.unanswered, reason: "timeout")
        guard case .settle(.inDoubt) = machine.ledgerFailed(.notDone, reason: "throttled") else {
            Issue.record("its Send event settles it")
            return
        }
    }

    @Test func aDecisionNotToSendEndsTheJobAndIsRecognisedWhenItsAnswerWasLost() {
        let decision = DeliveryDecision(
            subject: world.claim.subject,
            verdict: .suppressed,
            reason: "bounced",
            epoch: Epoch(3)
        )
        var machine = AttemptMachine(decision: decision, policy: policy)
        #expect(machine.begin() == .write(.decide(decision), after: .zero, signedAt: nil))
        _ = machine.ledgerFailed(.unanswered, reason: "timeout")
        let end = machine.ledgerAnswered(.refused(world.record(.suppressed)))
        #expect(end == .settle(.finished(status: "SUPPRESSED", messageID: nil)))
    }
}
