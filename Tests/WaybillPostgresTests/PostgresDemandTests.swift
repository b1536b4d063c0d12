import Testing
import WaybillCore
import WaybillPorts

@testable import WaybillPostgres

extension PostgreSQL {
    @Suite struct DemandTests {
        @Test func anEmptyDatabaseWantsNothingAndKnowsNoRate() async throws {
            try await withDemand { _, demand async throws in
                #expect(try await demand.facts() == DemandFacts())
            }
        }

        @Test func eachStateOfAJobIsCountedAsWhatItIs() async throws {
            try await withDemand { database, demand async throws in
                try await database.fill(
                    """
                    INSERT INTO waybill.workers (id, host, process_id, version, roles, expires_at)
                    SELECT gen_random_uuid(), 'h', 1, '1', roles::text[], clock_timestamp() + left_over::interval
                    FROM (VALUES ('{send,leader}', '1 minute'), ('{feedback}', '1 minute'), ('{send}', '-1 minute'))
                        AS workers (roles, left_over);
                    INSERT INTO waybill.queue (id, state, run_at, worker)
                    SELECT id, state::waybill.job_state, clock_timestamp() - age::interval,
                        CASE state WHEN 'leased' THEN gen_random_uuid() END
                    FROM (VALUES (1, 'ready', '90 seconds'), (2, 'ready', '-1 hour'), (3, 'leased', '0'), (4, 'held', '0'),
                        (5, 'unconfirmed', '0')) AS jobs (id, state, age);
                    """
                )
                let facts = try await demand.facts()
                #expect((facts.ready, facts.chores, facts.senders) == (2, 0, 1))
                let waited = try #require(facts.oldestWait)
                #expect(waited >= .seconds(90) && waited < .seconds(150))
            }
        }

        @Test func aJobThatIsNotDueHasNotWaited() async throws {
            try await withDemand { database, demand async throws in
                try await database.fill(
                    "INSERT INTO waybill.queue (id, run_at) VALUES (1, clock_timestamp() + interval '1 hour')"
                )
                let facts = try await demand.facts()
                #expect(facts.ready == 1)
                #expect(facts.oldestWait == nil)
            }
        }

        @Test func aJobThatADeadWorkerLeftNeedsALiveOne() async throws {
            try await withDemand { database, demand async throws in
                try await database.fill(
                    """
                    INSERT INTO waybill.workers (id, host, process_id, version, roles, expires_at)
                    VALUES (gen_random_uuid(), 'h', 1, '1', '{ingest}', clock_timestamp() + interval '1 minute');
                    INSERT INTO waybill.queue (id, state, worker) VALUES (1, 'leased', gen_random_uuid())
                    """
                )
                #expect(try await demand.facts().chores == 0)
                try await database.fill("UPDATE waybill.workers SET expires_at = '-infinity'")
                #expect(try await demand.facts().chores == 1)
            }
        }

        @Test func countingStopsAtItsBound() async throws {
            try await withDemand { database, demand async throws in
                try await database.fill("INSERT INTO waybill.queue (id) SELECT n FROM generate_series(1, 20001) AS n")
                #expect(try await demand.facts().ready == DemandFacts.mostCounted)
            }
        }

        @Test(
            arguments: [
                "INSERT INTO waybill.queue (id, state) SELECT n, 'in_doubt' FROM generate_series(1, 9) AS n",
                "SELECT admin.retry('A-1', 'she asked')",
                """
                INSERT INTO waybill.status_notices (at, rank, delivery, status)
                VALUES (clock_timestamp(), 30, 'order-confirmation/1', 'SENT')
                """,
            ]
        )
        func whatWaitsForAnyWorkerIsAChore(script: String) async throws {
            try await withDemand { database, demand async throws in
                try await database.fill(script)
                let facts = try await demand.facts()
                #expect(facts.chores == 1)
                #expect(facts.ready == 0)
            }
        }

        @Test func theRateItsRoomAndWhatHoldsItAreRead() async throws {
            try await withDemand { database, demand async throws in
                try await database.fill(
                    """
                    INSERT INTO waybill.send_control (region, limit_milli, milli_rate, burst, arrival) VALUES
                        ('eu-north-1', 20000, 15000, 1, clock_timestamp() + interval '1 hour'), ('elsewhere', 1, 1, 1, 'now')
                    """
                )
                let facts = try await demand.facts()
                #expect(facts.milliRate == 15_000)
                #expect(facts.slotsAhead > .seconds(3500) && facts.slotsAhead <= .seconds(3600))
                #expect(!facts.isHeld)
                try await database.fill("SELECT admin.pause('sender', 'fire drill')")
                #expect(try await demand.facts().isHeld)
            }
        }

        private func withDemand(_ body: (TestDatabase, PostgresDemand) async throws -> Void) async throws {
            try await TestDatabase.with { database async throws in
                try await database.withPool { pool async throws in
                    try await body(database, PostgresDemand(pool: pool, region: "eu-north-1"))
                }
            }
        }
    }
}

extension TestDatabase {
    fileprivate func fill(_ script: String) async throws {
        try await admin.run(script: script, timeout: .seconds(10))
    }
}
