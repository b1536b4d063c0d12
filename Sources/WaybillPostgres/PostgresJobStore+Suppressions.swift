package import WaybillCore
package import WaybillPorts

enum SuppressionSQL {
    /// address, reason, source, when it happened.
    static let suppress = """
        INSERT INTO waybill.suppressions AS s (email, reason, sources)
        SELECT $1, $2, ARRAY[$3]
        WHERE NOT EXISTS (SELECT FROM waybill.unsuppressions WHERE email = $1 AND at >= $4)
        ON CONFLICT (email) DO UPDATE SET sources = s.sources || excluded.sources
        WHERE NOT s.sources @> excluded.sources
        """

    /// address.
    static let find = "SELECT email, reason, sources, account_email FROM waybill.suppressions WHERE email = $1"

    /// A page that is being kept is waited for: what it brings is seen, and taken off.
    static let waitForPage = "SELECT FROM waybill.suppression_mirror FOR SHARE"

    /// address.
    static let unsuppress = """
        WITH gone AS (
            DELETE FROM waybill.suppressions WHERE email = $1 RETURNING email
        ), noted AS (
            INSERT INTO waybill.unsuppressions (email) VALUES ($1)
            ON CONFLICT (email) DO UPDATE SET at = excluded.at
        )
        SELECT email FROM gone
        """

    static let mirror = """
        SELECT kind, started_at, since, token, is_dropping, last_full, last_read, trouble FROM waybill.suppression_mirror
        """

    /// tick or NULL, term, kind, since.
    static let begin = """
        WITH begun AS (
            INSERT INTO waybill.ticks (task, tick, term) SELECT 'suppressions', $1, $2 WHERE $1 IS NOT NULL
            ON CONFLICT DO NOTHING
            RETURNING tick
        )
        UPDATE waybill.suppression_mirror
        SET kind = $3, started_at = clock_timestamp(), since = $4, token = NULL, is_dropping = false, entries = 0,
            dropped = CASE WHEN $3 = 'full' THEN 0 ELSE dropped END
        WHERE $1 IS NULL OR EXISTS (SELECT FROM begun)
        RETURNING 1
        """

    /// addresses on the page, next token.
    static let goOn = """
        UPDATE waybill.suppression_mirror
        SET entries = entries + $1, token = $2, is_dropping = $2 IS NULL AND kind = 'full',
            last_read = CASE WHEN $2 IS NULL AND kind = 'recent' THEN started_at ELSE last_read END,
            started_at = CASE WHEN $2 IS NULL AND kind = 'recent' THEN NULL ELSE started_at END,
            since = CASE WHEN $2 IS NULL THEN NULL ELSE since END,
            kind = CASE WHEN $2 IS NULL AND kind = 'recent' THEN NULL ELSE kind END,
            trouble = NULL, trouble_at = NULL
        WHERE kind IS NOT NULL AND NOT is_dropping
        """

    /// addresses, their spellings, reasons, times. In one order, so that no two writers wait for each other in a circle.
    static let keep = """
        INSERT INTO waybill.suppressions AS s (email, account_email, reason, account_at, sources, account_seen_at)
        SELECT DISTINCT ON (p.email COLLATE "C") p.*, ARRAY['account'], clock_timestamp()
        FROM unnest($1, $2, $3, $4) AS p(email, account_email, reason, account_at)
        WHERE NOT EXISTS (SELECT FROM waybill.unsuppressions u WHERE u.email = p.email AND u.at >= p.account_at)
        ORDER BY p.email COLLATE "C", p.account_at DESC, p.account_email COLLATE "C" DESC
        ON CONFLICT (email) DO UPDATE
        SET account_email = excluded.account_email, account_at = excluded.account_at,
            account_seen_at = excluded.account_seen_at,
            sources = CASE WHEN s.sources @> excluded.sources THEN s.sources ELSE s.sources || excluded.sources END
        """

    /// most.
    static let drop = "SELECT waybill.drop_unseen_suppressions($1)"

    /// trouble.
    static let trouble = """
        UPDATE waybill.suppression_mirror
        SET trouble = $1, trouble_at = CASE WHEN $1 IS NULL THEN NULL ELSE coalesce(trouble_at, clock_timestamp()) END
        """
}

extension PostgresJobStore: SuppressionStore {
    package func suppress(_ suppression: Suppression, at: Timestamp) async throws(StoreError) {
        let statement = PostgresStatement(SuppressionSQL.suppress)
            .bind(AddressKey(suppression.email.withoutNUL).text).bind(suppression.reason.rawValue)
            .bind(suppression.source.rawValue).bind(at)
        try await pool.perform([statement]) { _ in }
    }

    package func suppression(of email: String) async throws(StoreError) -> SuppressedAddress? {
        let statement = PostgresStatement(SuppressionSQL.find).bind(AddressKey(email.withoutNUL).text)
        return try await pool.perform([statement]) { results throws(StoreError) in
            try results.map { row throws(StoreError) in try row.suppressedAddress() }.first
        }
    }

    package func unsuppress(_ email: String) async throws(StoreError) -> Bool {
        let statement = PostgresStatement(SuppressionSQL.unsuppress).bind(AddressKey(email.withoutNUL).text)
        return try await pool.perform([PostgresStatement(SuppressionSQL.waitForPage), statement]) {
            results throws(StoreError) in results.count(statement: 1) > 0
        }
    }
}

extension PostgresJobStore: SuppressionMirrorStore {
    package func mirror() async throws(StoreError) -> SuppressionMirror {
        try await pool.perform([PostgresStatement(SuppressionSQL.mirror)]) { results throws(StoreError) in
            try results.one { row throws(StoreError) in try row.suppressionMirror() }
        }
    }

    package func beginMirrorRead(
        _ kind: SuppressionMirror.Kind,
        since: Timestamp?,
        tick: Int64?,
        fence: LeaderFence
    ) async throws(StoreError) -> Bool {
        let statement = PostgresStatement(SuppressionSQL.begin).bind(tick).bind(fence.term.number)
            .bind(kind.rawValue).bind(since)
        return try await pool.perform([.lead(fence), statement]) { results throws(StoreError) in
            results.count(statement: 1) == 1
        }
    }

    package func keepMirrorPage(_ page: AccountSuppressionPage, fence: LeaderFence) async throws(StoreError) {
        let goOn = PostgresStatement(SuppressionSQL.goOn).bind(Int64(page.entries.count)).bind(page.next?.withoutNUL)
        let keep = PostgresStatement(SuppressionSQL.keep)
            .bind(array: page.entries.map { AddressKey($0.email.withoutNUL).text })
            .bind(array: page.entries.map { $0.email.withoutNUL })
            .bind(array: page.entries.map { $0.text.withoutNUL })
            .bind(array: page.entries.map { $0.updatedAt })
        try await pool.perform([.lead(fence), goOn, keep]) { _ in }
    }

    package func dropUnseen(limit: Int, fence: LeaderFence) async throws(StoreError) -> Int {
        let statement = PostgresStatement(SuppressionSQL.drop).bind(Int32(clamping: limit))
        return try await pool.perform([.lead(fence), statement]) { results throws(StoreError) in
            try results.one(statement: 1) { row throws(StoreError) in try row.int32() }
        }
    }

    package func noteMirrorTrouble(_ trouble: String?, fence: LeaderFence) async throws(StoreError) {
        let statement = PostgresStatement(SuppressionSQL.trouble).bind(trouble?.withoutNUL)
        try await pool.perform([.lead(fence), statement]) { _ in }
    }
}

extension PostgresRow {
    fileprivate mutating func suppressedAddress() throws(StoreError) -> SuppressedAddress {
        let email = try text()
        let reason = try text()
        let sources = try textArray().map { name throws(StoreError) in
            guard let source = SuppressionSource(rawValue: name) else {
                throw mismatch("'\(name)' suppresses an address")
            }
            return source
        }
        return SuppressedAddress(email: email, reason: reason, sources: sources, accountEmail: try optionalText())
    }

    fileprivate mutating func suppressionMirror() throws(StoreError) -> SuppressionMirror {
        let kind = try optionalText()
        let startedAt = try optionalTimestamp()
        let since = try optionalTimestamp()
        let token = try optionalText()
        let isDropping = try bool()
        var mirror = SuppressionMirror()
        if let name = kind, let startedAt {
            guard let kind = SuppressionMirror.Kind(rawValue: name) else {
                throw mismatch("'\(name)' is no kind of read")
            }
            mirror.read = SuppressionMirror.Read(
                kind: kind,
                startedAt: startedAt,
                since: since,
                token: token,
                isDropping: isDropping
            )
        }
        mirror.lastFull = try optionalTimestamp()
        mirror.lastRead = try optionalTimestamp()
        mirror.trouble = try optionalText()
        return mirror
    }
}
