package import WaybillCore
package import WaybillPorts

extension PostgresJobStore: WorkerRegistry {
    package func register(
        _ worker: WorkerID,
        about: WorkerDescription,
        lease: Duration
    ) async throws(StoreError) {
        // A repeat, after an answer that was lost, is the same incarnation.
        let statement = PostgresStatement(
            """
            INSERT INTO waybill.workers (id, host, process_id, version, roles, expires_at, recipient_guard)
            VALUES ($1, $2, $3, $4, $5, clock_timestamp() + $6 * interval '1 microsecond', $7)
            ON CONFLICT (id) DO UPDATE SET host = excluded.host, process_id = excluded.process_id,
                version = excluded.version, roles = excluded.roles, expires_at = excluded.expires_at,
                recipient_guard = excluded.recipient_guard
            """
        )
        let bound = statement.bind(worker).bind(about.host).bind(Int32(clamping: about.processID)).bind(about.version)
            .bind(array: about.roles).bind(lease.wholeMicroseconds).bind(about.guardSummary)
        try await pool.perform([bound]) { _ in }
    }

    package func renew(
        _ worker: WorkerID,
        lease: Duration,
        jobsInHand: Int
    ) async throws(StoreError) -> WorkerOrders? {
        let statement = PostgresStatement(
            """
            UPDATE waybill.workers
            SET expires_at = clock_timestamp() + $2 * interval '1 microsecond', jobs_in_hand = $3
            WHERE id = $1 AND expires_at > clock_timestamp()
            RETURNING drain_asked_at IS NOT NULL, EXISTS (SELECT FROM waybill.ingest_control WHERE paused_at IS NOT NULL),
                ARRAY(SELECT id::text FROM waybill.workers)
            """
        )
        let bound = statement.bind(worker).bind(lease.wholeMicroseconds).bind(Int32(clamping: jobsInHand))
        return try await pool.perform([bound]) { results throws(StoreError) in
            try results.map { row throws(StoreError) in
                WorkerOrders(isToDrain: try row.bool(), isIngestPaused: try row.bool(), workers: try row.workers())
            }.first
        }
    }

    package func reap() async throws(StoreError) -> Int {
        let isFullLook = isFullLook()
        let statement = PostgresStatement("SELECT waybill.reap($1)").bind(isFullLook)
        let freed = try await pool.perform([statement]) { results throws(StoreError) in
            try results.one { row throws(StoreError) in try row.int32() }
        }
        // Every commit that finishes jobs appends to the tally, and admin.throughput reads all of it.
        if isFullLook { try await pool.perform([PostgresStatement("SELECT FROM waybill.add_up_tally()")]) { _ in } }
        return freed
    }

    /// The row expires instead of going, so that the reaper, which frees the jobs, is the only one that deletes.
    package func deregister(_ worker: WorkerID) async throws(StoreError) {
        let statement = PostgresStatement("UPDATE waybill.workers SET expires_at = '-infinity' WHERE id = $1")
        try await pool.perform([statement.bind(worker)]) { _ in }
    }

    package func live() async throws(StoreError) -> [LiveWorker] {
        let statement = PostgresStatement(
            """
            SELECT id, host, process_id, version, roles, recipient_guard, started_at, expires_at, jobs_in_hand,
                drain_asked_at, drain_asked_by, drain_reason
            FROM waybill.workers
            WHERE expires_at > clock_timestamp()
            ORDER BY started_at, id
            """
        )
        return try await pool.perform([statement]) { results throws(StoreError) in
            try results.map { row throws(StoreError) in try row.liveWorker() }
        }
    }

    package func ingestPause() async throws(StoreError) -> StandingOrder? {
        let query = "SELECT paused_at, paused_by, paused_reason FROM waybill.ingest_control WHERE paused_at IS NOT NULL"
        return try await pool.perform([PostgresStatement(query)]) { results throws(StoreError) in
            try results.map { row throws(StoreError) in try row.standingOrder() }.first ?? nil
        }
    }
}

extension PostgresRow {
    fileprivate mutating func liveWorker() throws(StoreError) -> LiveWorker {
        guard let id = try optionalWorker() else { throw mismatch("a worker has no id") }
        let about = WorkerDescription(
            host: try text(),
            processID: try int32(),
            version: try text(),
            roles: try textArray(),
            guardSummary: try optionalText()
        )
        return LiveWorker(
            id: id,
            about: about,
            startedAt: try timestamp(),
            expiresAt: try timestamp(),
            jobsInHand: try optionalInt32(),
            drain: try standingOrder()
        )
    }

    fileprivate mutating func workers() throws(StoreError) -> Set<WorkerID> {
        var workers: Set<WorkerID> = []
        for text in try textArray() {
            guard let worker = WorkerID(text) else { throw mismatch("'\(text)' is no id of a worker") }
            workers.insert(worker)
        }
        return workers
    }

    fileprivate mutating func standingOrder() throws(StoreError) -> StandingOrder? {
        let (since, name, reason) = (try optionalTimestamp(), try optionalText(), try optionalText())
        return since.map { StandingOrder(since: $0, by: name, reason: reason) }
    }
}
