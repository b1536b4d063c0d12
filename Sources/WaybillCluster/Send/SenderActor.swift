package import Logging
package import WaybillCore
import WaybillPorts

/// Claims jobs and sends their emails: the seed's `send-order-email`. One child task an email carries out an
/// ``AttemptMachine``; what became of the jobs is settled in batches.
package actor SenderActor {
    let ports: SenderPorts
    let settings: SenderSettings
    let policy: DeliveryPolicy
    let board: LeaseBoard
    let outcomes: OutcomeStream
    let logger: Logger
    let shutdown: ShutdownSignal
    /// Jobs may be there, a place became free, or the shutdown began.
    private let look: WakeStream
    /// There is something to settle.
    private let unsettled = WakeStream()

    let dispenser: SlotDispenser
    /// Why nobody sends, as this worker last heard, and until when it believes it.
    var hold: (reason: SendHold, until: Duration)?
    /// The last write to the record was answered, and the last request went onto the wire to SES. While one is not so, one
    /// email at a time tries: a worker that alone cannot reach DynamoDB or SES must not keep jobs, send slots and probes
    /// from those who can.
    var isLedgerReached = true
    var isSESReached = true
    var isAllReached: Bool { isLedgerReached && isSESReached }
    /// What claims of records lately took: a slow one is begun before its slot's time.
    var claimTime = Duration.zero
    /// While something is out of reach, no job is claimed before: others are to have the next probe, or the job.
    var restsUntil = Duration.zero
    private var held: Set<HeldJob> = [] {
        didSet { board.jobsInHand = held.count }
    }
    private var nextRecall = Duration.zero
    private var settlements: [Settlement] = []
    private var claimLook: ClaimLook
    /// Of lost workers, by this process, when it last claimed.
    private var jobsFreedBefore = 0
    /// Who was registered then.
    private var workersBefore: Set<WorkerID> = []
    private var gate = StoreGate()

    private var inHand: Int { held.count }

    /// A job that was claimed and is not settled. After its lease was lost a job may be here twice, claimed again.
    private struct HeldJob: Hashable {
        var job: Int64
        var epoch: Epoch

        init(_ job: Int64, _ epoch: Epoch) {
            self.job = job
            self.epoch = epoch
        }
    }

    /// What became of a job, and under which incarnation it was claimed.
    private struct Settlement {
        var worker: WorkerID
        var delivery: DeliveryID
        var settlement: JobSettlement
    }

    package init(
        ports: SenderPorts,
        settings: SenderSettings,
        policy: DeliveryPolicy,
        board: LeaseBoard,
        jobsReady: WakeStream,
        outcomes: OutcomeStream,
        shutdown: ShutdownSignal,
        logger: Logger
    ) {
        self.ports = ports
        self.settings = settings
        self.policy = policy
        self.board = board
        look = jobsReady
        claimLook = ClaimLook(timing: settings.look)
        self.outcomes = outcomes
        self.shutdown = shutdown
        self.logger = logger
        dispenser = SlotDispenser(rate: ports.rate, environment: ports.environment)
    }

    /// Sends until the shutdown begins, then until everything in hand has its answer and is settled.
    package func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.poll() }
            group.addTask { await self.settleAll() }
            group.addTask {
                await self.shutdown.wait()
                self.look.wake()
            }
            for await _ in look.wakes {
                await claim { job, worker in group.addTask { await self.process(job, worker: worker) } }
                if shutdown.hasBegun, inHand == 0 { break }
            }
            group.cancelAll()
        }
    }

    private func poll() async {
        while !Task.isCancelled {
            do {
                let jitter = 0.5 + ports.environment.randomFraction() / 2
                try await ports.environment.sleep(for: settings.pollInterval * jitter)
            } catch {
                return  // The sender has ended.
            }
            look.wake()
        }
    }

    /// Claims as many jobs as there is room for, and hands each to `start`.
    private func claim(start: (ClaimedJob, WorkerID) -> Void) async {
        let now = ports.environment.monotonicNow()
        guard !shutdown.hasBegun, gate.pause(now: now) == .zero, let worker = board.trusted(now: now) else { return }
        let most = min(settings.concurrency, await mostInHand(now: now), isAllReached ? .max : 1)
        let room = min(most - inHand, settings.claimLimit)
        guard room > 0 else { return }
        let jobs: [ClaimedJob]
        let step: ClaimLook.Step
        do {
            try await recall(worker, now: now)
            // The shutdown may have begun while the store was asked.
            if shutdown.hasBegun, ports.environment.mutation != .claimedWhileDraining { return }
            (step, jobs) = try await claimJobs(worker, limit: room)
            gate.succeeded()
        } catch {
            storeFailed(error, doing: "jobs not claimed")
            nextRecall = now
            return
        }
        if !jobs.isEmpty {
            held.formUnion(jobs.map { HeldJob($0.id, $0.epoch) })
            outcomes.add(.claimed, Int64(jobs.count))
            for job in jobs { start(job, worker) }
        }
        if jobs.count == room { look.wake() } else { await skipWhatWasRead(by: step) }
    }

    /// A claim that was committed and not answered leases jobs to a worker that does not know of them, and goes on to
    /// renew that lease.
    private func recall(_ worker: WorkerID, now: Duration) async throws(StoreError) {
        guard now >= nextRecall else { return }
        let freed: Int
        do {
            freed = try await ports.store.recall(worker: worker, except: held.map(\.job))
        } catch {
            // It may have been committed.
            claimLook.forget()
            throw error
        }
        nextRecall = now + settings.recallInterval
        guard freed > 0 else { return }
        claimLook.forget()
        outcomes.add(.claimsRecalled, Int64(freed))
        logger.notice("jobs whose claim was not answered are free again", metadata: ["jobs": "\(freed)"])
    }

    /// How many emails may be in hand: none while the cluster does not send, one when the time of a probe has come.
    private func mostInHand(now: Duration) async -> Int {
        if isAllReached { restsUntil = .zero }
        guard now >= restsUntil else { return 0 }
        guard let hold else { return .max }
        guard now >= hold.until else { return 0 }
        do {
            guard let reason = try await ports.rate.state()?.hold else {
                self.hold = nil
                logger.notice("sending goes on", metadata: ["was": "\(hold.reason.cause.rawValue)"])
                return .max
            }
            guard reason.cause == .paused else { return 1 }
            self.hold = (reason, now + SendControlMachine.pauseWait)
        } catch {
            storeFailed(error, doing: "send rate not read")
        }
        return 0
    }

    private func claimJobs(
        _ worker: WorkerID,
        limit: Int
    ) async throws(StoreError) -> (ClaimLook.Step, [ClaimedJob]) {
        expectJobsOfLostWorkers()
        let step = claimLook.next(now: ports.environment.monotonicNow())
        do {
            let jobs = try await ports.store.claim(worker: worker, limit: limit, watermark: step.watermark)
            claimLook.ended(step, last: jobs.last?.watermark, now: ports.environment.monotonicNow())
            return (step, jobs)
        } catch {
            claimLook.failed(step, now: ports.environment.monotonicNow())
            throw error
        }
    }

    /// Jobs that a reaper has freed have an old time. This process hears of it at once when the reaper is its own, else with
    /// its next renewal, because somebody is no longer there.
    private func expectJobsOfLostWorkers() {
        let (freed, workers) = (board.jobsFreed, board.standingOrders.workers)
        if freed != jobsFreedBefore || !workersBefore.isSubset(of: workers) { claimLook.forget() }
        (jobsFreedBefore, workersBefore) = (freed, workers)
    }

    /// Only when the claim was dear, for it takes a statement.
    private func skipWhatWasRead(by step: ClaimLook.Step) async {
        guard ports.environment.monotonicNow() - step.begun > ClaimLook.dear else { return }
        do {
            let now = try await ports.store.now()
            claimLook.sawAll(dueAt: now - (ports.environment.monotonicNow() - step.begun))
        } catch {
            storeFailed(error, doing: "the store's time not read")
        }
    }

    private func process(_ job: ClaimedJob, worker: WorkerID) async {
        guard let verdict = await attempt(job, worker: worker) else {
            // Cancelled in the middle, as if the process had died: the reaper and the in-doubt rule take over.
            held.remove(HeldJob(job.id, job.epoch))
            return
        }
        if case .released(let pause, _) = verdict { letOthersHave(itAfter: pause) }
        let settlement = JobSettlement(job: job.id, epoch: job.epoch, verdict: verdict)
        settlements.append(Settlement(worker: worker, delivery: job.delivery, settlement: settlement))
        unsettled.wake()
    }

    private func settleAll() async {
        for await _ in unsettled.wakes {
            while !settlements.isEmpty, !Task.isCancelled { await settleSome() }
        }
    }

    /// Settles what one incarnation has, up to the limit, in one commit.
    private func settleSome() async {
        let pause = gate.pause(now: ports.environment.monotonicNow())
        if pause > .zero {
            do {
                try await ports.environment.sleep(for: pause)
            } catch {
                return  // The sender was cancelled: what is not settled is left to the reaper.
            }
        }
        guard let worker = settlements.first?.worker else { return }
        let batch = Array(settlements.filter { $0.worker == worker }.prefix(settings.settleLimit))
        do {
            try await settle(batch, worker: worker)
            forget(batch)
        } catch  where error.code == .rejected && batch.count > 1 {
            for settlement in batch { await settleAlone(settlement, worker: worker) }
        } catch  where error.code == .rejected {
            logger.error("settlement refused, the reaper frees the job", metadata: ["error": "\(error)"])
            forget(batch)
        } catch {
            storeFailed(error, doing: "jobs not settled")
        }
    }

    /// One bad settlement must not hold up the others of its batch.
    private func settleAlone(_ settlement: Settlement, worker: WorkerID) async {
        do {
            try await settle([settlement], worker: worker)
            forget([settlement])
        } catch  where error.code == .rejected {
            let metadata: Logger.Metadata = ["error": "\(error)", "job.id": "\(settlement.settlement.job)"]
            logger.error("settlement refused, the reaper frees the job", metadata: metadata)
            forget([settlement])
        } catch {
            storeFailed(error, doing: "job not settled")
        }
    }

    /// A refused settlement means that others took the job over while this worker stood still. The record may say more by
    /// now than they read (T5 turns SENDING and UNCONFIRMED back to PENDING), and the sweep looks again at what it called
    /// unconfirmed only from time to time, unless it is told to.
    private func settle(_ batch: [Settlement], worker: WorkerID) async throws(StoreError) {
        let settled = try await ports.store.settle(batch.map(\.settlement), worker: worker)
        gate.succeeded()
        let refused = zip(batch, settled).filter { !$0.1 }.map(\.0.delivery)
        guard !refused.isEmpty else { return }
        outcomes.add(.lateCompletionRefused, Int64(refused.count))
        try await ports.store.hint(refused)
    }

    private func forget(_ batch: [Settlement]) {
        let done = Set(batch.map(\.settlement))
        settlements.removeAll { done.contains($0.settlement) }
        held.subtract(batch.map { HeldJob($0.settlement.job, $0.settlement.epoch) })
        look.wake()
    }

    func storeFailed(_ error: StoreError, doing: Logger.Message) {
        gate.failed(now: ports.environment.monotonicNow(), jitter: ports.environment.randomFraction())
        outcomes.add(.storeUnavailable)
        logger.warning(doing, metadata: ["error": "\(error)"])
    }
}
