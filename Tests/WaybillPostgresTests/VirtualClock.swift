import Synchronization
import WaybillCore
import WaybillPorts
import WaybillPostgres

/// A clock for the store in memory and for a database: it stands still until it is set forward.
final class VirtualClock: Sendable {
    static let start = Timestamp(seconds: 1_800_000_000)

    private let time = Mutex(VirtualClock.start)

    var now: Timestamp { time.withLock { $0 } }

    func pass(_ duration: Duration) { time.withLock { $0 = $0 + duration } }
}

extension TestDatabase {
    /// A database in which time stands still, and no commit waits for the disk. PostgreSQL looks for functions along the search path, also for its own ones when
    /// pg_catalog stands there explicitly: every clock_timestamp() and now() of the migrations and of the adapter, neither
    /// of which names a schema, is this one.
    static func withVirtualClock(_ body: (TestDatabase) async throws -> Void) async throws {
        try await with(migrated: false) { database async throws in
            try await database.admin.run(
                script: """
                    CREATE SCHEMA test_clock;
                    CREATE TABLE test_clock.time (at timestamptz NOT NULL);
                    INSERT INTO test_clock.time VALUES (to_timestamp(\(VirtualClock.start.seconds)));
                    CREATE FUNCTION test_clock.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
                        AS 'SELECT at FROM test_clock.time';
                    CREATE FUNCTION test_clock.now() RETURNS timestamptz LANGUAGE sql STABLE
                        AS 'SELECT at FROM test_clock.time';
                    ALTER DATABASE \(database.name) SET search_path = test_clock, pg_catalog, public;
                    ALTER DATABASE \(database.name) SET synchronous_commit = off;
                    SET search_path = test_clock, pg_catalog, public;
                    SET synchronous_commit = off;
                    """,
                timeout: .seconds(10)
            )
            _ = try await database.migrate(MigrationFile.read(folder: migrationsFolder))
            // This one function asks for the time on a search path of its own.
            try await database.admin.run(
                script:
                    "ALTER FUNCTION waybill.maintain_history(integer, integer) SET search_path = test_clock, pg_catalog",
                timeout: .seconds(10)
            )
            try await body(database)
        }
    }

    /// Sets the database's clock forward.
    func passVirtually(_ duration: Duration) async throws {
        let script = "UPDATE test_clock.time SET at = at + interval '\(duration.wholeMicroseconds) microseconds'"
        try await admin.run(script: script, timeout: .seconds(10))
    }

    /// As the migrations left it.
    func empty() async throws {
        try await emptyTables()
        let script = "UPDATE test_clock.time SET at = to_timestamp(\(VirtualClock.start.seconds))"
        try await admin.run(script: script, timeout: .seconds(10))
    }

    /// The same, where time goes by.
    func emptyTables() async throws {
        try await admin.run(
            script: """
                TRUNCATE waybill.workers, waybill.jobs, waybill.queue, waybill.history, waybill.history_tally,
                    waybill.quarantine, waybill.suppressions, waybill.admin_requests, waybill.audit, waybill.ticks,
                    waybill.status_notices, waybill.send_control, waybill.unsuppressions, waybill.suppression_mirror
                    RESTART IDENTITY;
                INSERT INTO waybill.suppression_mirror DEFAULT VALUES;
                ALTER SEQUENCE waybill.epochs RESTART;
                UPDATE waybill.leadership SET holder = NULL, term = 0, elected_at = NULL, expires_at = '-infinity';
                UPDATE waybill.feed SET last_send = NULL, empty_since = NULL, empty_reads = 0, last_read = NULL,
                    trouble = NULL;
                UPDATE waybill.ingest_control SET paused_at = NULL, paused_by = NULL, paused_reason = NULL;
                """,
            timeout: .seconds(10)
        )
    }
}
