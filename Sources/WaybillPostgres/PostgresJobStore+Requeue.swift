package import WaybillCore
package import WaybillPorts

extension PostgresJobStore: RequeueStore {
    package func takeRequeues(worker: WorkerID, limit: Int) async throws(StoreError) -> [RequeueRequest] {
        let statement = PostgresStatement(RequeueSQL.take).bind(worker).bind(Int64(max(0, limit)))
        let taken = try await pool.perform([statement]) { results throws(StoreError) in
            try results.map { row throws(StoreError) in
                RequeueRequest(
                    id: try row.int64(),
                    entry: try row.int64(),
                    name: try row.text(),
                    reason: try row.text()
                )
            }
        }
        return taken.sorted { $0.id < $1.id }
    }

    package func quarantined(_ id: Int64) async throws(StoreError) -> QuarantineEntry? {
        try await entries(PostgresStatement(RequeueSQL.entry).bind(id)).first
    }

    package func finishRequeue(
        _ request: RequeueRequest,
        worker: WorkerID,
        result: OperatorResult
    ) async throws(StoreError) -> Bool {
        let statement = PostgresStatement(RequeueSQL.finish).bind(request.id).bind(worker)
            .bind(result.isDone ? "done" : "refused").bind(result.outcome.withoutNUL)
        return try await pool.perform([statement]) { results throws(StoreError) in results.count() > 0 }
    }
}

private enum RequeueSQL {
    /// worker, limit.
    static let take = """
        UPDATE waybill.admin_requests SET worker = $1, taken_at = clock_timestamp()
        WHERE id = ANY (ARRAY(
            SELECT id FROM waybill.admin_requests
            WHERE state = 'waiting' AND action = 'requeue'
                AND (taken_at IS NULL OR taken_at < clock_timestamp() - interval '30 seconds')
            ORDER BY id
            LIMIT $2
            FOR UPDATE SKIP LOCKED
        ))
        RETURNING id, quarantine_id, requested_by, reason
        """

    /// id.
    static let entry = """
        SELECT id, queue, body, body_hash, code, reason, delivery, seen, first_seen, last_seen
        FROM waybill.quarantine
        WHERE id = $1
        """

    /// request, worker, state, outcome.
    static let finish = """
        WITH finished AS (
            UPDATE waybill.admin_requests SET state = $3, outcome = $4, finished_at = clock_timestamp()
            WHERE id = $1 AND worker = $2 AND state = 'waiting'
            RETURNING id, state, quarantine_id
        ), gone AS (
            DELETE FROM waybill.quarantine q USING finished f WHERE q.id = f.quarantine_id AND f.state = 'done'
        )
        SELECT id FROM finished
        """
}
