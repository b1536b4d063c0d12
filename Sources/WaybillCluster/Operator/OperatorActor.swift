package import Logging
package import WaybillCore
package import WaybillPorts

/// Performs what operators ask for with psql: T10, T12, T13, copies, messages out of the quarantine, addresses off the
/// suppression list. Any worker may; each request is recorded with
/// what became of it.
package actor OperatorActor {
    package typealias Store = JobStore & OperatorStore & CopyStore & QuarantineStore & SuppressionStore

    /// Requests taken at once.
    private static let limit = 20
    /// A request whose record changes under it so often is left to the operator to repeat.
    private static let mostSteps = 8

    let store: any Store
    let ledger: any DeliveryLedger
    /// The SES account's own list, from which an address is taken off too.
    let accountList: any AccountSuppressionList
    let environment: any Environment
    let clock: any WallClock
    private let policy: DeliveryPolicy
    private let interval: Duration
    let intakes: Intakes
    let board: LeaseBoard
    let outcomes: OutcomeStream
    let jobsReady: WakeStream
    private let shutdown: ShutdownSignal
    let logger: Logger

    package init(
        store: any Store,
        accountList: any AccountSuppressionList,
        ledger: any DeliveryLedger,
        intakes: Intakes,
        environment: any Environment,
        clock: any WallClock,
        policy: DeliveryPolicy,
        interval: Duration,
        board: LeaseBoard,
        outcomes: OutcomeStream,
        jobsReady: WakeStream,
        shutdown: ShutdownSignal,
        logger: Logger
    ) {
        self.store = store
        self.accountList = accountList
        self.ledger = ledger
        self.intakes = intakes
        self.environment = environment
        self.clock = clock
        self.policy = policy
        self.interval = interval
        self.board = board
        self.outcomes = outcomes
        self.jobsReady = jobsReady
        self.shutdown = shutdown
        self.logger = logger
    }

    package func run() async {
        while !shutdown.hasBegun, !Task.isCancelled {
            await step()
            await shutdown.sleep(for: interval * (0.75 + environment.randomFraction() / 4), in: environment)
        }
    }

    private func step() async {
        guard let worker = board.trusted(now: environment.monotonicNow()) else { return }
        do {
            for request in try await store.takeRequests(worker: worker, limit: Self.limit) {
                guard board.trusted(now: environment.monotonicNow()) == worker else { return }
                await carryOut(request, worker: worker)
            }
        } catch {
            logger.warning("requests not taken", metadata: ["error": "\(error)"])
        }
    }

    /// One that cannot be performed now must not keep back the others: each asks its own services.
    private func carryOut(_ request: TakenRequest, worker: WorkerID) async {
        do {
            let result = try await perform(request, worker: worker)
            guard try await store.finishRequest(request.id, worker: worker, result: result) else { return }
            report(request, result)
        } catch {
            // It is given out again in half a minute: every step of it may be repeated.
            let metadata: Logger.Metadata = ["request": "\(request.id)", "error": "\(error)"]
            logger.warning("request not performed, it comes again", metadata: metadata)
        }
    }

    private func perform(_ request: TakenRequest, worker: WorkerID) async throws -> OperatorResult {
        switch request {
        case .delivery(let request): try await perform(request, worker: worker)
        case .requeue(let entry, _): try await requeue(entry)
        case .unsuppress(let email, _): try await unsuppress(email)
        }
    }

    private func perform(_ request: OperatorRequest, worker: WorkerID) async throws -> OperatorResult {
        var record = try await ledger.read(request.delivery, now: clock.now())
        for _ in 0..<Self.mostSteps {
            let place = try await store.snapshot(request.delivery).map(\.place)
            switch OperatorRule.judge(request, record: record, job: place, mutation: environment.mutation) {
            case .end(let result):
                return result
            case .write(let transition):
                let now = clock.now()
                switch try await ledger.apply(transition, to: request.delivery, now: now, signedAt: nil) {
                case .applied(_, let after): record = after
                case .refused(let found): record = found
                }
            case .makeReady:
                if let result = try await makeReady(request) { return result }
                record = try await ledger.read(request.delivery, now: clock.now())
            case .finish(let status):
                _ = try await store.finishUndecided(request.delivery, status: status, reason: request.note)
                return .done("it is \(status)\(request.action.riskWords)")
            case .makeCopy(let address):
                return try await makeCopy(request, to: address)
            case .claimAndClose:
                if let result = try await close(request, worker: worker) { return result }
                record = try await ledger.read(request.delivery, now: clock.now())
            }
        }
        return .refused("it changed all the time: ask again")
    }

    /// Nil when a worker took the job meanwhile: it has asked already whether the address is suppressed.
    private func makeReady(_ request: OperatorRequest) async throws -> OperatorResult? {
        let anyway = request.action == .sendAnyway ? request.note : nil
        let isReady = try await store.makeReady(
            request.delivery,
            reason: request.note,
            anyway: anyway,
            fence: nil
        )
        if isReady {
            jobsReady.wake()
            return .done("it will be sent now\(request.action.riskWords)")
        }
        if anyway != nil, try await store.snapshot(request.delivery)?.state == .leased { return nil }
        return .refused("its order is not kept here any more: publish the order again")
    }

    /// T12 under the job's own lease. Nil when the job was not there to be leased.
    private func close(_ request: OperatorRequest, worker: WorkerID) async throws -> OperatorResult? {
        guard let job = try await store.claim(request.delivery, worker: worker) else { return nil }
        let subject = DeliverySubject(email: job.address, payloadHash: job.payloadHash, retention: policy.retention)
        let decision = DeliveryDecision(subject: subject, verdict: .closed, reason: request.note, epoch: job.epoch)
        let verdict = try await drive(AttemptMachine(decision: decision, policy: policy), job)
        let settlement = JobSettlement(job: job.id, epoch: job.epoch, verdict: verdict)
        _ = try await store.settle([settlement], worker: worker)
        switch verdict {
        case .finished(let status, _):
            let isClosed = status == DeliveryStatus.closed.name
            return isClosed ? .done("it is CLOSED and will not be sent") : .refused("it is \(status) already")
        case .released(_, let reason), .inDoubt(_, _, let reason), .held(let reason), .conflict(let reason):
            return .refused("it could not be closed: \(reason)")
        }
    }

    private func drive(_ attempt: AttemptMachine, _ job: ClaimedJob) async throws -> JobSettlement.Verdict {
        var machine = attempt
        var action = machine.begin()
        while true {
            switch action {
            case .write(let transition, let pause, let signedAt):
                if pause > .zero { try await environment.sleep(for: pause) }
                do {
                    let now = clock.now()
                    let answer = try await ledger.apply(transition, to: job.delivery, now: now, signedAt: signedAt)
                    action = machine.ledgerAnswered(answer)
                } catch {
                    outcomes.add(.ledgerUnavailable)
                    action = machine.ledgerFailed(error.failure, reason: error.description)
                }
            case .raiseEpochs(let epoch, let verdict):
                try await store.raiseEpochs(past: epoch)
                return verdict
            case .settle(let verdict):
                return verdict
            case .send:
                preconditionFailure("a decision not to send never sends")
            }
        }
    }

    private func report(_ request: TakenRequest, _ result: OperatorResult) {
        outcomes.add(result.isDone ? .requestsDone : .requestsRefused)
        var metadata: Logger.Metadata = [
            "request": "\(request.id)", "by": "\(request.origin.name)", "reason": "\(request.origin.reason)",
            "outcome": "\(result.outcome)",
        ]
        switch request {
        case .delivery(let request):
            metadata["action"] = "\(request.action.rawValue)"
            metadata["delivery"] = "\(request.delivery)"
        case .requeue(let entry, _):
            metadata["action"] = "requeue"
            metadata["quarantine"] = "\(entry)"
        case .unsuppress: metadata["action"] = "unsuppress"  // Never the address: it is in the request.
        }
        logger.notice(result.isDone ? "operator's request done" : "operator's request refused", metadata: metadata)
    }
}

extension OperatorAction {
    /// What a decision without evidence may come to.
    fileprivate var riskWords: String {
        switch self {
        case .resend: ": if SES had accepted the first email after all, the customer gets it twice"
        case .close: ": if SES had not accepted the email, the customer gets none"
        case .retry, .cancel, .release, .copy, .sendAnyway: ""
        }
    }
}

extension ClaimedJob {
    /// The order's address; empty for an order that a newer version no longer takes.
    var address: String {
        switch OrderReader.read(payload.utf8) {
        case .success(let order): order.customer.email
        case .failure: ""
        }
    }
}

extension JobSnapshot {
    fileprivate var place: OperatorRule.JobPlace {
        switch state {
        case .ready: .ready
        case .held: .held
        case .leased: .leased
        case .inDoubt: .inDoubt
        case .unconfirmed: .unconfirmed
        case .finished: .finished
        }
    }
}
