import WaybillCore
import WaybillPorts
import WaybillSimulation

/// A job store whose first claim with a result may be committed and not answered, as when the database's connection breaks,
/// and whose enqueue and clock may be out of reach.
struct FaultyStore: JobStore {
    let store: InMemoryJobStore
    var losesFirstClaim = false
    var isCut = Switch(false)
    /// What happens before a claim; nil is a full look.
    private let beforeClaim: @Sendable (JobWatermark?) async -> Void
    private let lost = LostOnce()

    init(
        store: InMemoryJobStore,
        losesFirstClaim: Bool = false,
        isCut: Switch = Switch(false),
        beforeClaim: @escaping @Sendable (JobWatermark?) async -> Void = { _ in }
    ) {
        self.store = store
        self.beforeClaim = beforeClaim
        self.losesFirstClaim = losesFirstClaim
        self.isCut = isCut
    }

    func claim(
        worker: WorkerID,
        limit: Int,
        watermark: JobWatermark?
    ) async throws(StoreError) -> [ClaimedJob] {
        await beforeClaim(watermark)
        let jobs = try store.claim(worker: worker, limit: limit, watermark: watermark)
        if losesFirstClaim, !jobs.isEmpty, lost.isFirst() { throw StoreError(.unavailable, "the connection broke") }
        return jobs
    }

    func enqueue(_ jobs: [NewJob]) async throws(StoreError) -> [EnqueueOutcome] {
        if isCut.isOn { throw StoreError(.unavailable, "no route") }
        return try store.enqueue(jobs)
    }

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

    func now() async throws(StoreError) -> Timestamp {
        if isCut.isOn { throw StoreError(.unavailable, "no route") }
        return try store.now()
    }
}
