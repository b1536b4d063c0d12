import Synchronization
import Testing
import WaybillPorts
import WaybillPostgres

extension PostgreSQL {
    @Suite struct PoolTests {
        @Test func thePoolRecoversFromConnectionsThatWereKilled() async throws {
            try await TestDatabase.with(migrated: false) { database async throws in
                try await database.withPool { pool async throws in
                    let first = try await pool.withConnection { connection throws(StoreError) in
                        try await connection.processID()
                    }
                    #expect(try await database.terminateConnections() == 1)
                    // The loss may be noticed before the next call or by it, never by the one after.
                    do throws(StoreError) {
                        _ = try await Self.processID(pool)
                    } catch {
                        #expect(error.code == .unavailable)
                    }
                    let second = try await Self.processID(pool)
                    #expect(second != first)
                    #expect(try await Self.processID(pool) == second)
                }
            }
        }

        @Test func noMoreConnectionsAreMadeThanAllowed() async throws {
            try await TestDatabase.with(migrated: false, { $0.maxConnections = 3 }) { database async throws in
                try await database.withPool { pool async throws in
                    let processes = try await withThrowingTaskGroup(of: Int.self) { group in
                        for _ in 0..<100 { group.addTask { try await Self.processID(pool) } }
                        return try await group.reduce(into: Set()) { $0.insert($1) }
                    }
                    #expect((1...3).contains(processes.count))
                }
            }
        }

        @Test func aFullLineIsOverloadAndACancelledCallerLeavesIt() async throws {
            try await TestDatabase.with(migrated: false, Self.oneConnectionAndOneInLine) { database async throws in
                try await database.withPool { pool async throws in
                    try await pool.withConnection { connection throws(StoreError) in
                        await withTaskGroup(of: StoreError.Code?.self) { group in
                            for _ in 1...2 { group.addTask { await Self.code { _ = try await Self.processID(pool) } } }
                            #expect(await group.next() == .overloaded)
                            group.cancelAll()
                            #expect(await group.next() == .cancelled)
                        }
                        _ = try await connection.processID()
                    }
                    _ = try await Self.processID(pool)
                }
            }
        }

        @Test func aCallerThatIsCancelledAlreadyDoesNotWait() async throws {
            try await TestDatabase.with(migrated: false, Self.oneConnectionAndOneInLine) { database async throws in
                try await database.withPool { pool async throws in
                    try await pool.withConnection { connection throws(StoreError) in
                        let code = await withTaskGroup(of: StoreError.Code?.self) { group in
                            group.cancelAll()
                            group.addTask { await Self.code { _ = try await Self.processID(pool) } }
                            return await group.next() ?? nil
                        }
                        #expect(code == .cancelled)
                    }
                }
            }
        }

        @Test func closingWaitsForWhatIsLentAndRefusesTheRest() async throws {
            try await TestDatabase.with(migrated: false) { database async throws in
                let pool = PostgresPool(database.settings, reactor: database.reactor, environment: SystemEnvironment())
                let isBack = Flag()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    try await pool.withConnection { connection throws(StoreError) in
                        group.addTask {
                            await pool.close()
                            #expect(isBack.isSet)
                        }
                        // Until the pool is closed, somebody else gets a connection; afterwards nobody does.
                        while await Self.code({ _ = try await Self.processID(pool) }) == nil {}
                        _ = try await connection.processID()
                        isBack.set()
                    }
                    try await group.waitForAll()
                }
                #expect(await Self.code { _ = try await Self.processID(pool) } == .unavailable)
                try await database.eventually(
                    "SELECT count(*) = 1 FROM pg_stat_activity WHERE datname = current_database()"
                )
            }
        }

        @Test func aServerThatIsNotThereRefusesAtOnceDuringTheBackoff() async throws {
            var settings = try PostgresSettings(connectionString: "\(TestDatabase.server()) port=1")
            settings.firstBackoff = .seconds(60)
            settings.longestBackoff = .seconds(60)
            let reactor = try TestDatabase.reactor.get()
            let pool = PostgresPool(settings, reactor: reactor, environment: SystemEnvironment())
            var messages: [String] = []
            for _ in 1...2 {
                do throws(StoreError) {
                    _ = try await Self.processID(pool)
                    Issue.record("connected to a server that is not there")
                } catch {
                    #expect(error.code == .unavailable)
                    messages.append(error.message)
                }
            }
            #expect(messages[1].hasPrefix("no connection; the last attempt said: "))
            #expect(messages[1].hasSuffix(messages[0]))
            await pool.close()
        }

        private static func oneConnectionAndOneInLine(_ settings: inout PostgresSettings) {
            settings.maxConnections = 1
            settings.waitingLine = 1
        }

        private static func processID(_ pool: PostgresPool) async throws(StoreError) -> Int {
            try await pool.withConnection { connection throws(StoreError) in try await connection.processID() }
        }

        private static func code(_ body: () async throws -> Void) async -> StoreError.Code? {
            do {
                try await body()
                return nil
            } catch {
                return (error as? StoreError)?.code
            }
        }
    }
}

private final class Flag: Sendable {
    private let value = Atomic(false)

    var isSet: Bool { value.load(ordering: .relaxed) }

    func set() { value.store(true, ordering: .relaxed) }
}
