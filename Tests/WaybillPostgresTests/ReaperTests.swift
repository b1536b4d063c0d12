import Testing
import WaybillConformance
import WaybillCore
import WaybillPorts

@testable import WaybillPostgres

extension PostgreSQL {
    @Suite struct ReaperTests {
        /// A claim commits between the reaper's snapshot and its lock on the worker's row: the reaper must see the job.
        @Test func aJobClaimedWhileTheReaperWaitedIsNotStranded() async throws {
            try await TestDatabase.with { database async throws in
                try await database.withStore { store async throws in
                    let worker = WorkerID(high: 1, low: 1)
                    _ = try await store.enqueue([.sample(1)])
                    try await store.register(worker, about: .sample, lease: .milliseconds(300))
                    try await database.withConnection { claimer async throws in
                        try await claimer.run(script: "BEGIN", timeout: .seconds(10))
                        let claim = PostgresStatement(JobStoreSQL.claim).bind(worker).bind(Int64(10))
                            .bind(Int32.min).bind(Timestamp.distantPast).bind(Int64.min)
                        let claimed = try await claimer.perform([claim]) { $0.count() }
                        try #require(claimed == 1)
                        try await database.eventually("SELECT expires_at <= clock_timestamp() FROM waybill.workers")
                        async let freed = store.reap()
                        try await database.eventuallyWaitsForLock()
                        try await claimer.run(script: "COMMIT", timeout: .seconds(10))
                        let count = try await freed
                        #expect(count == 1)
                    }
                    let counts = try await store.counts()
                    #expect((counts.ready, counts.leased, counts.workers) == (1, 0, 0))
                }
            }
        }

        /// The other order: the reaper has the worker's row, the claim waits for it and then finds no worker.
        @Test func aClaimThatWaitedForTheReaperClaimsNothing() async throws {
            try await TestDatabase.with { database async throws in
                try await database.withStore { store async throws in
                    let worker = WorkerID(high: 1, low: 1)
                    _ = try await store.enqueue([.sample(1)])
                    try await store.register(worker, about: .sample, lease: .seconds(60))
                    try await database.admin.run(script: "BEGIN; DELETE FROM waybill.workers", timeout: .seconds(10))
                    async let claimed = store.claim(worker: worker, limit: 10, watermark: nil)
                    try await database.eventuallyWaitsForLock()
                    try await database.admin.run(script: "COMMIT", timeout: .seconds(10))
                    let jobs = try await claimed
                    #expect(jobs.isEmpty)
                    #expect(try await store.counts().ready == 1)
                }
            }
        }

        /// The reaper does not wait for a job that its late worker is just settling, and does not take it away.
        @Test func aSettlementUnderWayIsLeftAlone() async throws {
            try await TestDatabase.with { database async throws in
                try await database.withStore { store async throws in
                    let subject = database.subject(store)
                    let worker = try await subject.makeWorker()
                    let jobs = try await subject.claimed(2, by: worker)
                    try await database.pass(.seconds(11))
                    try await database.withConnection { settler async throws in
                        try await settler.run(script: "BEGIN", timeout: .seconds(10))
                        let finish = PostgresStatement(SettlementSQL.leased(worker: 5).finish)
                            .bind(array: [jobs[0].id]).bind(array: [jobs[0].epoch.number])
                            .bind(array: ["SENT"]).bind(array: [String?.none]).bind(worker)
                        let finished = try await settler.perform([finish]) { $0.count() }
                        #expect(finished == 1)
                        #expect(try await store.reap() == 1)
                        try await settler.run(script: "COMMIT", timeout: .seconds(10))
                    }
                    let counts = try await store.counts()
                    #expect((counts.ready, counts.leased, counts.finished) == (1, 0, 1))
                }
            }
        }

        @Test func aWorkerDeletedByHandIsNoticedWithinTenCalls() async throws {
            try await TestDatabase.with { database async throws in
                try await database.withStore { store async throws in
                    let subject = database.subject(store)
                    #expect(try await store.reap() == 0)
                    _ = try await subject.claimed(1, by: try await subject.makeWorker())
                    try await database.admin.run(script: "DELETE FROM waybill.workers", timeout: .seconds(10))
                    var freed: [Int] = []
                    for _ in 1...10 { freed.append(try await store.reap()) }
                    #expect(freed.reduce(0, +) == 1)
                }
            }
        }
    }
}
