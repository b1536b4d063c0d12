package import Logging
package import WaybillCore
package import WaybillPorts

/// Holds this process's lease: registers an incarnation, renews it, and frees the jobs of workers that are gone.
package actor LeaseActor {
    private let registry: any WorkerRegistry
    private let environment: any Environment
    private let board: LeaseBoard
    private let timing: LeaseMachine.Timing
    private let about: WorkerDescription
    private let outcomes: OutcomeStream
    private let jobsReady: WakeStream
    /// Begins the shutdown of the whole worker.
    private let drain: ShutdownSignal
    private let shutdown: ShutdownSignal
    private let logger: Logger

    package init(
        registry: any WorkerRegistry,
        environment: any Environment,
        board: LeaseBoard,
        timing: LeaseMachine.Timing,
        about: WorkerDescription,
        outcomes: OutcomeStream,
        jobsReady: WakeStream,
        drain: ShutdownSignal,
        shutdown: ShutdownSignal,
        logger: Logger
    ) {
        self.registry = registry
        self.environment = environment
        self.board = board
        self.timing = timing
        self.about = about
        self.outcomes = outcomes
        self.jobsReady = jobsReady
        self.drain = drain
        self.shutdown = shutdown
        self.logger = logger
    }

    /// Renews until the shutdown begins, then gives the lease back. It is to be told to shut down after those who work
    /// under the lease have ended.
    package func run() async {
        while !shutdown.hasBegun, !Task.isCancelled {
            let held = await step()
            // A failed renewal is tried again soon: the lease must not run out for want of a try.
            let pause = held ? timing.renewal : timing.renewal / 4
            await shutdown.sleep(for: jittered(pause), in: environment)
        }
        await giveBack()
    }

    private func step() async -> Bool {
        var generator = EnvironmentGenerator(environment)
        let askedAt = environment.monotonicNow()
        let before = board.registered
        let now = environment.mutation == .renewedUnanswered ? .zero : askedAt
        let action = board.update { $0.next(now: now, using: &generator) }
        if let before, board.registered != before { noteLost(before) }
        do {
            switch action {
            case .register(let worker):
                try await registry.register(worker, about: about, lease: timing.lease)
                board.update { $0.granted(worker, askedAt: askedAt) }
                logger.info("worker registered", metadata: ["worker.id": "\(worker)"])
                jobsReady.wake()
            case .renew(let worker):
                let jobs = board.jobsInHand
                guard let orders = try await registry.renew(worker, lease: timing.lease, jobsInHand: jobs) else {
                    board.update { $0.lost(worker) }
                    noteLost(worker)
                    return false
                }
                board.update { $0.granted(worker, askedAt: askedAt) }
                obey(orders, worker: worker)
            }
            try await reap()
            return true
        } catch {
            outcomes.add(.storeUnavailable)
            logger.warning("lease not renewed", metadata: ["error": "\(error)"])
            return false
        }
    }

    private func noteLost(_ worker: WorkerID) {
        outcomes.add(.leaseLost)
        logger.notice("lease lost, a new incarnation follows", metadata: ["worker.id": "\(worker)"])
    }

    private func obey(_ orders: WorkerOrders, worker: WorkerID) {
        if orders.isIngestPaused != board.standingOrders.isIngestPaused {
            logger.notice(orders.isIngestPaused ? "an operator has paused ingest" : "ingest goes on")
        }
        board.standingOrders = orders
        guard orders.isToDrain, !drain.hasBegun else { return }
        logger.notice("an operator asks this worker to end: it drains", metadata: ["worker.id": "\(worker)"])
        drain.begin()
    }

    private func reap() async throws(StoreError) {
        let freed = try await registry.reap()
        guard freed > 0 else { return }
        board.jobsFreed += freed
        outcomes.add(.jobsReaped, Int64(freed))
        logger.notice("jobs of lost workers are free again", metadata: ["jobs": "\(freed)"])
        jobsReady.wake()
    }

    private func giveBack() async {
        guard let worker = board.registered else { return }
        board.update { $0.lost(worker) }
        do {
            try await registry.deregister(worker)
        } catch {
            logger.warning("lease not given back, it runs out by itself", metadata: ["error": "\(error)"])
        }
    }

    /// Up to a tenth shorter, so that workers started together do not renew together.
    private func jittered(_ duration: Duration) -> Duration {
        duration * (1 - environment.randomFraction() / 10)
    }
}
