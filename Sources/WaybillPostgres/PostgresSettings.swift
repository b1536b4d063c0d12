/// How to reach PostgreSQL, and every limit of this adapter.
package struct PostgresSettings: Sendable {
    /// A libpq connection string or URI; TLS and everything else from it and from the `PG*` environment variables.
    package var connectionString: String
    /// From the start to a connection that may be used, name resolution not counted: the resolver has its own limit.
    package var connectTimeout: Duration = .seconds(5)
    /// What a call may take once it is the first on its connection; then it is cancelled. Kept by this side, because
    /// `statement_timeout` is session state, which PgBouncer's transaction mode does not keep.
    package var statementTimeout: Duration = .seconds(10)
    /// After a cancel request for a call that is too slow: how long its answer may still take before the connection is
    /// given up.
    package var cancelGrace: Duration = .seconds(3)
    /// Connections of one pool.
    package var maxConnections = 4
    /// Callers that may wait for a connection of one pool; one more is refused as overloaded.
    package var waitingLine = 256
    /// The wait after the first failed attempt to connect; it doubles with each failure.
    package var firstBackoff: Duration = .milliseconds(100)
    package var longestBackoff: Duration = .seconds(5)

    package init(connectionString: String) {
        self.connectionString = connectionString
    }
}

extension PostgresSettings: CustomStringConvertible {
    /// Without the connection string: it may hold a password.
    package var description: String { "PostgreSQL, at most \(maxConnections) connections" }
}
