import Testing
import WaybillConformance
import WaybillCore
import WaybillPorts

@testable import WaybillPostgres

extension PostgreSQL {
    @Suite struct JobStoreTests {
        @Test(arguments: JobStoreConformance.cases)
        func conforms(to demand: JobStoreConformance.Case) async throws {
            try await TestDatabase.with { database async throws in
                try await database.withStore { store async throws in
                    try await demand.check(database.subject(store))
                }
            }
        }

        @Test func aStoreThatNotesNoStatusesWritesNone() async throws {
            try await TestDatabase.with { database async throws in
                try await database.withStore(notesStatuses: false) { store async throws in
                    let subject = database.subject(store)
                    let worker = try await subject.makeWorker()
                    let job = try #require(try await subject.claimed(1, by: worker).first)
                    #expect(try await subject.finish(job, by: worker))
                    let now = try await store.now()
                    try await store.note([StatusNotice(delivery: .sample(1), status: .sent, at: now, messageID: nil)])
                    #expect(try await database.admin.number("SELECT count(*) FROM waybill.status_notices") == 0)
                }
            }
        }

        @Test func workersThatClaimAtTheSameTimeNeverGetTheSameJob() async throws {
            try await TestDatabase.with { database async throws in
                try await database.withStore { store async throws in
                    let total = 600
                    for start in stride(from: 0, to: total, by: 100) {
                        let outcomes = try await store.enqueue((start..<start + 100).map { .sample($0) })
                        #expect(outcomes.allSatisfy { $0 == .inserted })
                    }
                    let subject = database.subject(store)
                    let claims = try await withThrowingTaskGroup(of: [ClaimedJob].self) { group in
                        for number in 1...4 {
                            group.addTask {
                                let worker = try await subject.makeWorker(UInt64(number))
                                var mine: [ClaimedJob] = []
                                // A claim that finds only what others are claiming is empty, though jobs are left.
                                while try await store.counts().ready > 0 {
                                    mine += try await store.claim(worker: worker, limit: 7, watermark: nil)
                                }
                                return mine
                            }
                        }
                        return try await group.reduce(into: []) { $0.append($1) }
                    }
                    let all = claims.flatMap { $0 }
                    #expect(all.count == total)
                    #expect(Set(all.map(\.id)).count == total)
                    #expect(Set(all.map(\.epoch)).count == total)
                    #expect(claims.count { !$0.isEmpty } > 1)
                }
            }
        }

        @Test func equalOrdersEnqueuedAtTheSameTimeAreOneJob() async throws {
            try await TestDatabase.with { database async throws in
                try await database.withStore { store async throws in
                    let outcomes = try await withThrowingTaskGroup(of: [EnqueueOutcome].self) { group in
                        for turn in 0..<8 {
                            let numbers = turn.isMultiple(of: 2) ? Array(1...50) : (1...50).reversed()
                            group.addTask { try await store.enqueue(numbers.map { .sample($0) }) }
                        }
                        return try await group.reduce(into: []) { $0 += $1 }
                    }
                    #expect(outcomes.count { $0 == .inserted } == 50)
                    #expect(outcomes.count { $0 == .duplicate } == 350)
                    #expect(try await store.counts().ready == 50)
                }
            }
        }

        @Test func anEnqueueWhoseAnswerWasLostMayBeRepeated() async throws {
            try await TestDatabase.with { database async throws in
                try await database.withStore { store async throws in
                    // The lock lets the insert begin and keeps it from ending.
                    try await database.admin.run(script: "BEGIN; LOCK TABLE waybill.queue", timeout: .seconds(10))
                    let error = try await withThrowingTaskGroup(of: StoreError?.self) { group in
                        group.addTask {
                            do throws(StoreError) {
                                _ = try await store.enqueue([.sample(1), .sample(2)])
                                return nil
                            } catch {
                                return error
                            }
                        }
                        try await database.eventuallyWaitsForLock()
                        try await database.terminateConnections()
                        return try await group.next() ?? nil
                    }
                    #expect(error?.code == .unavailable)
                    try await database.admin.run(script: "ROLLBACK", timeout: .seconds(10))
                    #expect(try await store.enqueue([.sample(1), .sample(2)]) == [.inserted, .inserted])
                    #expect(try await store.enqueue([.sample(1), .sample(2)]) == [.duplicate, .duplicate])
                }
            }
        }

        @Test func anOrderWhoseJobFinishedWhileItWasEnqueuedIsInsertedAgain() async throws {
            try await TestDatabase.with { database async throws in
                try await database.withStore { store async throws in
                    let subject = database.subject(store)
                    let worker = try await subject.makeWorker()
                    let job = try #require(try await subject.claimed(1, by: worker).first)
                    let finish = SettlementSQL.leased(worker: 5).finish
                    let statement = PostgresStatement(finish).bind(array: [job.id]).bind(array: [job.epoch.number])
                        .bind(array: ["SENT"]).bind(array: [String?.none]).bind(worker)
                    // The insert waits for this transaction, which takes the job away that is in its way.
                    try await database.admin.run(script: "BEGIN", timeout: .seconds(10))
                    try await database.admin.perform([statement]) { _ in }
                    async let outcomes = store.enqueue([.sample(1), .sample(2)])
                    try await database.eventuallyWaitsForLock()
                    try await database.admin.run(script: "COMMIT", timeout: .seconds(10))
                    let inserted = try await outcomes
                    #expect(inserted == [.inserted, .inserted])
                }
            }
        }

        @Test func aMissingTableIsNotBlamedOnTheOrders() async throws {
            try await TestDatabase.with(migrated: false) { database async throws in
                try await database.withStore { store async throws in
                    let error = await #expect(throws: StoreError.self) {
                        _ = try await store.enqueue([.sample(1), .sample(2)])
                    }
                    #expect(error?.code == .rejected)
                    #expect(error?.sqlState == "42P01")
                }
            }
        }
    }
}

extension TestDatabase {
    func subject(_ store: PostgresJobStore) -> JobStoreSubject {
        subject(store) { try await pass($0) }
    }

    func subject(
        _ store: PostgresJobStore,
        pass: @escaping @Sendable (Duration) async throws -> Void
    ) -> JobStoreSubject {
        JobStoreSubject(
            store,
            rate: PostgresSendRate(pool: store.pool, region: "eu-north-1"),
            requests: JobStoreSubject.Requests(
                ask: { action, delivery, reason in
                    // Through the function an operator calls; the reasons of the suite hold no quotes.
                    let call =
                        switch action {
                        case .resend, .close: "admin.resolve('\(delivery)', '\(action.rawValue)', '\(reason)')"
                        case .copy: preconditionFailure("askForCopy asks for copies")
                        case .sendAnyway: "admin.send_anyway('\(delivery)', '\(reason)')"
                        case .retry, .cancel, .release: "admin.\(action.rawValue)('\(delivery)', '\(reason)')"
                        }
                    return Int64(try await admin.number("SELECT \(call)"))
                },
                askForCopy: { try await store.askForCopy(of: $0.order, to: $1, reason: $2) },
                askForRemoval: { Int64(try await admin.number("SELECT admin.unsuppress('\($0)', '\($1)')")) },
                suppress: {
                    try await admin.run(script: "SELECT admin.suppress('\($0)', '\($1)')", timeout: .seconds(10))
                },
                result: { id in
                    let query = "SELECT state, coalesce(outcome, '') FROM admin.requests WHERE id = \(id)"
                    let row = try await admin.perform([PostgresStatement(query)]) { results throws(StoreError) in
                        try results.one { row throws(StoreError) in [try row.text(), try row.text()] }
                    }
                    return row[0] == "waiting" ? nil : OperatorResult(isDone: row[0] == "done", row[1])
                },
                askToRequeue: { Int64(try await admin.number("SELECT admin.requeue_quarantined(\($0), '\($1)')")) },
                drain: { _ = try await admin.texts("SELECT admin.drain('\($0)', 'maintenance')") },
                setIngest: { paused in
                    let call = paused ? "admin.pause('ingest', 'maintenance')" : "admin.resume('ingest')"
                    try await admin.run(script: "SELECT \(call)", timeout: .seconds(10))
                }
            ),
            pass: pass
        )
    }
}
