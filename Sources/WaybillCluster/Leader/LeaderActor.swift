package import Logging
package import WaybillCore
package import WaybillPorts

/// Stands for leadership and, in its term, sweeps the jobs in doubt. Safety does not rest on being the only leader: every
/// write is conditional, so a second leader only repeats.
package actor LeaderActor {
    package static let role = "leader"
    /// Jobs judged in one sweep.
    private static let sweepLimit = 200

    private let leadership: any LeadershipStore
    private let store: any JobStore
    private let ledger: any DeliveryLedger
    private let environment: any Environment
    private let rule: InDoubtRule
    private let interval: Duration
    private let board: LeaseBoard
    private let outcomes: OutcomeStream
    private let jobsReady: WakeStream
    private let shutdown: ShutdownSignal
    private let logger: Logger

    package init(
        leadership: any LeadershipStore,
        store: any JobStore,
        ledger: any DeliveryLedger,
        environment: any Environment,
        policy: DeliveryPolicy,
        interval: Duration,
        board: LeaseBoard,
        outcomes: OutcomeStream,
        jobsReady: WakeStream,
        shutdown: ShutdownSignal,
        logger: Logger
    ) {
        self.leadership = leadership
        self.store = store
        self.ledger = ledger
        self.environment = environment
        rule = InDoubtRule(policy: policy)
        self.interval = interval
        self.board = board
        self.outcomes = outcomes
        self.jobsReady = jobsReady
        self.shutdown = shutdown
        self.logger = logger
    }

    /// Leads when it can, until the shutdown begins.
    package func run() async {
        while !shutdown.hasBegun, !Task.isCancelled {
            await step()
            await shutdown.sleep(for: interval * (0.75 + environment.randomFraction() / 4), in: environment)
        }
    }

    private func step() async {
        guard let holder = board.trusted(now: environment.monotonicNow()) else { return }
        do {
            guard try await leadership.campaign(role: Self.role, holder: holder) != nil else { return }
            try await sweep()
        } catch {
            outcomes.add(.storeUnavailable)
            logger.warning("sweep not done, it comes again", metadata: ["error": "\(error)"])
        }
    }

    private func sweep() async throws(StoreError) {
        let due = try await store.dueInDoubt(limit: Self.sweepLimit)
        guard !due.isEmpty else { return }
        let now = try await store.now()
        var verdicts: [InDoubtVerdict] = []
        for job in due {
            guard let verdict = await judge(job, now: now) else { continue }
            verdicts.append(InDoubtVerdict(job: job, verdict: verdict))
        }
        let settled = try await store.settleInDoubt(verdicts)
        for (verdict, isSettled) in zip(verdicts, settled) where isSettled { report(verdict) }
    }

    /// Nil when the record is out of reach: the job stays due.
    private func judge(_ job: InDoubtJob, now: Timestamp) async -> InDoubtVerdict.Verdict? {
        do {
            var action = rule.judge(try await ledger.read(job.delivery, now: now), now: now)
            while true {
                switch action {
                case .settle(let verdict):
                    return verdict
                case .write(let transition):
                    let answer = try await ledger.apply(transition, to: job.delivery, now: now, signedAt: nil)
                    action = rule.judge(answer: answer, now: now)
                }
            }
        } catch {
            outcomes.add(.ledgerUnavailable)
            logger.warning("job in doubt not judged, it comes again", metadata: ["error": "\(error)"])
            return nil
        }
    }

    private func report(_ verdict: InDoubtVerdict) {
        switch verdict.verdict {
        case .unconfirmed(let reason):
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
