package import WaybillPorts
package import WaybillReactor

/// Brings a database to the schema of the migration files. Several may run at the same time: an advisory lock, held by
/// the transaction, lets one at a time look and apply.
package enum Migrator {
    package typealias Hear = @Sendable (MigrationFile, PostgresNotice) -> Void

    /// For the wait on another migrator, and for one file.
    private static let scriptTimeout: Duration = .seconds(600)
    private static let lock = "SELECT pg_advisory_xact_lock(hashtextextended('waybill.schema_migrations', 0));"
    /// As in 0001, for a database that is new.
    private static let bootstrap = """
        CREATE SCHEMA IF NOT EXISTS waybill;
        CREATE TABLE IF NOT EXISTS waybill.schema_migrations (
            version integer PRIMARY KEY,
            name text NOT NULL,
            checksum text NOT NULL,
            applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
        );
        """

    /// Applies what is missing, each file in a transaction of its own, and returns those files. Nothing is applied when a
    /// number is left out, when a file differs from what was applied, or when the database knows a file that is not
    /// there. `hear` is told what a file says while it is applied, on the reactor's thread.
    package static func migrate(
        files: [MigrationFile],
        settings: PostgresSettings,
        reactor: Reactor,
        environment: any Environment,
        hear: @escaping Hear = { _, _ in }
    ) async throws(MigrationError) -> [MigrationFile] {
        try checkNumbers(files)
        let connection = try await translated { () throws(StoreError) in
            try await PostgresConnection.connect(settings, reactor: reactor, environment: environment)
        }
        let result: Result<[MigrationFile], MigrationError>
        do throws(MigrationError) {
            result = .success(try await apply(files, on: connection, hear))
        } catch {
            result = .failure(error)
        }
        await connection.close()
        return try result.get()
    }

    private static func checkNumbers(_ files: [MigrationFile]) throws(MigrationError) {
        for (index, file) in files.enumerated() where file.version != index + 1 {
            let problem =
                file.version <= index ? "the number \(file.version) is there twice" : "number \(index + 1) is left out"
            throw MigrationError(.files, "\(problem), before or at \(file.fileName)")
        }
    }

    private static func apply(
        _ files: [MigrationFile],
        on connection: PostgresConnection,
        _ hear: @escaping Hear
    ) async throws(MigrationError) -> [MigrationFile] {
        let checksums = try await translated { () throws(StoreError) in
            if try await !connection.hasMigrationTable() {
                try await connection.run(script: "BEGIN; \(lock) \(bootstrap) COMMIT;", timeout: scriptTimeout)
            }
            return try await connection.checksums(of: files)
        }
        var applied: [MigrationFile] = []
        // Everything is looked at before the first file is applied, and again under the lock before each.
        try compare(try await translated { () throws(StoreError) in try await connection.recorded() }, files, checksums)
        for (file, checksum) in zip(files, checksums) {
            try await translated("\(file.fileName): ") { () throws(StoreError) in
                try await connection.run(script: "BEGIN; \(lock)", timeout: scriptTimeout)
            }
            let recorded = try await translated { () throws(StoreError) in try await connection.recorded() }
            try compare(recorded, files, checksums)
            let isNew = !recorded.contains { $0.version == file.version }
            try await translated("\(file.fileName): ") { () throws(StoreError) in
                if isNew {
                    await connection.hearNotices { if !$0.saysItIsThere { hear(file, $0) } }
                    try await connection.run(script: file.sql, timeout: scriptTimeout)
                    try await connection.record(file, checksum: checksum)
                }
                try await connection.run(script: "COMMIT;", timeout: scriptTimeout)
            }
            if isNew { applied.append(file) }
        }
        return applied
    }

    private static func compare(
        _ recorded: [RecordedMigration],
        _ files: [MigrationFile],
        _ checksums: [String]
    ) throws(MigrationError) {
        for (index, record) in recorded.enumerated() {
            guard record.version <= files.count else {
                throw MigrationError(
                    .missing,
                    "the database has \(record.fileName), which is not among the files: this program is older than it"
                )
            }
            guard record.version == index + 1 else {
                throw MigrationError(.missing, "the database has \(record.fileName) but not number \(index + 1)")
            }
            let file = files[index]
            guard record.name == file.name, record.checksum == checksums[index] else {
                throw MigrationError(
                    .changed,
                    "\(file.fileName) is not what was applied as \(record.fileName): a migration is never changed, "
                        + "a new one is added. Applied SHA-256 \(record.checksum), file \(checksums[index])"
                )
            }
        }
    }

    private static func translated<Value>(
        _ context: String = "",
        _ body: () async throws(StoreError) -> Value
    ) async throws(MigrationError) -> Value {
        do throws(StoreError) {
            return try await body()
        } catch {
            throw MigrationError(.failed, context + error.description)
        }
    }
}

extension PostgresNotice {
    /// Of CREATE ... IF NOT EXISTS: whoever writes that is content with either. The migrator's own table is met by the first file.
    fileprivate var saysItIsThere: Bool { ["42P06", "42P07"].contains(sqlState) }
}

/// A row of `schema_migrations`.
private struct RecordedMigration: Sendable {
    let version: Int
    let name: String
    let checksum: String

    var fileName: String { MigrationFile(version: version, name: name, sql: "").fileName }
}

extension PostgresConnection {
    fileprivate func hasMigrationTable() async throws(StoreError) -> Bool {
        let question = PostgresStatement("SELECT to_regclass('waybill.schema_migrations') IS NOT NULL")
        return try await perform([question]) { results throws(StoreError) in
            try results.one { row throws(StoreError) in try row.bool() }
        }
    }

    /// Lower-case hexadecimal SHA-256 of each file, as `sha256sum` prints it. The server computes it.
    fileprivate func checksums(of files: [MigrationFile]) async throws(StoreError) -> [String] {
        let statement = PostgresStatement(
            "SELECT encode(sha256(f.body), 'hex') FROM unnest($1) WITH ORDINALITY AS f(body, n) ORDER BY f.n"
        )
        let bodies = files.map { PostgresBytes(Array($0.sql.utf8)) as PostgresBytes? }
        return try await perform([statement.bind(array: bodies)]) { results throws(StoreError) in
            try results.map { row throws(StoreError) in try row.text() }
        }
    }

    fileprivate func recorded() async throws(StoreError) -> [RecordedMigration] {
        let statement = PostgresStatement(
            "SELECT version, name, checksum FROM waybill.schema_migrations ORDER BY version"
        )
        return try await perform([statement]) { results throws(StoreError) in
            try results.map { row throws(StoreError) in
                RecordedMigration(version: try row.int32(), name: try row.text(), checksum: try row.text())
            }
        }
    }

    fileprivate func record(_ file: MigrationFile, checksum: String) async throws(StoreError) {
        let statement = PostgresStatement(
            "INSERT INTO waybill.schema_migrations (version, name, checksum) VALUES ($1, $2, $3)"
        )
        let bound = statement.bind(Int32(clamping: file.version)).bind(file.name).bind(checksum)
        try await perform([bound]) { _ in }
    }
}
