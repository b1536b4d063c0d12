package import WaybillCore
package import WaybillPorts

/// What the database knows of the demand for workers: one statement, whose cost does not grow with the backlog.
package struct PostgresDemand: Sendable {
    private let pool: PostgresPool
    private let region: String

    package init(pool: PostgresPool, region: String) {
        self.pool = pool
        self.region = region
    }

    /// Everything but the depths of the queues in SQS, which stay 0.
    package func facts() async throws(StoreError) -> DemandFacts {
        let statement = PostgresStatement(Self.query).bind(region).bind(Int64(DemandFacts.mostCounted))
        return try await pool.perform([statement]) { results throws(StoreError) in
            try results.one { row throws(StoreError) in
                DemandFacts(
                    ready: Int(try row.int64()),
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
    // No index counts the leased ones, so they are looked for only when no worker lives: a live one reaps what dead ones left.
    private static let query = """
        WITH ready AS (
            SELECT count(*) AS jobs FROM (SELECT FROM waybill.queue WHERE state = 'ready' LIMIT $2) AS bounded
        ), next AS (
            SELECT run_at FROM waybill.queue WHERE state = 'ready' ORDER BY priority, run_at, id LIMIT 1
        ), control AS (
            SELECT milli_rate, arrival, paused_at IS NOT NULL OR hold IS NOT NULL AS held
            FROM waybill.send_control WHERE region = $1
        ), live AS (
            SELECT count(*) AS workers, count(*) FILTER (WHERE 'send' = ANY (roles)) AS senders
            FROM waybill.workers WHERE expires_at > clock_timestamp()
        )
        SELECT ready.jobs,
            (SELECT waybill.micros(clock_timestamp() - run_at) FROM next WHERE run_at <= clock_timestamp()),
            CASE WHEN live.workers > 0 THEN 0
                ELSE (SELECT count(*) FROM (SELECT FROM waybill.queue WHERE state = 'leased' LIMIT 1) AS left_over) END
                + (SELECT count(*) FROM (SELECT FROM waybill.queue WHERE state = 'in_doubt' LIMIT 1) AS doubt)
                + (SELECT count(*) FROM (SELECT FROM waybill.admin_requests WHERE state = 'waiting' LIMIT 1) AS asked)
                + (SELECT count(*) FROM (SELECT FROM waybill.status_notices WHERE published_at IS NULL LIMIT 1) AS noted),
            (SELECT milli_rate FROM control),
            coalesce((SELECT held FROM control), false),
            coalesce((SELECT waybill.micros(arrival - clock_timestamp()) FROM control), 0),
            live.senders
        FROM ready, live
        """
}
