import Foundation
import Synchronization
import Testing
import WaybillPorts
import WaybillPostgres

extension PostgreSQL {
    @Suite struct MigratorTests {
        @Test func everyFileIsAppliedOnceAndInOrder() async throws {
            try await TestDatabase.with(migrated: false) { database async throws in
                let files = [Self.file(1, "CREATE TABLE a (n int);"), Self.file(2, "INSERT INTO a VALUES (1), (2);")]
                #expect(try await database.migrate(Array(files.prefix(1))) == [files[0]])
                #expect(try await database.migrate(files) == [files[1]])
                #expect(try await database.migrate(files) == [])
                #expect(try await database.admin.number("SELECT count(*) FROM a") == 2)
            }
        }

        @Test func aChangedFileIsRefused() async throws {
            try await TestDatabase.with(migrated: false) { database async throws in
                _ = try await database.migrate([Self.file(1, "SELECT 1;")])
                let files = [Self.file(1, "SELECT 2;"), Self.file(2, "CREATE TABLE b (n int);")]
                let error = try await Self.error(database, files)
                #expect(error.code == .changed)
                #expect(error.message.contains("0001_step1.sql"))
                #expect(try await database.admin.number("SELECT count(*) FROM pg_tables WHERE tablename = 'b'") == 0)
            }
        }

        @Test func aRenamedFileIsRefused() async throws {
            try await TestDatabase.with(migrated: false) { database async throws in
                _ = try await database.migrate([Self.file(1, "SELECT 1;")])
                let renamed = MigrationFile(version: 1, name: "other", sql: "SELECT 1;")
                #expect(try await Self.error(database, [renamed]).code == .changed)
            }
        }

        @Test func aDatabaseThatIsNewerThanTheFilesIsRefused() async throws {
            try await TestDatabase.with(migrated: false) { database async throws in
                let files = [Self.file(1, "SELECT 1;"), Self.file(2, "SELECT 2;")]
                _ = try await database.migrate(files)
                let error = try await Self.error(database, [files[0]])
                #expect(error.code == .missing)
                #expect(error.message.contains("0002_step2.sql"))
            }
        }

        @Test func aNumberThatIsLeftOutOrThereTwiceIsRefused() async throws {
            try await TestDatabase.with(migrated: false) { database async throws in
                for versions in [[2], [1, 3], [1, 1], [1, 2, 2]] {
                    let error = try await Self.error(database, versions.map { Self.file($0, "SELECT 1;") })
                    #expect(error.code == .files, "\(versions)")
                }
                try await database.admin.run(
                    script: "CREATE SCHEMA waybill; CREATE TABLE waybill.schema_migrations (version int, name text, "
                        + "checksum text); INSERT INTO waybill.schema_migrations VALUES (2, 'step2', '')",
                    timeout: .seconds(10)
                )
                let files = [Self.file(1, "SELECT 1;"), Self.file(2, "SELECT 2;")]
                #expect(try await Self.error(database, files).code == .missing)
            }
        }

        @Test func aFileThatFailsIsRolledBackAndTheOnesBeforeItStay() async throws {
            try await TestDatabase.with(migrated: false) { database async throws in
                let good = Self.file(1, "CREATE TABLE a (n int);")
                let bad = Self.file(2, "CREATE TABLE b (n int); CREATE TABLE a (n int);")
                let error = try await Self.error(database, [good, bad])
                #expect(error.code == .failed)
                #expect(error.message.contains("0002_step2.sql"))
                #expect(error.message.contains("42P07"))
                let tables = try await database.admin.texts(
                    "SELECT tablename::text FROM pg_tables WHERE tablename IN ('a', 'b')"
                )
                #expect(tables == ["a"])
                #expect(try await database.migrate([good, Self.file(2, "SELECT 1;")]).count == 1)
            }
        }

        @Test func whatAFileSaysIsHeardWithItsNameAlsoWhenItFails() async throws {
            try await TestDatabase.with(migrated: false) { database async throws in
                let heard = Mutex<[String]>([])
                let hear: Migrator.Hear = { file, notice in
                    let line = "\(file.fileName) \(notice.severity) \(notice.sqlState) \(notice.message)"
                    heard.withLock { $0.append(line) }
                }
                let good = Self.file(1, "DO $$ BEGIN RAISE NOTICE E'the role % is\\nnot there', 'x'; END $$;")
                let bad = Self.file(2, "DO $$ BEGIN RAISE WARNING 'it goes wrong'; RAISE 'now'; END $$;")
                await #expect(throws: MigrationError.self) { _ = try await database.migrate([good, bad], hear: hear) }
                let lines = [
                    "0001_step1.sql NOTICE 00000 the role x is not there",
                    "0002_step2.sql WARNING 01000 it goes wrong",
                ]
                #expect(heard.withLock { $0 } == lines)
            }
        }

        @Test func theMigrationsThemselvesSayNothing() async throws {
            try await TestDatabase.with(migrated: false) { database async throws in
                let heard = Mutex<[String]>([])
                let files = try MigrationFile.read(folder: TestDatabase.migrationsFolder)
                _ = try await database.migrate(files) { _, notice in heard.withLock { $0.append(notice.message) } }
                #expect(heard.withLock { $0 } == [])
            }
        }

        @Test func migratorsAtTheSameTimeApplyEachFileOnce() async throws {
            try await TestDatabase.with(migrated: false) { database async throws in
                let files = (1...5).map { Self.file($0, "CREATE TABLE t\($0) (n int);") }
                let applied = try await withThrowingTaskGroup(of: [MigrationFile].self) { group in
                    for _ in 1...4 { group.addTask { try await database.migrate(files) } }
                    return try await group.reduce(into: []) { $0 += $1 }
                }
                #expect(applied.map(\.version).sorted() == [1, 2, 3, 4, 5])
            }
        }

        @Test func psqlAppliesTheSameFiles() async throws {
            try await TestDatabase.with(migrated: false) { database async throws in
                let folder = TestDatabase.migrationsFolder
                let readme = try String(contentsOfFile: folder + "/README.md", encoding: .utf8)
                let script = try #require(readme.split(separator: "```sh\n").last?.split(separator: "```").first)
                let shell = Process()
                shell.executableURL = URL(filePath: "/bin/bash")
                shell.arguments = ["-euc", String(script).replacing("psql ", with: "psql -q -d \"$DATABASE\" ")]
                shell.currentDirectoryURL = URL(filePath: folder).deletingLastPathComponent()
                shell.environment = ProcessInfo.processInfo.environment.merging(
                    ["DATABASE": database.settings.connectionString],
                    uniquingKeysWith: { $1 }
                )
                shell.standardOutput = FileHandle.nullDevice
                try shell.run()
                shell.waitUntilExit()
                #expect(shell.terminationStatus == 0)
                #expect(try await database.migrate(MigrationFile.read(folder: folder)) == [])
                try await database.withStore { store async throws in
                    #expect(try await store.enqueue([]) == [])
                    #expect(try await store.counts().ready == 0)
                }
            }
        }

        @Test func everyTableAndColumnSaysWhatItIs() async throws {
            try await TestDatabase.with { database async throws in
                let silent = try await database.admin.texts(
                    """
                    SELECT c.relname || coalesce('.' || a.attname, '')
                    FROM pg_class c
                    LEFT JOIN LATERAL (
                        SELECT NULL::name AS attname, 0::smallint AS attnum
                        UNION ALL SELECT attname, attnum FROM pg_attribute
                        WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped
                    ) a ON true
                    WHERE c.relnamespace = 'waybill'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
                        AND col_description(c.oid, a.attnum) IS NULL
                        AND (a.attnum > 0 OR obj_description(c.oid, 'pg_class') IS NULL)
                    """
                )
                #expect(silent == [])
            }
        }

        @Test func theFilesHoldNoTransactionOfTheirOwn() throws {
            for file in try MigrationFile.read(folder: TestDatabase.migrationsFolder) {
                let lines = file.sql.split(separator: "\n").map { $0.uppercased() }
                #expect(!lines.contains { $0.hasPrefix("BEGIN;") || $0.hasPrefix("COMMIT") }, "\(file.fileName)")
            }
        }

        @Test func fileNamesAreReadStrictly() {
            #expect(MigrationFile(fileName: "0012_add_views.sql", sql: "")?.version == 12)
            #expect(MigrationFile(fileName: "0012_add_views.sql", sql: "")?.fileName == "0012_add_views.sql")
            for name in ["12_a.sql", "0012a.sql", "0012_.sql", "0012_a.txt", "x012_a.sql", "00123_a.sql", ".sql"] {
                #expect(MigrationFile(fileName: name, sql: "") == nil, "\(name)")
            }
            #expect(throws: MigrationError.self) { try MigrationFile.read(folder: "/no/such/folder") }
        }

        private static func file(_ version: Int, _ sql: String) -> MigrationFile {
            MigrationFile(version: version, name: "step\(version)", sql: sql)
        }

        private static func error(_ database: TestDatabase, _ files: [MigrationFile]) async throws -> MigrationError {
            try #require(await #expect(throws: MigrationError.self) { _ = try await database.migrate(files) })
        }
    }
}
