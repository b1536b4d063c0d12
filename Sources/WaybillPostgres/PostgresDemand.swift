package import WaybillCore
package import WaybillPorts

/// What the database knows of the demand for workers: one statement, whose cost does not grow with the backlog.
package struct PostgresDemand: Sendable {
    /// Counting of waiting jobs stops here: no send rate empties more within a minute, and each look reads so many entries of an
    /// index at most.
    private static let countUpTo: Int64 = 100_000

    private let pool: PostgresPool
    private let region: String

    package init(pool: PostgresPool, region: String) {
        self.pool = pool
        self.region = region
    }

    /// Everything but the depths of the queues in SQS, which stay 0.
    package func facts() async throws(StoreError) -> DemandFacts {
        let statement = PostgresStatement(Self.query).bind(region).bind(Self.countUpTo)
        return try await pool.perform([statement]) { results throws(StoreError) in
            try results.one { row throws(StoreError) in
                DemandFacts(
                    ready: Int(try row.int64()),
                    leased: Int(try row.int64()),
                    oldestWait: try row.optionalInt64().map { .microseconds($0) },
                    chores: Int(try row.int64()),
                    milliRate: try row.optionalInt64(),
                    isHeld: try row.bool(),
                    slotsAhead: .microseconds(try row.int64()),
                    senders: Int(try row.int64())
                )
            }
        }
    }

    // The index of ready jobs begins with the priority, so the job that is next stands for the oldest: fresh mail goes first.
    // No index knows the leased ones; where so many wait that looking for them would read a large table, the answer is known
    // without them.
    private static let query = """
        WITH ready AS (
            SELECT count(*) AS jobs FROM (SELECT FROM waybill.queue WHERE state = 'ready' LIMIT $2) AS bounded
        ), next AS (
            SELECT run_at FROM waybill.queue WHERE state = 'ready' ORDER BY priority, run_at, id LIMIT 1
        ), control AS (
            SELECT milli_rate, arrival, paused_at IS NOT NULL OR hold IS NOT NULL AS held
            FROM waybill.send_control WHERE region = $1
        )
        SELECT ready.jobs,
            CASE WHEN ready.jobs < $2 THEN (SELECT count(*) FROM waybill.queue WHERE state = 'leased') ELSE 0 END,
            (SELECT waybill.micros(clock_timestamp() - run_at) FROM next WHERE run_at <= clock_timestamp()),
            (SELECT count(*) FROM (SELECT FROM waybill.queue WHERE state = 'in_doubt' LIMIT 1) AS doubt)
                + (SELECT count(*) FROM (SELECT FROM waybill.admin_requests WHERE state = 'waiting' LIMIT 1) AS asked)
                + (SELECT count(*) FROM (SELECT FROM waybill.status_notices WHERE published_at IS NULL LIMIT 1) AS noted),
            (SELECT milli_rate FROM control),
            coalesce((SELECT held FROM control), false),
            coalesce((SELECT waybill.micros(arrival - clock_timestamp()) FROM control), 0),
            (SELECT count(*) FROM waybill.workers WHERE expires_at > clock_timestamp() AND 'send' = ANY (roles))
        FROM ready
        """
}
