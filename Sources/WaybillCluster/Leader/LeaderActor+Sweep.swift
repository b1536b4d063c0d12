import Logging
import WaybillCore
import WaybillPorts

/// T9: the jobs in doubt whose time has come, and, from time to time, those that an operator has to decide about.
extension LeaderActor {
    /// Jobs judged in one sweep.
    private static let sweepLimit = 200
    /// Calls in a row without an answer after which the record is out of reach: each takes seconds, and a leader that waits
    /// for all of them leads for minutes without judging anything.
    private static let mostUnreached = 3

    func sweep(_ fence: LeaderFence) async throws(DutyFailure) -> Duration {
        let due = try await DutyFailure.wrap { () async throws(StoreError) in
            try await ports.store.dueInDoubt(limit: Self.sweepLimit)
        }
        guard !due.isEmpty else { return settings.sweepInterval }
        // The feed is read before the records: what it had brought by then is in them.
        let feed = try await DutyFailure.wrap { () async throws(StoreError) in try await ports.store.feed() }
        let now = try await DutyFailure.wrap { () async throws(StoreError) in try await ports.store.now() }
        var verdicts: [InDoubtVerdict] = []
        var unreached = 0
        for job in due where term == fence {
            switch await judge(job, feed: feed, now: now) {
            case .judged(let verdict):
                verdicts.append(InDoubtVerdict(job: job, verdict: verdict))
                unreached = 0
            case .unreached: unreached += 1
            case .unreadable: continue
            }
            let goesOn = ports.environment.mutation == .sweepGoesOn
            if unreached == Self.mostUnreached, !goesOn { break }
        }
        if verdicts.isEmpty, term == fence { throw .outside("no record of \(due.count) jobs in doubt could be judged") }
        let settled = try await settle(verdicts, fence)
        for (verdict, isSettled) in zip(verdicts, settled) where isSettled { report(verdict) }
        return due.count == Self.sweepLimit ? .zero : settings.sweepInterval
    }

    private func settle(_ verdicts: [InDoubtVerdict], _ fence: LeaderFence) async throws(DutyFailure) -> [Bool] {
        try await DutyFailure.wrap { () async throws(StoreError) in
            try await ports.store.settleInDoubt(verdicts, fence: fence)
        }
    }

    /// Without a verdict the job stays due.
    private enum Judgement {
        case judged(InDoubtVerdict.Verdict)
        case unreached
        /// It is about this one record.
        case unreadable
    }

    private func judge(_ job: InDoubtJob, feed: FeedState, now: Timestamp) async -> Judgement {
        do {
            let record = try await ports.ledger.read(job.delivery, now: now)
            var action = rule.judge(record, feed: feed, now: now)
            while true {
                switch action {
                case .settle(let verdict):
                    return .judged(verdict)
                case .write(let transition):
                    let answer = try await ports.ledger.apply(transition, to: job.delivery, now: now, signedAt: nil)
                    note(transition, answer, job)
                    action = rule.judge(answer: answer, feed: feed, now: now)
                }
            }
        } catch {
            outcomes.add(.ledgerUnavailable)
            logger.warning("job in doubt not judged, it comes again", metadata: ["error": "\(error)"])
            return error.saysNothingOfReach ? .unreadable : .unreached
        }
    }

    private func note(_ transition: DeliveryTransition, _ answer: LedgerOutcome, _ job: InDoubtJob) {
        guard case .resend = transition, case .applied = answer else { return }
        outcomes.add(.resentInDoubt)
        logger.notice("silence is proven: a new attempt follows", metadata: ["delivery": "\(job.delivery)"])
    }

    private func report(_ verdict: InDoubtVerdict) {
        switch verdict.verdict {
        case .unconfirmed where verdict.job.isUnconfirmed:
            break  // Counted and said when it became so.
        case .unconfirmed(let reason, _):
            outcomes.add(.unconfirmed)
            let metadata: Logger.Metadata = ["delivery": "\(verdict.job.delivery)", "reason": "\(reason)"]
            logger.error("delivery unconfirmed, an operator must decide", metadata: metadata)
        case .ready:
            jobsReady.wake()
        case .finished, .later:
            break
        }
    }
}
