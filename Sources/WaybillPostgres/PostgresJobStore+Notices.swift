package import WaybillCore
package import WaybillPorts

extension PostgresJobStore: StatusNoticeStore {
    package func note(_ notices: [StatusNotice]) async throws(StoreError) {
        guard notesStatuses, !notices.isEmpty else { return }
        let statement = PostgresStatement(NoticeSQL.note)
            .bind(array: notices.map { $0.delivery.description })
            .bind(array: notices.map { Int32(clamping: $0.status.rank) })
            .bind(array: notices.map { $0.status.name })
            .bind(array: notices.map { $0.at })
            .bind(array: notices.map { $0.messageID?.withoutNUL })
        try await pool.perform([statement]) { _ in }
    }

    package func takeNotices(limit: Int) async throws(StoreError) -> [OutgoingNotice] {
        let statement = PostgresStatement(NoticeSQL.take).bind(Int64(max(0, limit)))
            .bind(NoticeBackoff.first.wholeMicroseconds).bind(Int32(clamping: NoticeBackoff.mostDoublings))
        let notices = try await pool.perform([statement]) { results throws(StoreError) in
            try results.map { row throws(StoreError) in try row.outgoingNotice() }
        }
        return notices.sorted { $0.id < $1.id }
    }

    package func markPublished(_ ids: [Int64]) async throws(StoreError) {
        guard !ids.isEmpty else { return }
        try await pool.perform([PostgresStatement(NoticeSQL.mark).bind(array: ids)]) { _ in }
    }

    package func dropNotices(olderThan age: Duration) async throws(StoreError) -> Int {
        let statement = PostgresStatement(NoticeSQL.drop).bind(age.wholeMicroseconds)
        return try await pool.perform([statement]) { results throws(StoreError) in
            Int(try results.one { row throws(StoreError) in try row.int64() })
        }
    }
}

enum NoticeSQL {
    /// deliveries, ranks, statuses, times, message ids. In one order for everybody, so that two callers wait for each
    /// other instead of in a circle.
    static let note = """
        INSERT INTO waybill.status_notices (delivery, rank, status, at, message_id)
        SELECT * FROM unnest($1, $2, $3, $4, $5) AS d(delivery, rank, status, at, message_id)
        ORDER BY delivery COLLATE "C", rank
        ON CONFLICT (delivery, rank) DO NOTHING
        """

    /// Part of the statement that moves jobs to the history, where `finished` holds them: the same as
    /// ``StatusNotice/settled(_:status:messageID:at:)``.
    static let noteFinished = """
        , noted AS (
            INSERT INTO waybill.status_notices (delivery, rank, status, at, message_id)
            SELECT delivery, CASE WHEN decided THEN \(DeliveryStatus.failed.rank) ELSE \(DeliveryStatus.sent.rank) END,
                CASE WHEN decided THEN status ELSE '\(DeliveryStatus.sent.name)' END, finished_at, message_id
            FROM (SELECT f.*, f.status IN ('FAILED', 'SUPPRESSED', 'CLOSED') AS decided FROM finished f) AS ended
            ORDER BY delivery
            ON CONFLICT (delivery, rank) DO NOTHING
        )
        """

    /// limit, first delay in microseconds, most doublings.
    static let take = """
        UPDATE waybill.status_notices SET tries = tries + 1,
            next_at = clock_timestamp() + $2 * interval '1 microsecond' * power(2, least(tries, $3))
        WHERE id = ANY (ARRAY(
            SELECT id FROM waybill.status_notices
            WHERE published_at IS NULL AND next_at <= now()
            ORDER BY next_at, id
            LIMIT $1
            FOR UPDATE SKIP LOCKED
        ))
        RETURNING id, delivery, rank, status, at, message_id
        """

    /// ids.
    static let mark = """
        UPDATE waybill.status_notices SET published_at = clock_timestamp()
        WHERE id = ANY ($1) AND published_at IS NULL
        """

    /// age in microseconds. How many were never published.
    static let drop = """
        WITH dropped AS (
            DELETE FROM waybill.status_notices
            WHERE noted_at < clock_timestamp() - $1 * interval '1 microsecond'
            RETURNING published_at
        )
        SELECT count(*) FILTER (WHERE published_at IS NULL) FROM dropped
        """
}

extension PostgresRow {
    fileprivate mutating func outgoingNotice() throws(StoreError) -> OutgoingNotice {
        let id = try int64()
        let delivery = try delivery()
        let rank = try int32()
        let name = try text()
        guard let status = DeliveryStatus(name: name, rank: rank) else {
            throw mismatch("a notice's status does not fit its rank")
        }
        let at = try timestamp()
        let messageID = try optionalText()
        return OutgoingNotice(
            id: id,
            notice: StatusNotice(delivery: delivery, status: status, at: at, messageID: messageID)
        )
    }
}
