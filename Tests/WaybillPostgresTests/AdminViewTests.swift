import Testing
import WaybillConformance
import WaybillCore
import WaybillPorts

@testable import WaybillPostgres

extension PostgreSQL {
    @Suite struct AdminViewTests {
        private func with(_ body: (AdminSession, JobStoreSubject) async throws -> Void) async throws {
            try await TestDatabase.with { database async throws in
                try await database.withStore { store async throws in
                    try await body(AdminSession(database), database.subject(store))
                }
            }
        }

        @Test func theQueueIsCountedByState() async throws {
            try await with { admin, subject async throws in
                let worker = try await subject.makeWorker()
                let jobs = try await subject.claimed(6, by: worker)
                let later = try await subject.jobs.now() + .seconds(600)
                let attempt = AttemptID(high: 1, low: 2)
                let doubt = JobSettlement.Verdict.inDoubt(attempt: attempt, until: later, reason: "timeout")
                let verdicts: [(ClaimedJob, JobSettlement.Verdict)] = [
                    (jobs[0], .released(after: .zero, reason: "at once")),
                    (jobs[1], .released(after: .seconds(60), reason: "soon")),
                    (jobs[2], .held(reason: "old")), (jobs[3], doubt), (jobs[4], doubt),
                ]
                #expect(
                    try await subject.settle(verdicts.map { (job: $0.0, verdict: $0.1) }, by: worker).allSatisfy { $0 }
                )
                _ = try await subject.workers.renew(worker, lease: .seconds(10), jobsInHand: 1)
                try await admin.run(
                    """
                    UPDATE waybill.queue SET state = 'unconfirmed' WHERE id = \(jobs[4].id);
                    UPDATE waybill.queue SET priority = 5 WHERE id = \(jobs[0].id)
                    """
                )
                let lines = try await admin.texts("SELECT state || ' ' || jobs || ' ' || counted FROM admin.queue")
                #expect(
                    lines == [
                        "due 1 exact", "later 1 exact", "leased 1 said by workers", "held 1 exact", "in_doubt 1 exact",
                        "unconfirmed 1 exact",
                    ]
                )
            }
        }

        @Test func beyondTenThousandTheQueueIsEstimatedAndSaysSo() async throws {
            try await with { admin, _ async throws in
                try await admin.run(
                    "INSERT INTO waybill.queue (id) SELECT g FROM generate_series(1, 12000) g; ANALYZE waybill.queue"
                )
                let line = "SELECT jobs || ' ' || counted || ' ' || estimate FROM admin.queue WHERE state = 'due'"
                #expect(try await admin.text(line) == "10001 at least 12000")
            }
        }

        @Test func whatIsInDoubtSaysWhoDecidesAndWhen() async throws {
            try await with { admin, subject async throws in
                let job = try await subject.inDoubt()
                let line =
                    "SELECT order_id || ' ' || state || ' ' || decided_by || ' ' || (decided_at > now()) FROM admin.in_doubt"
                #expect(try await admin.text(line) == "o-1 in_doubt a Send event until then, the leader after true")
                let verdict = InDoubtVerdict(
                    job: job,
                    verdict: .unconfirmed(reason: "silence", lookAgain: try await subject.jobs.now())
                )
                #expect(try await subject.jobs.settleInDoubt([verdict], fence: nil) == [true])
                let open =
                    "SELECT state || ' ' || reason || ' ' || coalesce(decided_at::text, 'never') FROM admin.in_doubt"
                #expect(try await admin.text(open) == "unconfirmed silence never")
                #expect(try await admin.text("SELECT decided_by FROM admin.in_doubt").contains("admin.resolve"))
            }
        }

        @Test func theQuarantineIsReadableAlsoWhereItIsNoText() async throws {
            try await with { admin, subject async throws in
                for (number, body) in [Array("{\"a\":\"ä\"}".utf8), [0x41, 0xff, 0x00]].enumerated() {
                    let message = QuarantinedMessage(
                        queue: "orders",
                        body: body,
                        bodyHash: .sample(UInt8(number)),
                        code: "invalid-order",
                        reason: "$.total: missing",
                        delivery: .sample(number)
                    )
                    try await subject.quarantine.keep([message])
                }
                let lines = try await admin.texts(
                    "SELECT order_id || ' ' || bytes || ' ' || body FROM admin.quarantine"
                )
                #expect(lines == ["o-1 3 A\\377\\000", "o-0 10 {\"a\":\"ä\"}"])
            }
        }

        @Test func throughputIsTheSumOfWhatWorkersNoted() async throws {
            try await with { admin, subject async throws in
                let worker = try await subject.makeWorker()
                for job in try await subject.claimed(3, by: worker) {
                    #expect(try await subject.finish(job, by: worker))
                }
                try await admin.run(
                    "INSERT INTO waybill.history_tally VALUES ('2026-01-02', 'SENT', 5), ('2026-01-02', 'SENT', 2)"
                )
                let query = "SELECT span || ' ' || status || ' ' || jobs FROM admin.throughput"
                let lines = try await admin.texts(query)
                // An hour may have ended between two commits.
                #expect(lines.last == "day SENT 7")
                #expect(lines.dropLast().allSatisfy { $0.hasPrefix("hour SENT ") })
                let hour = "SELECT since > now() - interval '2 hours' AND since <= now() FROM admin.throughput LIMIT 1"
                #expect(try await admin.text(hour) == "true")
                let rows = try await admin.connection.number("SELECT count(*) FROM waybill.history_tally")
                _ = try await subject.workers.reap()
                #expect(try await admin.connection.number("SELECT count(*) FROM waybill.history_tally") < rows)
                #expect(try await admin.texts(query) == lines)
                #expect(try await subject.jobs.counts().finished == 10)
            }
        }

        @Test func workersAndLeaderAreShownWithWhatTheyDo() async throws {
            try await with { admin, subject async throws in
                let worker = try await subject.makeWorker()
                #expect(try await admin.text("SELECT state FROM admin.leader") == "nobody leads")
                _ = try await subject.leadership.campaign(role: "leader", holder: worker, lease: .seconds(10))
                #expect(try await admin.text("SELECT state || ' ' || host FROM admin.leader") == "leads host-1")
                _ = try await subject.workers.renew(worker, lease: .seconds(10), jobsInHand: 3)
                let line = "SELECT concat_ws(' ', host, roles, state, jobs, leads, recipient_guard) FROM admin.workers"
                #expect(try await admin.text(line) == "host-1 ingest,send alive 3 t only to @example.com")
                try await subject.workers.deregister(worker)
                #expect(try await admin.text("SELECT state FROM admin.workers") == "ended")
            }
        }

        @Test func theJobsOfAWorkerAreNamed() async throws {
            try await with { admin, subject async throws in
                let worker = try await subject.makeWorker()
                _ = try await subject.claimed(2, by: worker)
                #expect(try await admin.texts("SELECT order_id FROM admin.jobs_of('\(worker)')") == ["o-1", "o-2"])
                await admin.expectRefusal("SELECT admin.jobs_of('beef')", naming: "found 0")
            }
        }

        @Test func anOrderTellsItsStory() async throws {
            try await with { admin, subject async throws in
                func story() async throws -> [String] {
                    try await admin.texts("SELECT part || ' ' || coalesce(status, '-') FROM admin.order('o-1')")
                }
                #expect(try await story() == ["last known -"])
                let worker = try await subject.makeWorker()
                let job = try #require(try await subject.claimed(1, by: worker).first)
                #expect(try await story() == ["last known PENDING or SENDING", "job leased"])
                #expect(
                    try await subject.settle([(job, .finished(status: "FAILED", messageID: nil))], by: worker) == [true]
                )
                #expect(try await story() == ["last known FAILED", "history FAILED", "told the shop FAILED"])
                _ = try await subject.requests.ask(.retry, .sample(1), "after all")
                #expect(try await subject.operators.makeReady(.sample(1), reason: "after all"))
                let again = try await story()
                #expect(again.first == "last known PENDING")
                #expect(again.contains { $0.hasPrefix("request ") } && again.contains("job ready"))
                let second = try #require(try await subject.jobs.claim(worker: worker, limit: 1, watermark: nil).first)
                #expect(try await subject.finish(second, by: worker))
                #expect(try await story().first == "last known SENT")
                // The same order published again is a job again, and was sent all the same.
                #expect(try await subject.jobs.enqueue([.sample(1)]) == [.inserted])
                #expect(try await story().first == "last known SENT")
            }
        }
    }
}
