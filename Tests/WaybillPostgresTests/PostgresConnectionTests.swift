import Testing
import WaybillCore
import WaybillPorts
import WaybillPostgres
import WaybillReactor

extension PostgreSQL {
    @Suite struct ConnectionTests {
        @Test func everyTypeOfValueComesBackAsItWasSent() async throws {
            try await TestDatabase.with(migrated: false) { database async throws in
                try await database.withConnection { connection async throws in
                    let worker = WorkerID(high: 0x0123_4567_89AB_CDEF, low: 0xFEDC_BA98_7654_3210)
                    let time = Timestamp(microseconds: -1)
                    let statement = PostgresStatement(
                        "SELECT $1::bigint, $2::int, $3::text, $4::bytea, $5::timestamptz, $6::uuid, $7::boolean, $6::text"
                    )
                    let bound = statement.bind(Int64.min).bind(Int32.max).bind("ä ' \\ \u{1F4E6}")
                        .bind(PostgresBytes([0, 255, 0])).bind(time).bind(worker).bind(true)
                    try await connection.perform([bound]) { results throws(StoreError) in
                        try results.one { row throws(StoreError) in
                            #expect(try row.int64() == Int64.min)
                            #expect(try row.int32() == Int(Int32.max))
                            #expect(try row.text() == "ä ' \\ \u{1F4E6}")
                            #expect(try row.bytes() == [0, 255, 0])
                            #expect(try row.timestamp() == time)
                            let uuid = try row.optionalUUID()
                            #expect(uuid?.high == worker.high && uuid?.low == worker.low)
                            #expect(try row.bool())
                            #expect(try row.text() == worker.description)
                        }
                    }
                }
            }
        }

        @Test func nullIsNotTheEmptyText() async throws {
            try await TestDatabase.with(migrated: false) { database async throws in
                let statement = PostgresStatement(
                    "SELECT $1::text IS NULL, $2::text = '', $3::bytea = '', a, b FROM unnest($4, $5) AS u(a, b)"
                )
                let bound = statement.bind(String?.none).bind("").bind(PostgresBytes([]))
                    .bind(array: ["x", nil, ""]).bind(array: [nil, 2, 3] as [Int64?])
                try await database.admin.perform([bound]) { results throws(StoreError) in
                    let rows = try results.map { row throws(StoreError) in
                        #expect(try row.bool())
                        #expect(try row.bool())
                        #expect(try row.bool())
                        return (try row.optionalText(), try row.optionalInt64())
                    }
                    #expect(rows.map(\.0) == ["x", nil, ""])
                    #expect(rows.map(\.1) == [nil, 2, 3])
                }
            }
        }

        @Test func aNullWhereNoneWasExpectedIsAnError() async throws {
            try await TestDatabase.with(migrated: false) { database async throws in
                let error = await #expect(throws: StoreError.self) {
                    _ = try await database.admin.number("SELECT NULL::bigint")
                }
                #expect(error?.code == .rejected)
                let one = try await database.admin.number("SELECT 1::bigint")
                #expect(one == 1)
            }
        }

        @Test func severalStatementsAreOneTransaction() async throws {
            try await TestDatabase.with(migrated: false) { database async throws in
                let admin = database.admin
                try await admin.run(script: "CREATE TABLE t (n int UNIQUE)", timeout: .seconds(10))
                let one = PostgresStatement("INSERT INTO t VALUES ($1)").bind(Int32(1))
                let two = PostgresStatement("INSERT INTO t VALUES ($1)").bind(Int32(2))
                let error = await #expect(throws: StoreError.self) {
                    try await admin.perform([one, two, one, two]) { _ in }
                }
                #expect(error?.code == .rejected)
                #expect(error?.sqlState == "23505")
                #expect(try await admin.number("SELECT count(*) FROM t") == 0)
                try await admin.perform([one, two]) { _ in }
                #expect(try await admin.number("SELECT count(*) FROM t") == 2)
            }
        }

        @Test func anErrorAtCommitIsNotTakenForSuccess() async throws {
            try await TestDatabase.with(migrated: false) { database async throws in
                let admin = database.admin
                try await admin.run(
                    script: "CREATE TABLE t (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)",
                    timeout: .seconds(10)
                )
                let one = PostgresStatement("INSERT INTO t VALUES ($1)").bind(Int32(1))
                let error = await #expect(throws: StoreError.self) { try await admin.perform([one, one]) { _ in } }
                #expect(error?.sqlState == "23505")
                #expect(try await admin.number("SELECT count(*) FROM t") == 0)
            }
        }

        @Test func callsAtTheSameTimeAreAnsweredEachWithItsOwn() async throws {
            try await TestDatabase.with(migrated: false) { database async throws in
                let admin = database.admin
                let answers = try await withThrowingTaskGroup(of: (Int, Int).self) { group in
                    for number in 0..<50 {
                        group.addTask { (number, try await admin.number("SELECT \(number)::bigint")) }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(answers.count == 50)
                #expect(answers.allSatisfy { $0.0 == $0.1 })
            }
        }

        @Test func aRequestAndAnAnswerOfManyMegabytesPass() async throws {
            try await TestDatabase.with(migrated: false) { database async throws in
                let bytes = [UInt8](repeating: 0xAB, count: 24 << 20)
                let statement = PostgresStatement("SELECT $1::bytea").bind(PostgresBytes(bytes))
                let back = try await database.admin.perform([statement]) { results throws(StoreError) in
                    try results.one { row throws(StoreError) in try row.bytes() }
                }
                #expect(back == bytes)
            }
        }

        @Test func moreCallsThanTheLineHoldsAreRefused() async throws {
            try await TestDatabase.with(migrated: false) { database async throws in
                try await database.withConnection { connection async throws in
                    let codes = await withTaskGroup(of: StoreError.Code?.self) { group in
                        for _ in 0..<100 {
                            group.addTask {
                                do throws(StoreError) {
                                    _ = try await connection.number(
                                        "SELECT pg_backend_pid()::bigint FROM pg_sleep(0.01)"
                                    )
                                    return nil
                                } catch {
                                    return error.code
                                }
                            }
                        }
                        return await group.reduce(into: []) { $0.append($1) }
                    }
                    #expect(codes.contains(.overloaded))
                    #expect(codes.allSatisfy { $0 == nil || $0 == .overloaded })
                }
            }
        }

        @Test func copyIsRefusedAndEndsTheConnection() async throws {
            try await TestDatabase.with(migrated: false) { database async throws in
                try await database.withConnection { connection async throws in
                    await #expect(throws: StoreError.self) {
                        try await connection.run(script: "COPY (SELECT 1) TO STDOUT", timeout: .seconds(10))
                    }
                    await #expect(throws: StoreError.self) { _ = try await connection.processID() }
                }
            }
        }

        @Test func aHostMayBeAName() async throws {
            let settings = try PostgresSettings(connectionString: "\(TestDatabase.server()) host=localhost")
            let connection = try await PostgresConnection.connect(
                settings,
                reactor: try TestDatabase.reactor.get(),
                environment: SystemEnvironment()
            )
            #expect(try await connection.number("SELECT 7::bigint") == 7)
            await connection.close()
        }

        @Test(arguments: [
            "port=1", "host=no-such-host.invalid", "user=nobody-knows dbname=none",
            "sslrootcert=/none sslmode=verify-full",
        ])
        func whatCannotBeConnectedIsUnavailable(change: String) async throws {
            let settings = try PostgresSettings(connectionString: "\(TestDatabase.server()) \(change)")
            let reactor = try TestDatabase.reactor.get()
            let error = await #expect(throws: StoreError.self) {
                _ = try await PostgresConnection.connect(settings, reactor: reactor, environment: SystemEnvironment())
            }
            #expect(error?.code == .unavailable)
            #expect(error?.message.isEmpty == false)
        }
    }
}
