import Testing
import WaybillConformance
import WaybillCore
import WaybillPorts
import WaybillPostgres

extension PostgreSQL {
    @Suite struct HistoryTests {
        private static let partitions = """
            SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = 'waybill.history'::regclass ORDER BY 1
            """

        @Test func todayAndSevenDaysAheadHavePartitions() async throws {
            try await TestDatabase.with { database async throws in
                try await database.withStore { store async throws in
                    #expect(try await database.admin.texts(Self.partitions).count == 9)
                    #expect(try await store.maintainHistory(keepDays: 30, fence: nil) == [])
                    let subject = database.subject(store)
                    let worker = try await subject.makeWorker()
                    for job in try await subject.claimed(2, by: worker) {
                        #expect(try await subject.finish(job, by: worker))
                    }
                    #expect(try await database.admin.number("SELECT count(*) FROM waybill.history_default") == 0)
                    #expect(try await database.admin.number("SELECT count(*) FROM waybill.history") == 2)
                }
            }
        }

        @Test func whatWentToTheDefaultPartitionIsMovedToItsOwn() async throws {
            try await TestDatabase.with { database async throws in
                try await database.withStore { store async throws in
                    let today = try await database.admin.texts(
                        "SELECT 'history_' || to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYYMMDD')"
                    )[0]
                    try await database.admin.run(script: "DROP TABLE waybill.\(today)", timeout: .seconds(10))
                    let subject = database.subject(store)
                    let worker = try await subject.makeWorker()
                    let job = try #require(try await subject.claimed(1, by: worker).first)
                    #expect(try await subject.finish(job, by: worker))
                    #expect(try await database.admin.number("SELECT count(*) FROM waybill.history_default") == 1)
                    #expect(try await store.maintainHistory(keepDays: 30, fence: nil) == ["created \(today)"])
                    #expect(try await database.admin.number("SELECT count(*) FROM waybill.history_default") == 0)
                    #expect(try await database.admin.number("SELECT count(*) FROM waybill.\(today)") == 1)
                    #expect(try await store.snapshot(.sample(1))?.status == "SENT")
                }
            }
        }

        @Test func oldDaysAreDroppedWithTheirSums() async throws {
            try await TestDatabase.with { database async throws in
                try await database.withStore { store async throws in
                    try await database.admin.run(
                        script: """
                            CREATE TABLE waybill.history_20200101 PARTITION OF waybill.history
                                FOR VALUES FROM ('2020-01-01') TO ('2020-01-02');
                            INSERT INTO waybill.history_tally VALUES ('2020-01-01', 'SENT', 5),
                                ((clock_timestamp() AT TIME ZONE 'UTC')::date, 'SENT', 2),
                                ((clock_timestamp() AT TIME ZONE 'UTC')::date, 'SENT', 3);
                            """,
                        timeout: .seconds(10)
                    )
                    #expect(try await store.counts().finished == 10)
                    #expect(try await store.maintainHistory(keepDays: 30, fence: nil) == ["dropped history_20200101"])
                    #expect(try await store.counts().finished == 5)
                    #expect(try await database.admin.number("SELECT count(*) FROM waybill.history_tally") == 1)
                    let error = await #expect(throws: StoreError.self) {
                        _ = try await store.maintainHistory(keepDays: 0, fence: nil)
                    }
                    #expect(error?.code == .rejected)
                }
            }
        }
    }
}
