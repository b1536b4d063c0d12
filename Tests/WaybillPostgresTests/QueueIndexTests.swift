import Testing

@testable import WaybillPostgres

extension PostgreSQL {
    /// Which index the planner takes decides what a statement reads while a forgotten transaction keeps old entries.
    @Suite struct QueueIndexTests {
        @Test func theJobsOfAWorkerAreFoundByTheirIndex() async throws {
            try await withQueue { admin async throws in
                let source = try await admin.texts(
                    "SELECT prosrc FROM pg_proc WHERE oid = 'admin.jobs_of(text)'::regprocedure"
                )
                let query = try #require(source.first).replacing("jobs_of.worker", with: "'a000'")
                let plan = try await admin.texts("EXPLAIN \(query)").joined(separator: "\n")
                #expect(plan.contains("queue_leased"), "\(plan)")
                #expect(!plan.contains("Seq Scan on queue"), "\(plan)")
            }
        }

        @Test func aSettlementDoesNotReadWhatItsWorkerEverHad() async throws {
            try await withQueue { admin async throws in
                let arguments = [
                    "ARRAY[1, 2, 3]::bigint[]", "ARRAY[1, 2, 3]::bigint[]", "ARRAY['SENT', 'SENT', 'SENT']",
                    "ARRAY['m', 'm', 'm']", "'a000a000-0000-0000-0000-000000000001'::uuid",
                ]
                var statement = SettlementSQL.leased(worker: 5).finish
                for (index, argument) in arguments.enumerated() {
                    statement = statement.replacing("$\(index + 1)", with: argument)
                }
                let plan = try await admin.texts("EXPLAIN \(statement)").joined(separator: "\n")
                #expect(plan.contains("queue_pkey"), "\(plan)")
                #expect(!plan.contains("queue_leased"), "\(plan)")
            }
        }

        /// Many jobs that wait, and a few that a worker has.
        private func withQueue(_ body: (PostgresConnection) async throws -> Void) async throws {
            try await TestDatabase.with { database async throws in
                try await database.admin.run(
                    script: """
                        INSERT INTO waybill.workers (id, host, process_id, version, roles, expires_at)
                        VALUES ('a000a000-0000-0000-0000-000000000001', 'h', 1, '1', '{send}', now() + interval '1 hour');
                        INSERT INTO waybill.queue (id, epoch, state, worker)
                        SELECT n, CASE WHEN n <= 9 THEN n ELSE 0 END, (CASE WHEN n <= 9 THEN 'leased' ELSE 'ready' END)::waybill.job_state,
                            CASE WHEN n <= 9 THEN 'a000a000-0000-0000-0000-000000000001'::uuid END
                        FROM generate_series(1, 20000) n;
                        ANALYZE waybill.queue;
                        """,
                    timeout: .seconds(60)
                )
                try await body(database.admin)
            }
        }
    }
}
