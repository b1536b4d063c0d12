import Testing
package import WaybillCore
package import WaybillPorts

/// A job store of its own for one case, empty, with the ports that share its tables.
package struct JobStoreSubject: Sendable {
    package let jobs: any JobStore
    package let workers: any WorkerRegistry
    package let quarantine: any QuarantineStore
    package let suppressions: any SuppressionStore
    package let mirror: any SuppressionMirrorStore
    package let operators: any OperatorStore
    package let copies: any CopyStore
    package let notices: any StatusNoticeStore
    package let leadership: any LeadershipStore
    package let feed: any FeedStore
    package let duties: any DutyStore
    /// For what the leader does to it.
    package let rate: any SendRateSource
    /// Lets so much time pass on the store's clock, for every time it has stored.
    package let pass: @Sendable (Duration) async throws -> Void

    package let requests: Requests

    package typealias Store = JobStore & WorkerRegistry & QuarantineStore & SuppressionStore & OperatorStore & CopyStore
        & StatusNoticeStore
        & LeadershipStore & FeedStore & DutyStore & SuppressionMirrorStore

    /// The operator's side of requests, which is SQL.
    package struct Requests: Sendable {
        package let ask: @Sendable (OperatorAction, DeliveryID, String) async throws -> Int64
        /// Of this delivery, to this address, for this reason.
        package let askForCopy: @Sendable (DeliveryID, String, String) async throws -> Int64
        /// That this address is written to again, for this reason.
        package let askForRemoval: @Sendable (String, String) async throws -> Int64
        /// What an operator suppresses, and why: it needs no worker.
        package let suppress: @Sendable (String, String) async throws -> Void
        /// Nil while it waits.
        package let result: @Sendable (Int64) async throws -> OperatorResult?
        /// A message of the quarantine, for this reason.
        package let askToRequeue: @Sendable (Int64, String) async throws -> Int64
        package let drain: @Sendable (WorkerID) async throws -> Void
        package let setIngest: @Sendable (_ paused: Bool) async throws -> Void

        package init(
            ask: @escaping @Sendable (OperatorAction, DeliveryID, String) async throws -> Int64,
            askForCopy: @escaping @Sendable (DeliveryID, String, String) async throws -> Int64,
            askForRemoval: @escaping @Sendable (String, String) async throws -> Int64,
            suppress: @escaping @Sendable (String, String) async throws -> Void,
            result: @escaping @Sendable (Int64) async throws -> OperatorResult?,
            askToRequeue: @escaping @Sendable (Int64, String) async throws -> Int64,
            drain: @escaping @Sendable (WorkerID) async throws -> Void,
            setIngest: @escaping @Sendable (_ paused: Bool) async throws -> Void
        ) {
            self.askToRequeue = askToRequeue
            self.drain = drain
            self.setIngest = setIngest
            self.ask = ask
            self.askForCopy = askForCopy
            self.askForRemoval = askForRemoval
            self.suppress = suppress
            self.result = result
        }
    }

    package init(
        _ store: some Store,
        rate: any SendRateSource,
        requests: Requests,
        pass: @escaping @Sendable (Duration) async throws -> Void
    ) {
        jobs = store
        operators = store
        copies = store
        notices = store
        leadership = store
        feed = store
        duties = store
        self.rate = rate
        self.requests = requests
        workers = store
        quarantine = store
        suppressions = store
        mirror = store
        self.pass = pass
    }

    /// A worker with a live lease of ten seconds.
    package func makeWorker(_ number: UInt64 = 1) async throws -> WorkerID {
        let worker = WorkerID(high: 0xA0A0, low: number)
        try await workers.register(worker, about: .sample, lease: .seconds(10))
        return worker
    }

    /// What operators ask of it.
    package func renew(_ worker: WorkerID) async throws -> WorkerOrders? {
        var orders = try await workers.renew(worker, lease: .seconds(10), jobsInHand: 0)
        orders?.workers = []
        return orders
    }

    /// Enqueues orders `o-1` to `o-count` one by one, so that they are due in this order, and claims them all.
    package func claimed(_ count: Int, by worker: WorkerID) async throws -> [ClaimedJob] {
        for number in 1...count {
            #expect(try await jobs.enqueue([.sample(number)]) == [.inserted])
        }
        let claimed = try await jobs.claim(worker: worker, limit: count, watermark: nil)
        try #require(claimed.map(\.delivery) == (1...count).map { .sample($0) })
        return claimed
    }

    /// One order in doubt, due in a minute.
    package func inDoubt() async throws -> InDoubtJob {
        let worker = try await makeWorker()
        let job = try #require(try await claimed(1, by: worker).first)
        let until = try await jobs.now() + .seconds(60)
        let attempt = AttemptID(high: 7, low: 8)
        let verdict = JobSettlement.Verdict.inDoubt(attempt: attempt, until: until, reason: "timeout")
        #expect(try await settle([(job, verdict)], by: worker) == [true])
        return InDoubtJob(id: job.id, delivery: job.delivery, epoch: job.epoch)
    }

    package func settle(
        _ verdicts: [(job: ClaimedJob, verdict: JobSettlement.Verdict)],
        by worker: WorkerID
    ) async throws -> [Bool] {
        let settlements = verdicts.map { JobSettlement(job: $0.job.id, epoch: $0.job.epoch, verdict: $0.verdict) }
        return try await jobs.settle(settlements, worker: worker)
    }

    package func finish(_ job: ClaimedJob, by worker: WorkerID) async throws -> Bool {
        try await settle([(job, .finished(status: "SENT", messageID: "m"))], by: worker) == [true]
    }
}

extension DeliveryID {
    package static func sample(_ number: Int) -> DeliveryID {
        guard let order = OrderID("o-\(number)") else { preconditionFailure("o-\(number) is an order id") }
        return DeliveryID(order: order)
    }
}

extension PayloadHash {
    /// 32 times the same byte.
    package static func sample(_ byte: UInt8) -> PayloadHash {
        guard let hash = PayloadHash([UInt8](repeating: byte, count: 32)) else { preconditionFailure("32 bytes") }
        return hash
    }
}

extension NewJob {
    package static func sample(_ number: Int, hash: UInt8 = 1, priority: Int = 0) -> NewJob {
        NewJob(
            delivery: .sample(number),
            payload: #"{"order":"o-\#(number)","name":"Zoë 📦"}"#,
            payloadHash: .sample(hash),
            email: "Customer\(number)@Example.com",
            priority: priority,
            receivedAt: Timestamp(microseconds: 1_700_000_000_123_456)
        )
    }
}

extension WorkerDescription {
    package static let sample = WorkerDescription(
        host: "host-1",
        processID: 4711,
        version: "1.2.3",
        roles: ["ingest", "send"],
        guardSummary: "only to @example.com"
    )
}
