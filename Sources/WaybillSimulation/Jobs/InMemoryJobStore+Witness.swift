import Synchronization
import WaybillCore
import WaybillPorts

/// What the simulated world needs of the store beside its ports: to look at it, to take it back, and to make it wrong.
extension InMemoryJobStore {
    func settle(_ settlements: [JobSettlement], worker: WorkerID, isFenced: Bool) -> [Bool] {
        let now = clock()
        return tables.withLock { $0.settle(settlements, worker: worker, now: now, isFenced: isFenced) }
    }

    func claim(worker: WorkerID, limit: Int, watermark: JobWatermark?, liveAt: Timestamp) -> [ClaimedJob] {
        let now = clock()
        return tables.withLock { tables in
            tables.claim(worker: worker, limit: limit, watermark: watermark, liveAt: liveAt, now: now)
        }
    }

    func reap(seen: Set<Int64>?) -> Int {
        let now = clock()
        return tables.withLock { $0.reap(now: now, seen: seen) }
    }

    func expiredWorkers() -> [WorkerID] {
        let now = clock()
        return tables.withLock { tables in tables.workers.filter { $0.value.expiresAt <= now }.map(\.key) }
    }

    func extend(_ worker: WorkerID, lease: Duration, jobsInHand: Int) -> WorkerOrders? {
        let now = clock()
        return tables.withLock { $0.renew(worker, lease: lease, jobsInHand: jobsInHand, now: now) }
    }

    /// The jobs that a statement which begins now sees as leased.
    func leasedJobs() -> Set<Int64> {
        tables.withLock { tables in Set(tables.hot.values.filter { $0.state == .leased }.map(\.id)) }
    }

    func leads(_ fence: LeaderFence) -> Bool {
        let now = clock()
        return tables.withLock { $0.leads(fence, now: now) }
    }

    func isLive(_ worker: WorkerID) -> Bool {
        let now = clock()
        return tables.withLock { $0.isLive(worker, now: now) }
    }

    func leasedDeliveries() -> Set<DeliveryID> {
        tables.withLock { tables in Set(tables.hot.values.filter { $0.state == .leased }.map(\.job.delivery)) }
    }

    /// This very order is a job, hot or in the history.
    func keeps(_ order: String, of delivery: DeliveryID) -> Bool {
        tables.withLock { tables in
            if let id = tables.idOfDelivery[delivery], tables.hot[id]?.job.payload == order { return true }
            return tables.historyJobs.contains { $0.delivery == delivery && $0.payload == order }
        }
    }

    func isQuarantined(_ body: String) -> Bool {
        let bytes = Array(body.utf8)
        return tables.withLock { $0.quarantine.values.contains { $0.message.body == bytes } }
    }

    func isSuppressed(_ email: String) -> Bool {
        // What an operator took off is not forgotten either.
        let key = AddressKey(email).text
        return tables.withLock { $0.suppressions[key] != nil || $0.unsuppressions[key] != nil }
    }

    /// Jobs that still have something to do, or wait for an operator.
    func hotJobs() -> [JobSnapshot] {
        tables.withLock { tables in
            tables.hot.values.compactMap { tables.snapshot($0.job.delivery) }.sorted { $0.id < $1.id }
        }
    }

    func backup() -> JobTables { tables.withLock { $0 } }

    func restore(_ backup: JobTables) {
        tables.withLock { $0 = backup }
    }
}
