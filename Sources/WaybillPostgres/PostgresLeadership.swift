package import WaybillCore
package import WaybillPorts

extension PostgresJobStore: LeadershipStore {
    /// Whoever holds a live term renews it; an expired one ends, also when its own holder comes back.
    private static let campaignSQL = """
        UPDATE waybill.leadership
        SET term = CASE WHEN expires_at > clock_timestamp() THEN term ELSE term + 1 END,
            elected_at = CASE WHEN expires_at > clock_timestamp() THEN elected_at ELSE clock_timestamp() END,
            holder = $2,
            expires_at = clock_timestamp() + $3 * interval '1 microsecond'
        WHERE role = $1 AND (holder = $2 OR expires_at <= clock_timestamp())
        RETURNING term
        """

    package func campaign(
        role: String,
        holder: WorkerID,
        lease: Duration
    ) async throws(StoreError) -> LeaderFence? {
        let statement = PostgresStatement(Self.campaignSQL).bind(role).bind(holder).bind(lease.wholeMicroseconds)
        let term = try await pool.perform([statement]) { results throws(StoreError) in
            try results.map { row throws(StoreError) in Term(try row.int64()) }.first
        }
        return term.map { LeaderFence(role: role, holder: holder, term: $0) }
    }

    package func resign(_ fence: LeaderFence) async throws(StoreError) {
        let statement = PostgresStatement(
            "UPDATE waybill.leadership SET expires_at = '-infinity' WHERE role = $1 AND holder = $2 AND term = $3"
        )
        let bound = statement.bind(fence.role).bind(fence.holder).bind(fence.term.number)
        try await pool.perform([bound]) { _ in }
    }
}

extension PostgresStatement {
    /// To be the first statement of a leader's effect.
    static func lead(_ fence: LeaderFence) -> PostgresStatement {
        PostgresStatement("SELECT FROM waybill.lead($1, $2, $3)")
            .bind(fence.role).bind(fence.holder).bind(fence.term.number)
    }

    /// The statement as a leader's effect: it happens only in this term. Its result is the last one.
    consuming func fenced(by fence: LeaderFence?) -> [PostgresStatement] {
        guard let fence else { return [self] }
        return [.lead(fence), self]
    }
}

extension PostgresJobStore: FeedStore {
    package func noteSend(acceptedAt: Timestamp) async throws(StoreError) {
        let statement = PostgresStatement(
            "UPDATE waybill.feed SET last_send = $1 WHERE last_send IS NULL OR last_send < $1"
        )
        try await pool.perform([statement.bind(acceptedAt)]) { _ in }
    }

    package func noteRead(trouble: String?, gap: Duration, fence: LeaderFence) async throws(StoreError) {
        let statement = PostgresStatement(
            """
            UPDATE waybill.feed SET trouble = $1, last_read = clock_timestamp(),
                empty_since = CASE WHEN $1 IS NOT NULL THEN NULL
                    WHEN last_read >= clock_timestamp() - $2 * interval '1 microsecond' AND empty_since IS NOT NULL
                    THEN empty_since ELSE clock_timestamp() END,
                empty_reads = CASE WHEN $1 IS NOT NULL THEN 0
                    WHEN last_read >= clock_timestamp() - $2 * interval '1 microsecond' AND empty_since IS NOT NULL
                    THEN empty_reads + 1 ELSE 1 END
            """
        )
        try await pool.perform([.lead(fence), statement.bind(trouble?.withoutNUL).bind(gap.wholeMicroseconds)]) { _ in }
    }

    package func feed() async throws(StoreError) -> FeedState {
        let statement = PostgresStatement(
            "SELECT last_send, empty_since, empty_reads, last_read, trouble FROM waybill.feed"
        )
        return try await pool.perform([statement]) { results throws(StoreError) in
            try results.one { row throws(StoreError) in
                FeedState(
                    lastSend: try row.optionalTimestamp(),
                    emptySince: try row.optionalTimestamp(),
                    emptyReads: try row.int32(),
                    lastRead: try row.optionalTimestamp(),
                    trouble: try row.optionalText()
                )
            }
        }
    }

    package func quarantined(queue: String) async throws(StoreError) -> Int {
        let statement = PostgresStatement("SELECT count(*) FROM waybill.quarantine WHERE queue = $1")
        return try await pool.perform([statement.bind(queue)]) { results throws(StoreError) in
            try results.one { row throws(StoreError) in Int(try row.int64()) }
        }
    }
}

extension PostgresJobStore: DutyStore {
    package func begin(task: String, tick: Int64, fence: LeaderFence) async throws(StoreError) -> Bool {
        let insert = PostgresStatement(
            """
            INSERT INTO waybill.ticks (task, tick, term) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING tick
            """
        ).bind(task).bind(tick).bind(fence.term.number)
        return try await pool.perform([.lead(fence), insert]) { results throws(StoreError) in
            results.count(statement: 1) == 1
        }
    }

    package func maintainHistory(keepDays: Int, fence: LeaderFence?) async throws(StoreError) -> [String] {
        let statements = PostgresStatement(JobStoreSQL.maintainHistory).bind(Int32(clamping: keepDays)).fenced(
            by: fence
        )
        return try await pool.perform(statements) { results throws(StoreError) in
            try results.map(statement: statements.count - 1) { row throws(StoreError) in try row.text() }
        }
    }

    package func forgetOld(_ age: Duration, fence: LeaderFence) async throws(StoreError) -> Int {
        let forget = PostgresStatement(
            """
            WITH ticks AS (
                DELETE FROM waybill.ticks WHERE begun_at < clock_timestamp() - $1 * interval '1 microsecond' RETURNING 1
            ), addresses AS (
                DELETE FROM waybill.unsuppressions WHERE at < clock_timestamp() - $1 * interval '1 microsecond' RETURNING 1
            ), sources AS (
                DELETE FROM waybill.usage_sources WHERE at < clock_timestamp() - $1 * interval '1 microsecond' RETURNING 1
            )
            SELECT (SELECT count(*) FROM ticks) + (SELECT count(*) FROM addresses) + (SELECT count(*) FROM sources)
            """
        )
        return try await pool.perform([.lead(fence), forget.bind(age.wholeMicroseconds)]) {
            results throws(StoreError) in
            try results.one(statement: 1) { row throws(StoreError) in Int(try row.int64()) }
        }
    }
}
