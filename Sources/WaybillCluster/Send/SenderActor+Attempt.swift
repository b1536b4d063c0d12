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
        if let reason = staleness(of: job) { return .held(reason: reason) }
        if let reason = job.suppression { return await decide(job, subject, .suppressed, reason: reason) }
        if case .suppress(let reason) = settings.recipients.judge(subject.email) {
            return await decide(job, subject, .suppressed, reason: reason)
        }
        let content: RenderedEmail
        do {
            content = try await ports.renderer.render(order)
        } catch {
            if error.code == .unknownBrand { return leaveToOthers(job, error) }
            return await decide(job, subject, .failed, reason: error.description)
        }
        var turn: SendTurn
        switch await waitForSlot(worker: worker, isClaimed: false) {
        case .go(let granted): turn = granted
        case .no(let reason): return .released(after: .zero, reason: reason)
        }
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
        let verdict = await drive(machine, job: job, worker: worker, content: content, &turn)
        if turn.isProbe, !turn.isHeard {
            await hear(.unused, from: worker)
            yieldProbe()
        }
        return verdict
    }

    /// Longer than others wait before they ask for a probe.
    private static let probeRest = Duration.seconds(5)

    /// Its probe came to nothing because the record or SES was out of reach: perhaps only here. Let others have the next.
    private func yieldProbe() {
        guard claimNothing(for: Self.probeRest) else { return }
        logger.debug("the probe came to nothing, others may have the next")
    }

    /// Longer than others take to look for jobs.
    private static let othersLook = Duration.seconds(2)

    /// The job is free again after this pause. Whoever could not reach the record or SES lets others have it: with two workers
    /// it would take every second job itself again, and each try holds it for half a minute.
    func letOthersHave(itAfter pause: Duration) {
        // Longer pauses have other reasons, and this worker is to learn soon whether it reaches all again.
        claimNothing(for: min(pause, policy.retryDelay) + Self.othersLook)
    }

    /// False when all is reached.
    @discardableResult
    private func claimNothing(for pause: Duration) -> Bool {
        if isAllReached || ports.environment.mutation == .probeNotYielded { return false }
        restsUntil = max(restsUntil, ports.environment.monotonicNow() + pause)
        return true
    }

    /// Long enough not to fill the log, short beside a rollout.
    private static let unknownBrandPause = Duration.seconds(30)

    /// For a worker that has the order's brand: while settings are rolled out, workers differ.
    private func leaveToOthers(_ job: ClaimedJob, _ error: RenderError) -> JobSettlement.Verdict {
        let metadata: Logger.Metadata = ["delivery": "\(job.delivery)", "error": "\(error)"]
        logger.error("order left to a worker that has its brand", metadata: metadata)
        return .released(after: Self.unknownBrandPause, reason: error.description)
    }

    /// Why the order is too old to be sent without asking.
    private func staleness(of job: ClaimedJob) -> String? {
        guard let maximumAge = policy.maximumAge else { return nil }
        let age = ports.clock.now() - job.waitingSince
        guard age > maximumAge else { return nil }
        outcomes.add(.stale)
        switch policy.staleOrders {
        case .send: return nil
        case .hold:
            let reason =
                "it waited for \(age.wholeSeconds) s, more than \(maximumAge.wholeSeconds) s: release or cancel it"
            logger.error("order held", metadata: ["delivery": "\(job.delivery)", "reason": "\(reason)"])
            return reason
        }
    }

    private func decide(
        _ job: ClaimedJob,
        _ subject: DeliverySubject,
        _ verdict: DeliveryVerdict,
        reason: String
    ) async -> JobSettlement.Verdict? {
        let decision = DeliveryDecision(subject: subject, verdict: verdict, reason: reason, epoch: job.epoch)
        let machine = AttemptMachine(decision: decision, policy: policy)
        var noTurn = SendTurn(begun: .zero, due: .zero, isProbe: false)
        return await drive(machine, job: job, worker: nil, content: nil, &noTurn)
    }

    private enum SlotAnswer {
        case go(SendTurn)
        case no(String)
    }

    /// What a claim may be begun before its slot: what it lately took, beyond what a slot may be used late. Nothing while
    /// DynamoDB is well, so that a claim waits for nothing.
    private var claimLead: Duration {
        max(.zero, claimTime - SendSlots.latestUse / 2)
    }

    /// Slots are not handed out so far ahead: more of an outage need not be remembered.
    private static let longestClaimTime = Duration.seconds(1)

    /// Waits for a send slot and its time, or for the time at which the claim is to be begun.
    private func waitForSlot(worker: WorkerID, isClaimed: Bool) async -> SlotAnswer {
        while true {
            let now = ports.environment.monotonicNow()
            guard board.trusted(now: now) == worker else {
                return .no("the lease ran out before the email was claimed")
            }
            switch await dispenser.slot(for: worker) {
            case .go(let due, let isProbe):
                if isProbe { logger.debug("this worker probes whether sending goes on") }
                if await use(slotAt: due, lead: isClaimed ? .zero : claimLead) {
                    return .go(SendTurn(begun: ports.environment.monotonicNow(), due: due, isProbe: isProbe))
                }
                if isProbe { await hear(.unused, from: worker) }
                outcomes.add(.slotDiscarded)
                if Task.isCancelled { return .no("cancelled while waiting for the slot's time") }
            case .held(let reason, let until):
                noteHold(reason, until: until)
                return .no("sending is held back: \(reason.cause.rawValue)")
            case .unavailable(let error):
                if error.sqlState == Self.noRate { await setFirstLimits() }
                storeFailed(error, doing: "no send slot")
                return .no("no send slot: \(error)")
            case .cancelled:
                return .no("cancelled while waiting for a send slot")
            }
        }
    }

    /// SQLSTATE no_data_found: the cluster has no row for its rate yet.
    private static let noRate = "P0002"

    /// A leader that asks SES replaces them within its first second.
    private func setFirstLimits() async {
        do {
            try await ports.rate.begin(settings.firstLimits)
        } catch {
            logger.warning("no first send rate", metadata: ["error": "\(error)"])
        }
    }

    /// Remembers why nobody sends; for a second at least, so that many workers do not ask all the time.
    private func noteHold(_ reason: SendHold, until: Duration) {
        if hold?.reason.cause != reason.cause {
            let metadata: Logger.Metadata = ["cause": "\(reason.cause.rawValue)", "detail": "\(reason.detail)"]
            logger.notice("sending is held back", metadata: metadata)
        }
        let jitter = 0.75 + ports.environment.randomFraction() / 4
        hold = (reason, max(until, ports.environment.monotonicNow() + .seconds(1) * jitter))
    }

    /// Sleeps until `lead` before the slot's time; false when this task woke too late to use it.
    private func use(slotAt due: Duration, lead: Duration) async -> Bool {
        let ahead = due - lead - ports.environment.monotonicNow()
        guard await rest(ahead) else { return false }
        if ports.environment.mutation == .staleSlotUsed { return true }
        return ports.environment.monotonicNow() - due <= SendSlots.latestUse
    }

    private func drive(
        _ attempt: AttemptMachine,
        job: ClaimedJob,
        worker: WorkerID?,
        content: RenderedEmail?,
        _ turn: inout SendTurn
    ) async -> JobSettlement.Verdict? {
        var machine = attempt
        var action = machine.begin()
        while !Task.isCancelled {
            switch action {
            case .write(let transition, let pause, let signedAt):
                guard await rest(pause) else { return nil }
                action = await write(transition, job: job, signedAt: signedAt, &machine)
            case .send(let claim):
                action = await send(claim, job: job, worker: worker, content: content, &machine, &turn)
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
            isLedgerReached = true
            count(transition, answer)
            return machine.ledgerAnswered(answer)
        } catch {
            isLedgerReached = error.saysNothingOfReach || ports.environment.mutation == .jobsTakenWithoutLedger
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
        _ machine: inout AttemptMachine,
        _ turn: inout SendTurn
    ) async -> AttemptMachine.Action {
        guard let content else { preconditionFailure("a decision not to send never sends") }
        guard let worker else { preconditionFailure("only a worker sends") }
        if let reason = await catchUp(&turn, worker: worker) { return machine.notSent(reason) }
        guard board.trusted(now: ports.environment.monotonicNow()) == worker else {
            return machine.notSent("the lease ran out before the request was sent")
        }
        var email = OutgoingEmail(
            delivery: job.delivery,
            attempt: claim.attempt,
            signedAt: claim.signedAt,
            recipient: claim.subject.email,
            content: content
        )
        if case .redirect(let address) = settings.recipients.judge(email.recipient) {
            email.redirectedFrom = email.recipient
            email.recipient = address
        }
        let outcome = await ports.mailer.send(email)
        await learn(from: outcome, job: job, worker: worker, &turn)
        return machine.mailerAnswered(outcome, now: ports.clock.now())
    }

    /// The claim is written: waits for the slot's time, or for another slot when the claim took longer than its own allows;
    /// says why when there is none. A probe is alone, so it cannot come too many.
    private func catchUp(_ turn: inout SendTurn, worker: WorkerID) async -> String? {
        let took = ports.environment.monotonicNow() - turn.begun
        claimTime += (min(took, Self.longestClaimTime) - claimTime) / 4
        while !turn.isProbe {
            let late = ports.environment.monotonicNow() - turn.due
            if late < .zero {
                guard await rest(.zero - late) else { return "cancelled while waiting for the slot's time" }
                continue
            }
            if late <= SendSlots.latestUse || ports.environment.mutation == .lateDeparture { return nil }
            outcomes.add(.slotDiscarded)
            // A claim that waits is in doubt should the drain's time run out, so a draining worker gives it back.
            if shutdown.hasBegun { return "the record took long, and the worker shuts down" }
            switch await waitForSlot(worker: worker, isClaimed: true) {
            case .go(let another): turn = another
            case .no(let reason): return reason
            }
        }
        return nil
    }

    /// What the answer says about the account, for the emails after this one.
    private func learn(
        from outcome: MailerOutcome,
        job: ClaimedJob,
        worker: WorkerID,
        _ turn: inout SendTurn
    ) async {
        isSESReached = !outcome.isNotWritten || ports.environment.mutation == .reachOfSESNotLearnt
        switch outcome {
        case .accepted:
            if turn.isProbe { await hear(.accepted, from: worker, &turn) }
        case .refused(let refusal):
            let metadata: Logger.Metadata = [
                "delivery": "\(job.delivery)", "ses.reason": "\(refusal.reason.rawValue)",
                "ses.error": "\(refusal.type)", "ses.request-id": "\(refusal.requestID)",
                "ses.message": "\(refusal.message)",
            ]
            if let cause = SendHold.Cause(refusal.reason) {
                outcomes.add(.blocked)
                logger.error("sending is held back: SES refuses for a reason of the account", metadata: metadata)
                await hear(.blocked(cause, detail: refusal.message), from: worker, &turn)
            } else {
                logger.info("SES refused an email", metadata: metadata)
            }
            if refusal.reason == .throttled {
                outcomes.add(.throttled)
                await hear(.throttled, from: worker, &turn)
            }
        case .notWritten(let reason):
            logger.debug("email not written", metadata: ["delivery": "\(job.delivery)", "reason": "\(reason)"])
        case .unknown(let reason):
            outcomes.add(.ambiguous)
            let metadata: Logger.Metadata = ["delivery": "\(job.delivery)", "reason": "\(reason)"]
            logger.notice("outcome of a send unknown, waiting for evidence", metadata: metadata)
            await hear(.unknown, from: worker, &turn)
        }
    }

    private func hear(_ news: SendNews, from worker: WorkerID, _ turn: inout SendTurn) async {
        turn.isHeard = true
        await hear(news, from: worker)
    }

    /// Tells the cluster. When that fails, the others meet the same answer themselves, and a probe is given up by its time.
    private func hear(_ news: SendNews, from worker: WorkerID) async {
        do {
            try await ports.rate.hear(news, from: worker)
        } catch {
            outcomes.add(.storeUnavailable)
            logger.warning("the cluster was not told of SES's answer", metadata: ["error": "\(error)"])
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

/// The permission to send one email.
struct SendTurn: Hashable, Sendable {
    /// When its claim was begun, by the monotonic clock.
    let begun: Duration
    /// The slot's time, by the monotonic clock.
    let due: Duration
    /// Its outcome decides for everybody.
    let isProbe: Bool
    /// The cluster was told what came of it.
    var isHeard = false

    init(begun: Duration, due: Duration, isProbe: Bool) {
        self.begun = begun
        self.due = due
        self.isProbe = isProbe
    }
}

extension MailerOutcome {
    fileprivate var isNotWritten: Bool {
        if case .notWritten = self { true } else { false }
    }
}

extension LedgerError {
    /// It is about one record or this task, not about whether this worker can write at all.
    var saysNothingOfReach: Bool {
        switch code {
        case .malformedRecord, .cancelled: true
        case .unanswered, .unavailable, .signatureExpired, .rejected: false
        }
    }

    var failure: AttemptMachine.WriteFailure {
        switch code {
        case .unanswered, .malformedRecord, .cancelled: .unanswered
        case .unavailable: .notDone
        case .signatureExpired, .rejected: .refused
        }
    }
}
