import Logging
import WaybillCore
import WaybillPorts

/// One delivery: render, suppression, send slot, sign, T1, T2 at once.
extension SenderActor {
    /// Nil when the task was cancelled before the attempt came to its end.
    func attempt(_ job: ClaimedJob, worker: WorkerID) async -> JobSettlement.Verdict? {
        let order: Order
        do {
            order = try OrderReader.read(job.payload.utf8).get()
        } catch {
            // Ingest has validated it: only a newer version with stricter rules can come here.
            let subject = DeliverySubject(email: "", payloadHash: job.payloadHash, retention: policy.retention)
            return await decide(job, subject, .failed, reason: "the order is not valid: \(error)")
        }
        let subject = DeliverySubject(
            email: order.customer.email,
            payloadHash: job.payloadHash,
            retention: policy.retention
        )
        if let reason = job.suppression { return await decide(job, subject, .suppressed, reason: reason) }
        let content: RenderedEmail
        do {
            content = try await ports.renderer.render(order)
        } catch {
            return await decide(job, subject, .failed, reason: error.description)
        }
        if let reason = await waitForSlot(worker: worker) { return .released(after: .zero, reason: reason) }
        var generator = EnvironmentGenerator(ports.environment)
        let claim = DeliveryClaim(
            subject: subject,
            attempt: AttemptID(using: &generator),
            owner: worker,
            epoch: job.epoch,
            signedAt: ports.clock.now(),
            template: content.template
        )
        let machine = AttemptMachine(claim: claim, policy: policy)
        return await drive(machine, job: job, worker: worker, content: content)
    }

    private func decide(
        _ job: ClaimedJob,
        _ subject: DeliverySubject,
        _ verdict: DeliveryVerdict,
        reason: String
    ) async -> JobSettlement.Verdict? {
        let decision = DeliveryDecision(subject: subject, verdict: verdict, reason: reason, epoch: job.epoch)
        let machine = AttemptMachine(decision: decision, policy: policy)
        return await drive(machine, job: job, worker: nil, content: nil)
    }

    /// Waits for a send slot and its time; returns why there is none, should the lease or the account be in the way.
    private func waitForSlot(worker: WorkerID) async -> String? {
        while true {
            let now = ports.environment.monotonicNow()
            guard board.trusted(now: now) == worker else { return "the lease ran out before the email was claimed" }
            if let reason = breaker.reason(now: now) { return "sending is held back: \(reason.rawValue)" }
            do {
                switch try await ports.rate.slots(1) {
                case .wait(let duration):
                    try await ports.environment.sleep(for: duration * (1 + ports.environment.randomFraction() / 4))
                case .granted(let offsets):
                    guard let offset = offsets.first else { return "the send rate granted no slot" }
                    if try await use(slotAfter: offset) { return nil }
                    outcomes.add(.slotDiscarded)
                }
            } catch {
                return "no send slot: \(error)"
            }
        }
    }

    /// Sleeps until the slot's time; false when this task woke too late to use it.
    private func use(slotAfter offset: Duration) async throws(CancellationError) -> Bool {
        let due = ports.environment.monotonicNow() + offset
        if offset > .zero { try await ports.environment.sleep(for: offset) }
        return ports.environment.monotonicNow() - due <= SendRateMachine.latestUse
    }

    private func drive(
        _ attempt: AttemptMachine,
        job: ClaimedJob,
        worker: WorkerID?,
        content: RenderedEmail?
    ) async -> JobSettlement.Verdict? {
        var machine = attempt
        var action = machine.begin()
        while !Task.isCancelled {
            switch action {
            case .write(let transition, let pause, let signedAt):
                guard await rest(pause) else { return nil }
                action = await write(transition, job: job, signedAt: signedAt, &machine)
            case .send(let claim):
                action = await send(claim, job: job, worker: worker, content: content, &machine)
            case .raiseEpochs(let epoch, let verdict):
                await raiseEpochs(past: epoch)
                report(machine.notes, job: job)
                return verdict
            case .settle(let verdict):
                report(machine.notes, job: job)
                return verdict
            }
        }
        return nil
    }

    /// False when the task was cancelled.
    private func rest(_ pause: Duration) async -> Bool {
        guard pause > .zero else { return true }
        do {
            try await ports.environment.sleep(for: pause)
            return true
        } catch {
            return false
        }
    }

    private func write(
        _ transition: DeliveryTransition,
        job: ClaimedJob,
        signedAt: Timestamp?,
        _ machine: inout AttemptMachine
    ) async -> AttemptMachine.Action {
        do {
            let now = ports.clock.now()
            let answer = try await ports.ledger.apply(transition, to: job.delivery, now: now, signedAt: signedAt)
            count(transition, answer)
            return machine.ledgerAnswered(answer)
        } catch {
            outcomes.add(.ledgerUnavailable)
            logger.warning("record not written", metadata: ["delivery": "\(job.delivery)", "error": "\(error)"])
            return machine.ledgerFailed(error.failure, reason: error.description)
        }
    }

    private func send(
        _ claim: DeliveryClaim,
        job: ClaimedJob,
        worker: WorkerID?,
        content: RenderedEmail?,
        _ machine: inout AttemptMachine
    ) async -> AttemptMachine.Action {
        guard let content else { preconditionFailure("a decision not to send never sends") }
        guard let worker, board.trusted(now: ports.environment.monotonicNow()) == worker else {
            return machine.leaseDistrusted()
        }
        let email = OutgoingEmail(
            delivery: job.delivery,
            attempt: claim.attempt,
            signedAt: claim.signedAt,
            recipient: claim.subject.email,
            content: content
        )
        let outcome = await ports.mailer.send(email)
        await learn(from: outcome, job: job)
        return machine.mailerAnswered(outcome, now: ports.clock.now())
    }

    /// What the answer says about the account, for the emails after this one.
    private func learn(from outcome: MailerOutcome, job: ClaimedJob) async {
        let now = ports.environment.monotonicNow()
        switch outcome {
        case .accepted:
            breaker.accepted()
        case .refused(let refusal):
            let metadata: Logger.Metadata = [
                "delivery": "\(job.delivery)", "ses.reason": "\(refusal.reason.rawValue)",
                "ses.error": "\(refusal.type)", "ses.request-id": "\(refusal.requestID)",
                "ses.message": "\(refusal.message)",
            ]
            if breaker.refused(refusal.reason, now: now) {
                outcomes.add(.blocked)
                logger.error("sending is held back: SES refuses for a reason of the account", metadata: metadata)
            } else {
                logger.info("SES refused an email", metadata: metadata)
            }
            if refusal.reason == .throttled { await slowDown() }
        case .notWritten(let reason):
            logger.debug("email not written", metadata: ["delivery": "\(job.delivery)", "reason": "\(reason)"])
        case .unknown(let reason):
            outcomes.add(.ambiguous)
            let metadata: Logger.Metadata = ["delivery": "\(job.delivery)", "reason": "\(reason)"]
            logger.notice("outcome of a send unknown, waiting for evidence", metadata: metadata)
        }
    }

    private func slowDown() async {
        outcomes.add(.throttled)
        do {
            try await ports.rate.throttled()
        } catch {
            logger.warning("send rate not lowered", metadata: ["error": "\(error)"])
        }
    }

    private func raiseEpochs(past epoch: Epoch) async {
        do {
            try await ports.store.raiseEpochs(past: epoch)
            logger.error("epochs were behind the records: was the database restored?", metadata: ["epoch": "\(epoch)"])
        } catch {
            logger.warning("epochs not raised, the next claim tries again", metadata: ["error": "\(error)"])
        }
    }

    /// Metrics count what a write was the first to say.
    private func count(_ transition: DeliveryTransition, _ answer: LedgerOutcome) {
        guard case .applied(let before, let after) = answer else { return }
        switch transition {
        case .record where before?.facts[.sent] == nil: outcomes.add(.sent)
        case .fail: outcomes.add(.failed)
        case .decide: outcomes.add(after.status == .suppressed ? .suppressed : .failed)
        case .claim, .withdraw, .release, .record, .refine, .doubt, .resend, .resolve, .reopen: break
        }
    }

    private func report(_ notes: [AttemptMachine.Note], job: ClaimedJob) {
        for note in notes {
            switch note {
            case .ownClaimRecognised: outcomes.add(.ownClaimRecognised)
            case .claimWithdrawn: outcomes.add(.claimWithdrawn)
            case .evidenceBeforeAnswer: outcomes.add(.evidenceBeforeAnswer)
            case .epochRegressed: outcomes.add(.epochRegressed)
            case .unknownOutcome: break  // Counted when the answer came.
            case .lateSignatureRefused:
                outcomes.add(.lateSignatureRefused)
                logger.notice("SES refused a late signature", metadata: ["delivery": "\(job.delivery)"])
            case .duplicateSend(let recorded, let seen):
                outcomes.add(.duplicateSend)
                let metadata: Logger.Metadata = [
                    "delivery": "\(job.delivery)", "ses.recorded": "\(recorded)", "ses.seen": "\(seen)",
                ]
                logger.critical("a delivery was accepted twice", metadata: metadata)
            }
        }
    }
}

extension LedgerError {
    fileprivate var failure: AttemptMachine.WriteFailure {
        switch code {
        case .unanswered, .malformedRecord, .cancelled: .unanswered
        case .unavailable: .notDone
        case .signatureExpired, .rejected: .refused
        }
    }
}
