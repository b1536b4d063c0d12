import Synchronization
package import WaybillCore
package import WaybillPorts

/// Jobs, workers, quarantine and suppressions in memory, over one shared state, because a claim asks for the worker's
/// lease and the suppression list. Every call is one indivisible step; nothing here waits, fails or uses chance, so the
/// simulation adds faults around it.
package final class InMemoryJobStore: Sendable {
    let tables: Mutex<JobTables>
    let clock: @Sendable () -> Timestamp

    /// `clock` is the store's own clock: the database's.
    /// `notesStatuses`: what the shop is to be told is kept for it.
    package init(notesStatuses: Bool = false, clock: @escaping @Sendable () -> Timestamp) {
        var tables = JobTables()
        tables.notesStatuses = notesStatuses
        self.tables = Mutex(tables)
        self.clock = clock
    }
}

extension InMemoryJobStore: JobStore {
    package func enqueue(_ jobs: [NewJob]) throws(StoreError) -> [EnqueueOutcome] {
        let now = clock()
        return tables.withLock { $0.enqueue(jobs, now: now) }
    }

    package func claim(
        worker: WorkerID,
        limit: Int,
        watermark: JobWatermark?
    ) throws(StoreError) -> [ClaimedJob] {
        claim(worker: worker, limit: limit, watermark: watermark, liveAt: clock())
    }

    package func recall(worker: WorkerID, except held: [Int64]) throws(StoreError) -> Int {
        tables.withLock { $0.recall(worker: worker, except: Set(held)) }
    }

    package func settle(_ settlements: [JobSettlement], worker: WorkerID) throws(StoreError) -> [Bool] {
        settle(settlements, worker: worker, isFenced: true)
    }

    package func hint(_ deliveries: [DeliveryID]) throws(StoreError) {
        let now = clock()
        tables.withLock { tables in
            for delivery in deliveries { tables.hint(delivery, now: now) }
        }
    }

    package func dueInDoubt(limit: Int) throws(StoreError) -> [InDoubtJob] {
        let now = clock()
        return tables.withLock { $0.dueInDoubt(limit: limit, now: now) }
    }

    package func settleInDoubt(
        _ verdicts: [InDoubtVerdict],
        fence: LeaderFence?
    ) throws(StoreError) -> [Bool] {
        guard !verdicts.isEmpty else { return [] }
        let now = clock()
        let settled: [Bool]? = tables.withLock { tables in
            if let fence, !tables.leads(fence, now: now) { return nil }
            return tables.settleInDoubt(verdicts, now: now)
        }
        guard let settled else { throw .deposed }
        return settled
    }

    package func snapshot(_ delivery: DeliveryID) throws(StoreError) -> JobSnapshot? {
        tables.withLock { $0.snapshot(delivery) }
    }

    package func counts() throws(StoreError) -> JobCounts {
        let now = clock()
        return tables.withLock { $0.counts(now: now) }
    }

    package func raiseEpochs(past epoch: Epoch) throws(StoreError) {
        tables.withLock { $0.lastEpoch = max($0.lastEpoch, epoch.number) }
    }

    package func now() throws(StoreError) -> Timestamp { clock() }
}

extension InMemoryJobStore: WorkerRegistry {
    package func register(
        _ worker: WorkerID,
        about: WorkerDescription,
        lease: Duration
    ) throws(StoreError) {
        let now = clock()
        tables.withLock { $0.register(worker, about: about, lease: lease, now: now) }
    }

    package func renew(
        _ worker: WorkerID,
        lease: Duration,
        jobsInHand: Int
    ) throws(StoreError) -> WorkerOrders? {
        extend(worker, lease: lease, jobsInHand: jobsInHand)
    }

    package func reap() throws(StoreError) -> Int { reap(seen: nil) }

    package func deregister(_ worker: WorkerID) throws(StoreError) {
        tables.withLock { $0.deregister(worker) }
    }

    package func live() throws(StoreError) -> [LiveWorker] {
        let now = clock()
        return tables.withLock { $0.liveWorkers(now: now) }
    }

    package func ingestPause() throws(StoreError) -> StandingOrder? { tables.withLock { $0.ingestPause } }
}

extension InMemoryJobStore: QuarantineStore {
    package func keep(_ messages: [QuarantinedMessage]) throws(StoreError) {
        let now = clock()
        tables.withLock { $0.keep(messages, now: now) }
    }

    package func list(queue: String?, limit: Int) throws(StoreError) -> [QuarantineEntry] {
        tables.withLock { $0.listQuarantine(limit: limit) { queue == nil || $0.queue == queue } }
    }

    package func entry(_ id: Int64) throws(StoreError) -> QuarantineEntry? {
        tables.withLock { tables in tables.quarantine.values.first { $0.id == id } }
    }

    package func about(_ delivery: DeliveryID, limit: Int) throws(StoreError) -> [QuarantineEntry] {
        tables.withLock { $0.listQuarantine(limit: limit) { $0.delivery == delivery } }
    }
}
