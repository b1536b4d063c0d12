/// One attempt at one delivery, from its claim to what becomes of its job: rows T1 to T6 and T12 of DESIGN 2. The caller
/// performs each action and reports its result; it decides nothing itself.
package struct AttemptMachine: Hashable, Sendable {
    /// What to do next.
    package enum Action: Hashable, Sendable {
        /// Write to the record, so long from now, signed with `signedAt` if it is given.
        case write(DeliveryTransition, after: Duration, signedAt: Timestamp?)
        /// T2: put the SES request on the wire, once, if the lease is trusted at this moment; report
        /// ``AttemptMachine/mailerAnswered(_:now:)``, or ``AttemptMachine/notSent(_:)``.
        case send(DeliveryClaim)
        /// T1'': the database has lost commits. Raise its sequence past this epoch, then settle the job.
        case raiseEpochs(past: Epoch, then: JobSettlement.Verdict)
        /// The attempt is over.
        case settle(JobSettlement.Verdict)
    }

    /// What the writer of a record may meet. Nothing here says that the write happened.
    package enum WriteFailure: Hashable, Sendable {
        /// It may have happened.
        case unanswered
        /// It did not happen, and may be tried later.
        case notDone
        /// It did not happen: the time it was signed with is too far off, or the request is not allowed.
        case refused
    }

    /// What the operator's metrics, and the simulation's list of rare paths, want to know.
    package enum Note: Hashable, Sendable {
        case ownClaimRecognised
        case duplicateSend(recorded: String, seen: String)
        case epochRegressed
        case claimWithdrawn
        case lateSignatureRefused
        case evidenceBeforeAnswer
        case unknownOutcome
    }

    private enum State: Hashable, Sendable {
        /// T1 is on its way for the nth time. To `sending`, `withdrawing`, `ended`.
        case claiming(DeliveryClaim, tries: Int, mayHaveHappened: Bool)
        /// T1': the claim is given up. To `releasing`, `ended`.
        case withdrawing(DeliveryClaim, tries: Int)
        /// The caller has the request in its hands. To `recording`, `failing`, `releasing`, `ended`.
        case sending(DeliveryClaim)
        /// T3 is on its way, part (a) or (b). To `ended`.
        case recording(DeliveryClaim, DeliveryEvidence, refining: Bool, tries: Int)
        /// T4 to FAILED is on its way. To `ended`.
        case failing(DeliveryClaim, reason: String, tries: Int)
        /// T4 or T5 to PENDING is on its way. To `ended`.
        case releasing(DeliveryClaim, reason: String, delay: Duration, tries: Int)
        /// T12 is on its way. To `ended`.
        case deciding(DeliveryDecision, tries: Int)
        case ended
    }

    private let policy: DeliveryPolicy
    private var state: State
    /// In the order in which they happened.
    package private(set) var notes: [Note] = []

    /// An attempt that begins with T1.
    package init(claim: DeliveryClaim, policy: DeliveryPolicy) {
        self.policy = policy
        state = .claiming(claim, tries: 1, mayHaveHappened: false)
    }

    /// A decision not to send, T12.
    package init(decision: DeliveryDecision, policy: DeliveryPolicy) {
        self.policy = policy
        state = .deciding(decision, tries: 1)
    }

    /// The first action.
    package func begin() -> Action {
        switch state {
        case .claiming(let claim, _, _): .write(.claim(claim), after: .zero, signedAt: claim.signedAt)
        case .deciding(let decision, _): .write(.decide(decision), after: .zero, signedAt: nil)
        case .withdrawing, .sending, .recording, .failing, .releasing, .ended:
            preconditionFailure("an attempt begins once")
        }
    }

    /// The record answered the last write.
    package mutating func ledgerAnswered(_ outcome: LedgerOutcome) -> Action {
        switch (state, outcome) {
        case (.claiming(let claim, _, _), .applied):
            return send(claim)
        case (.claiming(let claim, _, _), .refused(let record)):
            return claimRefused(claim, record)
        case (.withdrawing, .applied):
            notes.append(.claimWithdrawn)
            return settle(.released(after: policy.retryDelay, reason: "the claim was not answered and was withdrawn"))
        case (.withdrawing(let claim, _), .refused(let record)):
            return withdrawalRefused(claim, record)
        case (.recording(_, let evidence, _, _), .applied(_, let after)):
            return accepted(evidence, record: after)
        case (.recording(let claim, let evidence, let refining, _), .refused(let record)):
            return recordingRefused(claim, evidence, refining: refining, record)
        case (.failing(_, _, _), .applied(_, let after)):
            return settle(.finished(status: after.status.name, messageID: nil))
        case (.releasing(_, let reason, let delay, _), .applied):
            return settle(.released(after: delay, reason: reason))
        case (.failing(let claim, let reason, _), .refused(let record)),
            (.releasing(let claim, let reason, _, _), .refused(let record)):
            return overtaken(claim, reason: reason, record)
        case (.deciding, .applied(_, let after)):
            return settle(.finished(status: after.status.name, messageID: nil))
        case (.deciding(let decision, _), .refused(let record)):
            return decisionRefused(decision, record)
        case (.sending, _), (.ended, _):
            preconditionFailure("no write was on its way")
        }
    }

    /// The last write was not answered, or refused as a request.
    package mutating func ledgerFailed(_ failure: WriteFailure, reason: String) -> Action {
        switch state {
        case .claiming(let claim, let tries, let before):
            return claimFailed(claim, tries: tries, mayHaveHappened: before, failure, reason)
        case .withdrawing(let claim, let tries):
            guard tries < policy.writeTries else {
                return settle(.released(after: policy.retryDelay, reason: "claim not answered: \(reason)"))
            }
            state = .withdrawing(claim, tries: tries + 1)
            return .write(.withdraw(claim), after: policy.backoff(tries: tries), signedAt: nil)
        case .recording(let claim, let evidence, let refining, let tries):
            // The email is accepted. Should the record stay out of reach, its Send event says so too.
            guard tries < policy.writeTries else { return inDoubt(claim, "accepted, not recorded: \(reason)") }
            state = .recording(claim, evidence, refining: refining, tries: tries + 1)
            let again: DeliveryTransition = refining ? .refine(evidence) : .record(evidence)
            return .write(again, after: policy.backoff(tries: tries), signedAt: nil)
        case .failing(let claim, let why, let tries):
            guard tries < policy.writeTries else { return inDoubt(claim, "refused, not recorded: \(reason)") }
            state = .failing(claim, reason: why, tries: tries + 1)
            return .write(.fail(claim.attempt, reason: why), after: policy.backoff(tries: tries), signedAt: nil)
        case .releasing(let claim, let why, let delay, let tries):
            guard tries < policy.writeTries else { return inDoubt(claim, "not sent, not recorded: \(reason)") }
            state = .releasing(claim, reason: why, delay: delay, tries: tries + 1)
            return .write(.release(claim.attempt, reason: why), after: policy.backoff(tries: tries), signedAt: nil)
        case .deciding(let decision, let tries):
            guard failure != .refused, tries < policy.writeTries else {
                return settle(.released(after: policy.retryDelay, reason: reason))
            }
            state = .deciding(decision, tries: tries + 1)
            return .write(.decide(decision), after: policy.backoff(tries: tries), signedAt: nil)
        case .sending, .ended:
            preconditionFailure("no write was on its way")
        }
    }

    /// SES answered, or did not. `now` is the corrected wall time of the answer.
    package mutating func mailerAnswered(_ outcome: MailerOutcome, now: Timestamp) -> Action {
        guard case .sending(let claim) = state else { preconditionFailure("nothing was on the wire") }
        switch outcome {
        case .accepted(let messageID):
            let evidence = DeliveryEvidence(fact: .sent, at: now, sentAt: now, messageID: messageID)
            state = .recording(claim, evidence, refining: false, tries: 1)
            return .write(.record(evidence), after: .zero, signedAt: nil)
        case .refused(let refusal) where refusal.reason == .message:
            let reason = "\(refusal.type): \(refusal.message)"
            state = .failing(claim, reason: reason, tries: 1)
            return .write(.fail(claim.attempt, reason: reason), after: .zero, signedAt: nil)
        case .refused(let refusal):
            if refusal.reason == .signatureExpired { notes.append(.lateSignatureRefused) }
            return release(claim, "\(refusal.type): \(refusal.message)", policy.delay(after: refusal.reason))
        case .notWritten(let reason):
            return release(claim, "not one byte was written: \(reason)", policy.retryDelay)
        case .unknown(let reason):
            notes.append(.unknownOutcome)
            return inDoubt(claim, reason)
        }
    }

    /// T5: the request was about to be sent, and it was not.
    package mutating func notSent(_ reason: String) -> Action {
        guard case .sending(let claim) = state else { preconditionFailure("nothing was about to be sent") }
        return release(claim, reason, .zero)
    }
}

extension AttemptMachine {
    private mutating func send(_ claim: DeliveryClaim) -> Action {
        state = .sending(claim)
        return .send(claim)
    }

    private mutating func settle(_ verdict: JobSettlement.Verdict) -> Action {
        state = .ended
        return .settle(verdict)
    }

    private mutating func release(_ claim: DeliveryClaim, _ reason: String, _ delay: Duration) -> Action {
        state = .releasing(claim, reason: reason, delay: delay, tries: 1)
        return .write(.release(claim.attempt, reason: reason), after: .zero, signedAt: nil)
    }

    /// T6: nobody writes; the sweep judges when the attempt's time is over.
    private mutating func inDoubt(_ claim: DeliveryClaim, _ reason: String) -> Action {
        let until = policy.doubtEnds(signedAt: claim.signedAt)
        return settle(.inDoubt(attempt: claim.attempt, until: until, reason: reason))
    }

    private mutating func claimRefused(_ claim: DeliveryClaim, _ record: DeliveryRecord?) -> Action {
        if let record, record.status == .sending, record.attempt == claim.attempt {
            // T1': an earlier copy of this same write came through and its answer was lost.
            notes.append(.ownClaimRecognised)
            return send(claim)
        }
        return refused(epoch: claim.epoch, hash: claim.subject.payloadHash, record)
    }

    private mutating func withdrawalRefused(_ claim: DeliveryClaim, _ record: DeliveryRecord?) -> Action {
        if let record, record.status == .sending, record.attempt == claim.attempt {
            return release(claim, "the claim was answered too late", policy.retryDelay)
        }
        if let record, record.status == .pending, record.epoch == claim.epoch {
            // An earlier copy of the withdrawal came through.
            notes.append(.claimWithdrawn)
            return settle(.released(after: policy.retryDelay, reason: "the claim was withdrawn"))
        }
        return refused(epoch: claim.epoch, hash: claim.subject.payloadHash, record)
    }

    private mutating func decisionRefused(_ decision: DeliveryDecision, _ record: DeliveryRecord?) -> Action {
        refused(epoch: decision.epoch, hash: decision.subject.payloadHash, record)
    }

    /// T1 or T12 met a record that somebody else wrote.
    private mutating func refused(epoch: Epoch, hash: PayloadHash, _ record: DeliveryRecord?) -> Action {
        guard let record else {
            // The item was deleted (TTL) between the condition and the answer: the next claim finds none.
            return settle(.released(after: policy.retryDelay, reason: "the record disappeared"))
        }
        if record.payloadHash != hash {
            return settle(.conflict(reason: "the record of \(record.id) is of another order: \(record.payloadHash)"))
        }
        switch record.status {
        case .pending:
            guard record.epoch >= epoch else {
                // A legal race: the record went to PENDING between this write's condition and its answer.
                return settle(.released(after: policy.retryDelay, reason: "the record changed meanwhile"))
            }
            notes.append(.epochRegressed)
            state = .ended
            let verdict = JobSettlement.Verdict.released(after: .zero, reason: "the epoch was behind the record's")
            return .raiseEpochs(past: record.epoch, then: verdict)
        case .sending, .unconfirmed:
            let until = policy.doubtEnds(signedAt: record.signedAt ?? record.updatedAt)
            return settle(.inDoubt(attempt: record.attempt, until: until, reason: "claimed by another attempt"))
        case .failed, .suppressed, .closed, .sent, .delayed, .bouncedSoft, .delivered, .bouncedHard, .rejected,
            .complaint:
            return settle(.finished(status: record.status.name, messageID: record.messageID))
        }
    }

    private mutating func claimFailed(
        _ claim: DeliveryClaim,
        tries: Int,
        mayHaveHappened before: Bool,
        _ failure: WriteFailure,
        _ reason: String
    ) -> Action {
        let mayHaveHappened = before || failure == .unanswered
        if failure == .unanswered, tries < policy.writeTries {
            state = .claiming(claim, tries: tries + 1, mayHaveHappened: true)
            return .write(.claim(claim), after: policy.backoff(tries: tries), signedAt: claim.signedAt)
        }
        guard mayHaveHappened else { return settle(.released(after: policy.retryDelay, reason: reason)) }
        state = .withdrawing(claim, tries: 1)
        return .write(.withdraw(claim), after: .zero, signedAt: nil)
    }

    /// T3 is done: the record says SENT or more.
    private mutating func accepted(_ evidence: DeliveryEvidence, record: DeliveryRecord) -> Action {
        if let recorded = record.messageID, recorded != evidence.messageID {
            notes.append(.duplicateSend(recorded: recorded, seen: evidence.messageID))
        }
        return settle(.finished(status: record.status.name, messageID: record.messageID))
    }

    private mutating func recordingRefused(
        _ claim: DeliveryClaim,
        _ evidence: DeliveryEvidence,
        refining: Bool,
        _ record: DeliveryRecord?
    ) -> Action {
        guard let record else { return inDoubt(claim, "accepted as \(evidence.messageID), and the record is gone") }
        guard !refining else { return accepted(evidence, record: record) }
        notes.append(.evidenceBeforeAnswer)
        state = .recording(claim, evidence, refining: true, tries: 1)
        return .write(.refine(evidence), after: .zero, signedAt: nil)
    }

    /// T4 or T5 was refused: the record is no longer this attempt's. Evidence came first, or an operator decided.
    private mutating func overtaken(_ claim: DeliveryClaim, reason: String, _ record: DeliveryRecord?) -> Action {
        guard let record else { return settle(.released(after: policy.retryDelay, reason: reason)) }
        if record.status.endsJob { return settle(.finished(status: record.status.name, messageID: record.messageID)) }
        if record.status == .pending { return settle(.released(after: policy.retryDelay, reason: reason)) }
        let until = policy.doubtEnds(signedAt: record.signedAt ?? record.updatedAt)
        return settle(.inDoubt(attempt: record.attempt, until: until, reason: "claimed by another attempt"))
    }
}
