import CPostgres

/// What PostgreSQL says beside its results: `RAISE NOTICE` and the like.
package struct PostgresNotice: Hashable, Sendable {
    /// WARNING, NOTICE or INFO; more if the session's `client_min_messages` asks for it. Never translated.
    package let severity: String
    package let sqlState: String
    /// One line.
    package let message: String

    package init(severity: String, sqlState: String, message: String) {
        self.severity = severity
        self.sqlState = sqlState
        self.message = message
    }

    init(_ result: OpaquePointer) {
        self.init(
            severity: unsafe Self.text(cpostgres_severity(result)),
            sqlState: unsafe Self.text(cpostgres_sqlstate(result)),
            message: unsafe Self.text(cpostgres_primary(result)).trimmed
        )
    }

    private static func text(_ field: UnsafeMutablePointer<CChar>?) -> String {
        guard let field = unsafe field else { return "" }
        return unsafe String(cString: field)
    }
}

extension ConnectionHandle {
    /// What it says from now on, as it comes. Without it, notices are dropped.
    func hearNotices(_ hear: @escaping @Sendable (PostgresNotice) -> Void) {
        let ear = NoticeEar(hear: hear)
        unsafe PQsetNoticeReceiver(
            pointer,
            { ear, result in
                guard let ear = unsafe ear, let result = unsafe result else { return }
                unsafe Unmanaged<NoticeEar>.fromOpaque(ear).takeUnretainedValue().hear(PostgresNotice(result))
            },
            Unmanaged.passUnretained(ear).toOpaque()
        )
        // libpq knows its address only: it lives as long as the connection, or until another takes its place.
        self.ear = ear
    }
}

/// Who hears a connection's notices.
final class NoticeEar: Sendable {
    let hear: @Sendable (PostgresNotice) -> Void

    init(hear: @escaping @Sendable (PostgresNotice) -> Void) { self.hear = hear }
}
