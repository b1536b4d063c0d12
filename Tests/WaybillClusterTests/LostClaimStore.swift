import WaybillCore
import WaybillPorts
import WaybillSimulation

/// A job store whose first claim with a result is committed and not answered, as when the database's connection breaks.
struct LostClaimStore: JobStore {
    let store: InMemoryJobStore
    private let lost = LostOnce()

    func claim(
        worker: WorkerID,
        limit: Int,
        watermark: JobWatermark?
    ) async throws(StoreError) -> [ClaimedJob] {
        let jobs = try store.claim(worker: worker, limit: limit, watermark: watermark)
        if !jobs.isEmpty, lost.isFirst() { throw StoreError(.unavailable, "the connection broke") }
        return jobs
    }

    func enqueue(_ jobs: [NewJob]) async throws(StoreError) -> [EnqueueOutcome] { try store.enqueue(jobs) }

    func recall(worker: WorkerID, except held: [Int64]) async throws(StoreError) -> Int {
        try store.recall(worker: worker, except: held)
    }

    func settle(_ settlements: [JobSettlement], worker: WorkerID) async throws(StoreError) -> [Bool] {
        try store.settle(settlements, worker: worker)
    }

    func hint(_ deliveries: [DeliveryID]) async throws(StoreError) { try store.hint(deliveries) }

    func dueInDoubt(limit: Int) async throws(StoreError) -> [InDoubtJob] { try store.dueInDoubt(limit: limit) }

    func settleInDoubt(_ verdicts: [InDoubtVerdict], fence: LeaderFence?) async throws(StoreError) -> [Bool] {
        try store.settleInDoubt(verdicts, fence: fence)
    }

    func snapshot(_ delivery: DeliveryID) async throws(StoreError) -> JobSnapshot? {
        try store.snapshot(delivery)
    }

    func counts() async throws(StoreError) -> JobCounts { try store.counts() }

    func raiseEpochs(past epoch: Epoch) async throws(StoreError) { try store.raiseEpochs(past: epoch) }

    func now() async throws(StoreError) -> Timestamp { try store.now() }
}
