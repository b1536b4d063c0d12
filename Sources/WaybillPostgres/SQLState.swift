import CPostgres
import WaybillPorts

extension StoreError {
    /// The code of a SQLSTATE: whether trying again helps is decided here and nowhere else. Classes are from
    /// PostgreSQL's manual, appendix A.
    static func code(sqlState: String) -> Code {
        switch sqlState {
        // admin_shutdown, crash_shutdown, cannot_connect_now, database_dropped, idle_session_timeout
        case _ where sqlState.hasPrefix("57P"): .unavailable
        // connection_exception
        case _ where sqlState.hasPrefix("08"): .unavailable
        // read_only_sql_transaction: the server is no primary any more, another connection finds the new one
        case "25006": .unavailable
        // transaction_rollback (deadlock, serialization), insufficient_resources
        case _ where sqlState.hasPrefix("40") || sqlState.hasPrefix("53"): .transient
        // waybill.lead: the leader's term is over
        case "WB001": .deposed
        // lock_not_available, query_canceled, idle_in_transaction_session_timeout
        case "55P03", "57014", "25P03": .transient
        default: .rejected
        }
    }

    /// The error in a result. Only the primary message: details quote rows, and rows hold addresses.
    init(_ result: ResultHandle) {
        let state = unsafe cpostgres_sqlstate(result.pointer).map { unsafe String(cString: $0) }
        let text = unsafe cpostgres_primary(result.pointer).map { unsafe String(cString: $0) }
        guard let state else {
            // libpq made this result itself, because the connection broke.
            self.init(.unavailable, text ?? "the connection to the server was lost")
            return
        }
        self.init(Self.code(sqlState: state), sqlState: state, text ?? "no message")
    }

    /// The data of one row is at fault: class 22 (data exception), 23 (constraint), 54 (program limit). Everything else
    /// that is rejected concerns the statement, whatever its rows.
    var concernsData: Bool {
        guard code == .rejected, let sqlState else { return false }
        return ["22", "23", "54"].contains(String(sqlState.prefix(2)))
    }
}
