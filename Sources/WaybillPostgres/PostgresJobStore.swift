import Synchronization
package import WaybillCore
package import WaybillPorts

/// Jobs, workers, quarantine and suppressions in PostgreSQL. Every call may be repeated after `.unavailable`, when it is
/// not known whether it was committed: what was enqueued is then a duplicate, what was settled is no longer leased.
package final class PostgresJobStore: Sendable {
    /// Every so many calls the reaper looks at all leased jobs, not only when a worker has expired.
    private static let reapsPerFullLook = 10

    let pool: PostgresPool
    private let reaps = Atomic(0)

    /// What the shop is to be told is kept for it.
    let notesStatuses: Bool

    package init(pool: PostgresPool, notesStatuses: Bool = false) {
        self.pool = pool
        self.notesStatuses = notesStatuses
    }

    /// True for the first call and then once in ten.
    func isFullLook() -> Bool {
        reaps.wrappingAdd(1, ordering: .relaxed).oldValue.isMultiple(of: Self.reapsPerFullLook)
    }
}

extension PostgresJobStore: JobStore {
    package func claim(
        worker: WorkerID,
        limit: Int,
        watermark: JobWatermark?
    ) async throws(StoreError) -> [ClaimedJob] {
        guard limit > 0 else { return [] }
        let from = watermark ?? JobWatermark(priority: .min, runAt: .distantPast, id: .min)
        let statement = PostgresStatement(JobStoreSQL.claim)
            .bind(worker).bind(Int64(limit))
            .bind(Int32(clamping: from.priority)).bind(from.runAt).bind(from.id)
        return try await pool.perform([statement]) { results throws(StoreError) in
            try results.map { row throws(StoreError) in try row.claimedJob() }
        }
    }

    package func hint(_ deliveries: [DeliveryID]) async throws(StoreError) {
        guard !deliveries.isEmpty else { return }
        let statement = PostgresStatement(JobStoreSQL.hint).bind(array: deliveries.map { $0.description })
        try await pool.perform([statement]) { _ in }
    }

    package func dueInDoubt(limit: Int) async throws(StoreError) -> [InDoubtJob] {
        let statement = PostgresStatement(JobStoreSQL.dueInDoubt).bind(Int64(max(0, limit)))
        return try await pool.perform([statement]) { results throws(StoreError) in
            try results.map { row throws(StoreError) in
                InDoubtJob(
                    id: try row.int64(),
                    delivery: try row.delivery(),
                    epoch: Epoch(try row.int64()),
                    isUnconfirmed: try row.bool()
                )
            }
        }
    }

    package func snapshot(_ delivery: DeliveryID) async throws(StoreError) -> JobSnapshot? {
        let statement = PostgresStatement(JobStoreSQL.snapshot).bind(delivery.description)
        return try await pool.perform([statement]) { results throws(StoreError) in
            try results.map { row throws(StoreError) in try row.jobSnapshot() }.first
        }
    }

    package func counts() async throws(StoreError) -> JobCounts {
        try await pool.perform([PostgresStatement(JobStoreSQL.counts)]) { results throws(StoreError) in
            try results.one { row throws(StoreError) in
                JobCounts(
                    ready: Int(try row.int64()),
                    held: Int(try row.int64()),
                    leased: Int(try row.int64()),
                    inDoubt: Int(try row.int64()),
                    unconfirmed: Int(try row.int64()),
                    finished: Int(try row.int64()),
                    quarantined: Int(try row.int64()),
                    workers: Int(try row.int64())
                )
            }
        }
    }

    package func raiseEpochs(past epoch: Epoch) async throws(StoreError) {
        try await pool.perform([PostgresStatement(JobStoreSQL.raiseEpochs).bind(epoch.number)]) { _ in }
    }

    package func now() async throws(StoreError) -> Timestamp {
        try await pool.perform([PostgresStatement(JobStoreSQL.now)]) { results throws(StoreError) in
            try results.one { row throws(StoreError) in try row.timestamp() }
        }
    }
}

extension PostgresRow {
    mutating func delivery() throws(StoreError) -> DeliveryID {
        guard let delivery = try optionalDelivery() else { throw mismatch("a delivery is NULL") }
        return delivery
    }

    mutating func optionalDelivery() throws(StoreError) -> DeliveryID? {
        guard let text = try optionalText() else { return nil }
        guard let delivery = DeliveryID(text) else { throw mismatch("a delivery is not kind/order") }
        return delivery
    }

    mutating func payloadHash() throws(StoreError) -> PayloadHash {
        guard let hash = PayloadHash(try bytes()) else { throw mismatch("a hash has not 32 bytes") }
        return hash
    }

    mutating func optionalWorker() throws(StoreError) -> WorkerID? {
        try optionalUUID().map { WorkerID(high: $0.high, low: $0.low) }
    }

    /// The columns of ``JobStoreSQL/claim``.
    mutating func claimedJob() throws(StoreError) -> ClaimedJob {
        let id = try int64()
        let epoch = Epoch(try int64())
        let watermark = JobWatermark(priority: try int32(), runAt: try timestamp(), id: id)
        let attempts = try int32()
        return ClaimedJob(
            id: id,
            delivery: try delivery(),
            epoch: epoch,
            payload: try text(),
            payloadHash: try payloadHash(),
            watermark: watermark,
            attempts: attempts,
            enqueuedAt: try timestamp(),
            receivedAt: try optionalTimestamp(),
            suppression: try optionalText(),
            approvedAt: try optionalTimestamp()
        )
    }

    /// The columns of ``JobStoreSQL/snapshot``.
    fileprivate mutating func jobSnapshot() throws(StoreError) -> JobSnapshot {
        JobSnapshot(
            id: try int64(),
            delivery: try delivery(),
            state: try jobState(),
            epoch: Epoch(try int64()),
            worker: try optionalWorker(),
            attempts: try int32(),
            runAt: try timestamp(),
            enqueuedAt: try timestamp(),
            finishedAt: try optionalTimestamp(),
            status: try optionalText(),
            reason: try optionalText()
        )
    }

    private mutating func jobState() throws(StoreError) -> JobState {
        guard let state = JobState(rawValue: try text()) else { throw mismatch("an unknown state of a job") }
        return state
    }
}
