import Testing
import WaybillCore
import WaybillPorts
import WaybillPostgres

extension PostgreSQL {
    @Suite struct FaultTests {
        private static let sleeping = """
            SELECT EXISTS (SELECT FROM pg_stat_activity
                WHERE datname = current_database() AND wait_event = 'PgSleep')
            """

        @Test func aConnectionThatIsKilledFailsEverybodyWhoWaits() async throws {
            try await TestDatabase.with(migrated: false) { database async throws in
                try await database.withConnection { connection async throws in
                    async let sleeper = Self.error {
                        _ = try await connection.number("SELECT 1::bigint FROM pg_sleep(60)")
                    }
                    try await database.eventually(Self.sleeping)
                    async let second = Self.error { _ = try await connection.processID() }
                    #expect(try await database.terminateConnections() == 1)
                    #expect(await sleeper?.code == .unavailable)
                    #expect(await second?.code == .unavailable)
                    #expect(await Self.error { _ = try await connection.processID() }?.code == .unavailable)
                }
            }
        }

        @Test func aCancelledTaskCancelsItsStatementAndTheConnectionGoesOn() async throws {
            try await TestDatabase.with(migrated: false) { database async throws in
                try await database.withConnection { connection async throws in
                    let error = try await withThrowingTaskGroup(of: StoreError?.self) { group in
                        group.addTask {
                            await Self.error { _ = try await connection.number("SELECT 1::bigint FROM pg_sleep(60)") }
                        }
                        try await database.eventually(Self.sleeping)
                        group.cancelAll()
                        return try await group.next() ?? nil
                    }
                    #expect(error?.code == .cancelled)
                    #expect(error?.sqlState == "57014")
                    let five = try await connection.number("SELECT 5::bigint")
                    #expect(five == 5)
                }
            }
        }

        @Test func aTaskThatIsCancelledBeforehandSendsNothing() async throws {
            try await TestDatabase.with(migrated: false) { database async throws in
                try await database.admin.run(script: "CREATE TABLE t (n int)", timeout: .seconds(10))
                let error = await withTaskGroup(of: StoreError?.self) { group in
                    group.cancelAll()
                    group.addTask {
                        await Self.error {
                            try await database.admin.perform([PostgresStatement("INSERT INTO t VALUES (1)")]) { _ in }
                        }
                    }
                    return await group.next() ?? nil
                }
                #expect(error?.code == .cancelled)
                #expect(try await database.admin.number("SELECT count(*) FROM t") == 0)
            }
        }

        @Test func aCancelledCallInTheLineLeavesTheOneBeforeItAlone() async throws {
            try await TestDatabase.with(migrated: false) { database async throws in
                try await database.withConnection { connection async throws in
                    try await database.admin.run(
                        script: "BEGIN; SELECT pg_advisory_xact_lock(1)",
                        timeout: .seconds(10)
                    )
                    async let first = connection.number("SELECT 1::bigint FROM pg_advisory_xact_lock(1)")
                    try await database.eventuallyWaitsForLock()
                    let error = try await withThrowingTaskGroup(of: StoreError?.self) { group in
                        group.addTask {
                            await Self.error { _ = try await connection.number("SELECT 1::bigint FROM pg_sleep(60)") }
                        }
                        group.cancelAll()
                        try await database.admin.run(script: "COMMIT", timeout: .seconds(10))
                        return try await group.next() ?? nil
                    }
                    #expect(error?.code == .cancelled)
                    #expect(try await first == 1)
                }
            }
        }

        @Test func aStatementThatTakesTooLongIsCancelledAndTransient() async throws {
            try await TestDatabase.with(migrated: false) { database async throws in
                try await database.withConnection { connection async throws in
                    let error = await Self.error {
                        try await connection.perform(
                            [PostgresStatement("SELECT pg_sleep(60)")],
                            timeout: .milliseconds(50)
                        ) { _ in }
                    }
                    #expect(error?.code == .transient)
                    #expect(error?.sqlState == "57014")
                    let five = try await connection.number("SELECT 5::bigint")
                    #expect(five == 5)
                }
            }
        }

        @Test func aServerThatNeverAnswersIsGivenUp() async throws {
            try await SilentServer.with(answersStartup: true) { server async throws in
                var settings = PostgresSettings(connectionString: server.connectionString)
                settings.cancelGrace = .milliseconds(50)
                let connection = try await PostgresConnection.connect(
                    settings,
                    reactor: try TestDatabase.reactor.get(),
                    environment: SystemEnvironment()
                )
                let error = await Self.error {
                    try await connection.perform([PostgresStatement("SELECT 1")], timeout: .milliseconds(50)) { _ in }
                }
                #expect(error?.code == .unavailable)
                await connection.close()
            }
        }

        @Test func aServerThatDoesNotGreetIsGivenUp() async throws {
            try await SilentServer.with(answersStartup: false) { server async throws in
                var settings = PostgresSettings(connectionString: server.connectionString)
                settings.connectTimeout = .milliseconds(100)
                let error = await Self.error { [settings] in
                    let reactor = try TestDatabase.reactor.get()
                    _ = try await PostgresConnection.connect(
                        settings,
                        reactor: reactor,
                        environment: SystemEnvironment()
                    )
                }
                #expect(error?.code == .unavailable)
            }
        }

        @Test func connectingEndsWithItsTask() async throws {
            try await SilentServer.with(answersStartup: false) { server async throws in
                let settings = PostgresSettings(connectionString: server.connectionString)
                let reactor = try TestDatabase.reactor.get()
                let error = await withTaskGroup(of: StoreError?.self) { group in
                    group.addTask {
                        await Self.error {
                            _ = try await PostgresConnection.connect(
                                settings,
                                reactor: reactor,
                                environment: SystemEnvironment()
                            )
                        }
                    }
                    group.cancelAll()
                    return await group.next() ?? nil
                }
                #expect(error?.code == .cancelled)
            }
        }

        private static func error(_ body: () async throws -> Void) async -> StoreError? {
            do {
                try await body()
                return nil
            } catch {
                return error as? StoreError
            }
        }
    }
}
