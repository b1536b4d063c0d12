package import WaybillCore
package import WaybillPorts

/// The cluster's send rate, breaker and pause: one row, changed by the functions of migration 0004, which compute what
/// ``SendControlMachine`` computes.
package struct PostgresSendRate: SendRateSource {
    private let pool: PostgresPool
    private let region: String

    package init(pool: PostgresPool, region: String) {
        self.pool = pool
        self.region = region
    }

    package func slots(_ count: Int, for worker: WorkerID) async throws(StoreError) -> SendSlots {
        let statement = PostgresStatement("SELECT * FROM waybill.send_slots($1, $2, $3)")
            .bind(region).bind(worker).bind(Int64(count))
        return try await pool.perform([statement]) { results throws(StoreError) in
            try results.one { row throws(StoreError) in try row.sendSlots() }
        }
    }

    package func hear(_ news: SendNews, from worker: WorkerID) async throws(StoreError) {
        let (name, detail): (String, String?) =
            switch news {
            case .accepted: ("accepted", nil)
            case .throttled: ("throttled", nil)
            case .unknown: ("unknown", nil)
            case .unused: ("unused", nil)
            case .blocked(let cause, let detail): (cause.rawValue, detail.withoutNUL)
            }
        let statement = PostgresStatement("SELECT FROM waybill.send_news($1, $2, $3, $4)")
            .bind(region).bind(worker).bind(name).bind(detail)
        try await pool.perform([statement]) { _ in }
    }

    package func begin(_ limits: SendLimits) async throws(StoreError) {
        let statement = PostgresStatement(
            """
            INSERT INTO waybill.send_control (region, limit_milli, milli_rate, burst) VALUES ($1, $2, $2, $3)
            ON CONFLICT (region) DO NOTHING
            """
        )
        try await pool.perform([statement.bind(region).bind(limits.milliRate).bind(limits.burst)]) { _ in }
    }

    package func update(_ limits: SendLimits, fence: LeaderFence?) async throws(StoreError) {
        let statement = PostgresStatement("SELECT FROM waybill.set_send_limits($1, $2, $3, $4, $5)")
            .bind(region).bind(limits.milliRate).bind(limits.burst)
            .bind(limits.hold?.cause.rawValue).bind(limits.hold?.detail.withoutNUL)
        try await pool.perform(statement.fenced(by: fence)) { _ in }
    }

    package func pause(by name: String, reason: String, askedAt: Timestamp?) async throws(StoreError) -> Bool {
        let latest = SendControlMachine.latestPause.wholeMilliseconds
        let statement = PostgresStatement(
            """
            WITH paused AS (
                UPDATE waybill.send_control SET paused_at = clock_timestamp(), paused_by = $2, paused_reason = $3
                WHERE region = $1 AND ($4::timestamptz IS NULL OR clock_timestamp() - $4 <= interval '\(latest) milliseconds')
                RETURNING region
            )
            INSERT INTO waybill.audit (actor, action, detail)
            SELECT $2, 'pause', 'sender: ' || $3 FROM paused
            RETURNING true
            """
        )
        let bound = statement.bind(region).bind(name.withoutNUL).bind(reason.withoutNUL).bind(askedAt)
        return try await pool.perform([bound]) { results throws(StoreError) in
            !(try results.map { row throws(StoreError) in try row.bool() }.isEmpty)
        }
    }

    package func resume() async throws(StoreError) {
        let statement = PostgresStatement(
            """
            WITH resumed AS (
                UPDATE waybill.send_control SET paused_at = NULL, paused_by = NULL, paused_reason = NULL
                WHERE region = $1
            )
            INSERT INTO waybill.audit (action, detail) VALUES ('resume', 'sender')
            """
        )
        try await pool.perform([statement.bind(region)]) { _ in }
    }

    package func state() async throws(StoreError) -> SendControlState? {
        let statement = PostgresStatement(
            """
            SELECT milli_rate, limit_milli, ceiling_milli, burst,
                CASE WHEN paused_at IS NULL THEN hold ELSE 'paused' END,
                CASE WHEN paused_at IS NULL THEN hold_detail ELSE paused_by || ': ' || paused_reason END,
                coalesce(paused_at, hold_since)
            FROM waybill.send_control WHERE region = $1
            """
        )
        return try await pool.perform([statement.bind(region)]) { results throws(StoreError) in
            try results.map { row throws(StoreError) in try row.sendControlState() }.first
        }
    }
}

extension PostgresRow {
    /// The columns of `waybill.send_slots`.
    fileprivate mutating func sendSlots() throws(StoreError) -> SendSlots {
        let granted = try int64()
        let first = try int64()
        let step = try int64()
        let wait = try int64()
        let isProbe = try bool()
        if let hold = try optionalHold() { return .held(hold, .microseconds(wait)) }
        guard granted > 0 else { return .wait(.microseconds(wait)) }
        let offsets = (0..<granted).map { Duration.microseconds(max(0, first + $0 * step)) }
        return .granted(offsets, isProbe: isProbe)
    }

    fileprivate mutating func sendControlState() throws(StoreError) -> SendControlState {
        SendControlState(
            milliRate: try int64(),
            limit: try int64(),
            ceiling: try optionalInt64(),
            burst: try int64(),
            hold: try optionalHold(),
            heldSince: try optionalTimestamp()
        )
    }

    private mutating func optionalHold() throws(StoreError) -> SendHold? {
        let name = try optionalText()
        let detail = try optionalText()
        guard let name else { return nil }
        guard let cause = SendHold.Cause(rawValue: name) else { throw mismatch("'\(name)' holds sending back") }
        return SendHold(cause, detail: detail ?? "")
    }
}
