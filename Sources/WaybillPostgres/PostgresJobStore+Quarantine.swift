package import WaybillCore
package import WaybillPorts

enum QuarantineSQL {
    /// A repeat counts up, and says what the newest look at it said.
    static let countUp = """
        ON CONFLICT (queue, body_hash) DO UPDATE SET seen = quarantine.seen + excluded.seen,
            last_seen = clock_timestamp(), code = excluded.code, reason = excluded.reason, delivery = excluded.delivery
        """

    /// queues, bodies, hashes, codes, reasons, deliveries. Equal ones within the call are one row, like repeats.
    static let keep = """
        INSERT INTO waybill.quarantine (queue, body, body_hash, code, reason, delivery, seen)
        SELECT DISTINCT ON (queue, body_hash) queue, body, body_hash, code, reason, delivery,
            count(*) OVER (PARTITION BY queue, body_hash)
        FROM unnest($1, $2, $3, $4, $5, $6) WITH ORDINALITY AS i(queue, body, body_hash, code, reason, delivery, n)
        ORDER BY queue, body_hash, n DESC
        \(countUp)
        """

    /// queue or NULL, limit.
    static let list = """
        SELECT id, queue, body, body_hash, code, reason, delivery, seen, first_seen, last_seen
        FROM waybill.quarantine
        WHERE $1 IS NULL OR queue = $1
        ORDER BY last_seen DESC, id DESC
        LIMIT $2
        """

    /// id.
    static let entry = """
        SELECT id, queue, body, body_hash, code, reason, delivery, seen, first_seen, last_seen
        FROM waybill.quarantine
        WHERE id = $1
        """

    /// delivery, limit.
    static let about = """
        SELECT id, queue, body, body_hash, code, reason, delivery, seen, first_seen, last_seen
        FROM waybill.quarantine
        WHERE delivery = $1
        ORDER BY last_seen DESC, id DESC
        LIMIT $2
        """
}

extension PostgresJobStore: QuarantineStore {
    package func keep(_ messages: [QuarantinedMessage]) async throws(StoreError) {
        guard !messages.isEmpty else { return }
        let statement = PostgresStatement(QuarantineSQL.keep)
            .bind(array: messages.map { $0.queue.withoutNUL })
            .bind(array: messages.map { PostgresBytes($0.body) })
            .bind(array: messages.map { PostgresBytes($0.bodyHash.bytes) })
            .bind(array: messages.map { $0.code.withoutNUL })
            .bind(array: messages.map { $0.reason.withoutNUL })
            .bind(array: messages.map { $0.delivery?.description })
        try await pool.perform([statement]) { _ in }
    }

    package func list(queue: String?, limit: Int) async throws(StoreError) -> [QuarantineEntry] {
        try await entries(PostgresStatement(QuarantineSQL.list).bind(queue).bind(Int64(max(0, limit))))
    }

    package func entry(_ id: Int64) async throws(StoreError) -> QuarantineEntry? {
        try await entries(PostgresStatement(QuarantineSQL.entry).bind(id)).first
    }

    package func about(_ delivery: DeliveryID, limit: Int) async throws(StoreError) -> [QuarantineEntry] {
        try await entries(PostgresStatement(QuarantineSQL.about).bind(delivery.description).bind(Int64(max(0, limit))))
    }

    private func entries(_ statement: PostgresStatement) async throws(StoreError) -> [QuarantineEntry] {
        try await pool.perform([statement]) { results throws(StoreError) in
            try results.map { row throws(StoreError) in try row.quarantineEntry() }
        }
    }
}

extension PostgresRow {
    fileprivate mutating func quarantineEntry() throws(StoreError) -> QuarantineEntry {
        let id = try int64()
        let message = QuarantinedMessage(
            queue: try text(),
            body: try bytes(),
            bodyHash: try payloadHash(),
            code: try text(),
            reason: try text(),
            delivery: try optionalDelivery()
        )
        return QuarantineEntry(
            id: id,
            message: message,
            count: Int(try int64()),
            firstSeen: try timestamp(),
            lastSeen: try timestamp()
        )
    }
}
