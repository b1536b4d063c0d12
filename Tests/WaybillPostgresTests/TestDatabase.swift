import Foundation
import Testing
import WaybillCore
import WaybillPorts
import WaybillPostgres
import WaybillReactor

/// Everything that talks to PostgreSQL, one test at a time: the server has a limited number of connections.
@Suite(.serialized) struct PostgreSQL {}

/// A database of its own for one test, on the server that WAYBILL_TEST_POSTGRES names.
struct TestDatabase: Sendable {
    let settings: PostgresSettings
    let reactor: Reactor
    /// For what the test itself asks the server.
    let admin: PostgresConnection
    let name: String

    /// Makes the database, and drops it also after an error.
    static func with(
        migrated: Bool = true,
        _ change: (inout PostgresSettings) -> Void = { _ in },
        _ body: (TestDatabase) async throws -> Void
    ) async throws {
        let reactor = try Self.reactor.get()
        let server = try PostgresSettings(connectionString: Self.server())
        let maker = try await PostgresConnection.connect(server, reactor: reactor, environment: SystemEnvironment())
        let name = "waybill_test_\(UInt64.random(in: 0 ... .max))"
        try await maker.run(script: "CREATE DATABASE \(name)", timeout: .seconds(60))
        // Of a keyword that comes twice libpq takes the last.
        var settings = PostgresSettings(connectionString: "\(server.connectionString) dbname=\(name)")
        let result: Result<Void, any Error>
        do {
            let admin = try await PostgresConnection.connect(
                settings,
                reactor: reactor,
                environment: SystemEnvironment()
            )
            change(&settings)
            let database = TestDatabase(settings: settings, reactor: reactor, admin: admin, name: name)
            result = await Result {
                if migrated { _ = try await database.migrate(MigrationFile.read(folder: migrationsFolder)) }
                try await body(database)
            }
            await admin.close()
        } catch {
            result = .failure(error)
        }
        try await maker.run(script: "DROP DATABASE \(name) WITH (FORCE)", timeout: .seconds(60))
        await maker.close()
        try result.get()
    }

    static var migrationsFolder: String {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "migrations").path()
    }

    static func server() throws -> String {
        try #require(
            ProcessInfo.processInfo.environment["WAYBILL_TEST_POSTGRES"],
            "WAYBILL_TEST_POSTGRES must name a server; ops/with-servers starts one"
        )
    }

    /// One for all tests: a reactor is a thread.
    static let reactor = Result { try Reactor() }

    func migrate(
        _ files: [MigrationFile],
        hear: @escaping Migrator.Hear = { _, _ in }
    ) async throws(MigrationError) -> [MigrationFile] {
        try await Migrator.migrate(
            files: files,
            settings: settings,
            reactor: reactor,
            environment: SystemEnvironment(),
            hear: hear
        )
    }

    func connect() async throws -> PostgresConnection {
        try await PostgresConnection.connect(settings, reactor: reactor, environment: SystemEnvironment())
    }

    /// Lends a connection and closes it.
    func withConnection(_ body: (PostgresConnection) async throws -> Void) async throws {
        let connection = try await connect()
        let result = await Result { try await body(connection) }
        await connection.close()
        try result.get()
    }

    func withPool(_ body: (PostgresPool) async throws -> Void) async throws {
        let pool = PostgresPool(settings, reactor: reactor, environment: SystemEnvironment())
        let result = await Result { try await body(pool) }
        await pool.close()
        try result.get()
    }

    func withStore(
        notesStatuses: Bool = true,
        _ body: (PostgresJobStore) async throws -> Void
    ) async throws {
        try await withPool { try await body(PostgresJobStore(pool: $0, notesStatuses: notesStatuses)) }
    }

    /// Lets so much time pass by putting every time that is stored so much earlier.
    func pass(_ duration: Duration) async throws {
        let interval = "interval '\(duration.wholeMicroseconds) microseconds'"
        try await admin.run(
            script: """
                UPDATE waybill.workers SET started_at = started_at - \(interval), expires_at = expires_at - \(interval);
                UPDATE waybill.queue SET run_at = run_at - \(interval);
                UPDATE waybill.quarantine SET first_seen = first_seen - \(interval), last_seen = last_seen - \(interval);
                UPDATE waybill.status_notices SET next_at = next_at - \(interval), noted_at = noted_at - \(interval);
                UPDATE waybill.ticks SET begun_at = begun_at - \(interval);
                UPDATE waybill.unsuppressions SET at = at - \(interval);
                UPDATE waybill.suppressions SET account_seen_at = account_seen_at - \(interval);
                UPDATE waybill.suppression_mirror SET started_at = started_at - \(interval);
                UPDATE waybill.admin_requests SET taken_at = taken_at - \(interval);
                UPDATE waybill.leadership SET expires_at = expires_at - \(interval);
                UPDATE waybill.feed SET last_read = last_read - \(interval), empty_since = empty_since - \(interval);
                UPDATE waybill.send_control SET arrival = arrival - \(interval), calm_since = calm_since - \(interval),
                    last_cut = last_cut - \(interval), hold_since = hold_since - \(interval),
                    hold_until = hold_until - \(interval), probe_expires = probe_expires - \(interval),
                    unknowns = ARRAY(SELECT u - \(interval) FROM unnest(unknowns) AS u);
                """,
            timeout: .seconds(10)
        )
    }

    /// Ends every connection to this database except the test's own; returns how many.
    @discardableResult
    func terminateConnections() async throws -> Int {
        try await admin.number(
            """
            SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
            """
        )
    }

    /// Polls the server until the query, which returns one boolean, is true.
    func eventually(_ query: String, within limit: Duration = .seconds(10)) async throws {
        try await poll(within: limit) {
            // Within a transaction the activity would otherwise stay as it was at the first look.
            try await admin.perform([PostgresStatement("SELECT pg_stat_clear_snapshot()")]) { _ in }
            return try await admin.perform([PostgresStatement(query)]) { results throws(StoreError) in
                try results.one { row throws(StoreError) in try row.bool() }
            }
        }
    }

    /// Somebody else's statement in this database waits for a lock.
    func eventuallyWaitsForLock() async throws {
        try await eventually(
            """
            SELECT EXISTS (SELECT FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid() AND wait_event_type = 'Lock')
            """
        )
    }
}

func poll(within limit: Duration = .seconds(10), until condition: () async throws -> Bool) async throws {
    let environment = SystemEnvironment()
    let deadline = environment.monotonicNow() + limit
    while try await !condition() {
        try #require(environment.monotonicNow() < deadline, "it did not happen within \(limit)")
        try await environment.sleep(for: .milliseconds(2))
    }
}

extension PostgresConnection {
    /// The only column of the only row of a query, a bigint.
    func number(_ query: String) async throws(StoreError) -> Int {
        try await perform([PostgresStatement(query)]) { results throws(StoreError) in
            Int(try results.one { row throws(StoreError) in try row.int64() })
        }
    }

    /// The first column, text, of every row.
    func texts(_ query: String) async throws(StoreError) -> [String] {
        try await perform([PostgresStatement(query)]) { results throws(StoreError) in
            try results.map { row throws(StoreError) in try row.text() }
        }
    }

    func processID() async throws(StoreError) -> Int {
        try await number("SELECT pg_backend_pid()::bigint")
    }
}

extension Result where Failure == any Error {
    init(catching body: () async throws -> Success) async {
        do {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}

/// Real time and chance.
struct SystemEnvironment: Environment {
    private static let start = ContinuousClock.now

    func monotonicNow() -> Duration { ContinuousClock.now - Self.start }

    func wallNow() -> Timestamp { Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)) }

    func sleep(for duration: Duration) async throws(CancellationError) {
        do {
            try await Task.sleep(for: duration, clock: .continuous)
        } catch {
            throw CancellationError()
        }
    }

    func randomBits() -> UInt64 { .random(in: 0 ... .max) }
}
