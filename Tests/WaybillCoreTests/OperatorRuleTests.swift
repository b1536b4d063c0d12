import Testing
import WaybillCore

@Suite struct OperatorRuleTests {
    private let world = DeliveryFixture()

    private func request(_ action: OperatorAction) -> OperatorRequest {
        OperatorRequest(id: 1, action: action, delivery: world.id, name: "ann", reason: "asked by the customer")
    }

    private func judge(
        _ action: OperatorAction,
        _ record: DeliveryRecord?,
        _ job: OperatorRule.JobPlace?
    ) -> OperatorRule.Action {
        OperatorRule.judge(request(action), record: record, job: job)
    }

    @Test func anUnconfirmedDeliveryIsResolvedUnderTheVersionThatWasSeen() {
        let record = world.record(.unconfirmed)
        let note = "ann: asked by the customer"
        #expect(
            judge(.resend, record, .unconfirmed)
                == .write(.resolve(seenVersion: record.version, .resend, reason: note))
        )
        #expect(
            judge(.close, record, .unconfirmed)
                == .write(.resolve(seenVersion: record.version, .close, reason: note))
        )
    }

    @Test(arguments: DeliveryStatus.allCases)
    func onlyWhatIsUnconfirmedIsResolved(status: DeliveryStatus) {
        for action in [OperatorAction.resend, .close] {
            guard status != .unconfirmed else { continue }
            guard case .end(let result) = judge(action, world.record(status), .unconfirmed) else {
                Issue.record("\(status) cannot be resolved")
                return
            }
            #expect(!result.isDone)
        }
    }

    @Test func aRequestThatWasHalfDoneGoesOn() {
        var record = world.record(.pending)
        record.reason = request(.resend).note
        #expect(judge(.resend, record, .unconfirmed) == .makeReady)
        #expect(judge(.retry, record, .finished) == .makeReady)
        var closed = world.record(.closed)
        closed.reason = request(.close).note
        #expect(judge(.close, closed, .unconfirmed) == .finish(status: "CLOSED"))
    }

    @Test(arguments: DeliveryStatus.allCases)
    func onlyADecisionThatWasNeverSentIsTakenBack(status: DeliveryStatus) {
        let decided: [DeliveryStatus] = [.failed, .suppressed, .closed]
        var record = world.record(status)
        record.attempt = nil
        let action = judge(.retry, record, .finished)
        let expected = DeliveryTransition.reopen(seenVersion: record.version, reason: request(.retry).note)
        #expect((action == .write(expected)) == decided.contains(status))
        var sent = record
        sent.facts[.sent] = world.now
        guard case .end(let result) = judge(.retry, sent, .finished) else {
            Issue.record("what SES accepted is never sent again")
            return
        }
        #expect(!result.isDone)
    }

    @Test func whatIsNotKeptAnyMoreCannotBeRetried() {
        guard case .end(let result) = judge(.retry, world.record(.failed), nil) else {
            Issue.record("there is no order to send")
            return
        }
        #expect(!result.isDone)
        #expect(result.outcome.contains("publish"))
    }

    @Test func onlyWhatWaitsIsCancelled() {
        #expect(judge(.cancel, nil, .ready) == .claimAndClose)
        #expect(judge(.cancel, world.record(.pending), .held) == .claimAndClose)
        let others: [OperatorRule.JobPlace?] = [.leased, .inDoubt, .unconfirmed, .finished, nil]
        for place in others {
            guard case .end(let result) = judge(.cancel, nil, place) else {
                Issue.record("not waiting")
                return
            }
            #expect(!result.isDone)
        }
        guard case .end = judge(.cancel, world.record(.sending), .ready) else {
            Issue.record("its request may be on the wire")
            return
        }
    }

    @Test func onlyWhatIsHeldIsReleased() {
        #expect(judge(.release, nil, .held) == .makeReady)
        #expect(judge(.release, nil, .ready) == .end(.refused("its job is not held")))
    }
}

extension OperatorRuleTests {
    private func judgeCopy(
        _ record: DeliveryRecord?,
        to address: String? = "new@example.com",
        of id: DeliveryID? = nil
    ) -> OperatorRule.Action {
        let delivery = id ?? world.id
        let request = OperatorRequest(
            id: 1,
            action: .copy,
            delivery: delivery,
            name: "ann",
            reason: "x",
            address: address
        )
        return OperatorRule.judge(request, record: record, job: .finished)
    }

    @Test(arguments: DeliveryStatus.allCases)
    func aCopyIsMadeOnlyWhenTheFirstEmailIsAtAnEnd(status: DeliveryStatus) {
        let open: [DeliveryStatus] = [.pending, .sending, .unconfirmed]
        let action = judgeCopy(world.record(status))
        #expect((action == .makeCopy(to: "new@example.com")) == !open.contains(status))
        guard open.contains(status) else { return }
        guard case .end(let result) = action else {
            Issue.record("nobody knows what became of the first")
            return
        }
        #expect(!result.isDone)
        #expect(result.outcome.contains(status.name))
    }

    @Test func whatWasClosedInDoubtIsCopiedAndNotRetried() {
        let record = world.record(.closed)
        #expect(record.attempt != nil)
        guard case .end(let result) = judge(.retry, record, .finished) else {
            Issue.record("SES may have accepted its attempt")
            return
        }
        #expect(!result.isDone)
        #expect(result.outcome.contains("resend-copy"))
        #expect(judgeCopy(record, to: record.email) == .makeCopy(to: record.email))
    }

    @Test(arguments: [DeliveryStatus.failed, .suppressed, .closed])
    func whatNeverWentToTheSameAddressIsRetriedAndNotCopied(status: DeliveryStatus) {
        var record = world.record(status)
        record.attempt = nil
        guard case .end(let result) = judgeCopy(record, to: record.email.uppercased()) else {
            Issue.record("there is nothing to copy")
            return
        }
        #expect(result.outcome.contains("retry"))
    }

    @Test func aCopyNeedsARecordAnAddressAndAConfirmation() {
        let copy = DeliveryID(order: world.id.order, kind: .confirmationCopy(2))
        for action in [
            judgeCopy(nil), judgeCopy(world.record(.sent), to: nil), judgeCopy(world.record(.sent), of: copy),
        ] {
            guard case .end(let result) = action else {
                Issue.record("\(action)")
                continue
            }
            #expect(!result.isDone)
        }
    }

    @Test func anOrderThatWaitsIsMarkedAndOneThatIsInHandIsNot() {
        let waiting: [(DeliveryRecord?, OperatorRule.JobPlace?)] = [
            (nil, .ready), (nil, .held), (world.record(.pending), .ready), (world.record(.pending), .finished),
        ]
        for (record, job) in waiting { #expect(judge(.sendAnyway, record, job) == .makeReady) }
        let others: [(DeliveryRecord?, OperatorRule.JobPlace?)] = [
            (nil, .leased), (nil, .finished), (nil, nil), (world.record(.pending), .inDoubt),
            (world.record(.pending), .unconfirmed), (world.record(.suppressed), nil),
        ]
        for (record, job) in others {
            guard case .end(let result) = judge(.sendAnyway, record, job) else {
                Issue.record("\(String(describing: job)) is not sent anyway")
                continue
            }
            #expect(!result.isDone)
        }
    }

    @Test(arguments: DeliveryStatus.allCases)
    func onlyWhatIsSuppressedIsOpenedToBeSentAnyway(status: DeliveryStatus) {
        var record = world.record(status)
        record.attempt = nil
        let action = judge(.sendAnyway, record, .finished)
        switch status {
        case .pending: #expect(action == .makeReady)
        case .suppressed:
            let note = request(.sendAnyway).note
            #expect(action == .write(.reopen(seenVersion: record.version, reason: note)))
        default:
            guard case .end(let result) = action else {
                Issue.record("\(status) is not sent anyway")
                return
            }
            #expect(!result.isDone)
        }
    }
}
