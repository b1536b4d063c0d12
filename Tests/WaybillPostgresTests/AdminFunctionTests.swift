import Testing
import WaybillConformance
import WaybillCore
import WaybillPorts

@testable import WaybillPostgres

extension PostgreSQL {
    /// What each function does, refuses, and leaves behind.
    @Suite struct AdminFunctionTests {
        private func with(_ body: (AdminSession, JobStoreSubject) async throws -> Void) async throws {
            try await TestDatabase.with { database async throws in
                try await database.withStore { store async throws in
                    try await body(AdminSession(database), database.subject(store))
                }
            }
        }

        private static let newest =
            "SELECT action || '|' || what || '|' || coalesce(reason, '-') FROM admin.audit LIMIT 1"

        @Test func requestsAreWrittenAsTheyAreAskedFor() async throws {
            try await with { admin, _ async throws in
                for (call, line) in [
                    ("admin.retry('A/1', 'w')", "retry|order-confirmation/A/1|w"),
                    ("admin.cancel('order-confirmation~2/A/1', 'w')", "cancel|order-confirmation~2/A/1|w"),
                    ("admin.release('1', 'w')", "release|order-confirmation/1|w"),
                    ("admin.resolve('1', 'resend', 'w')", "resend|order-confirmation/1|w"),
                    ("admin.resolve('1', 'close', 'w')", "close|order-confirmation/1|w"),
                    ("admin.resend_copy('1', 'a@b.c', 'w')", "copy|order-confirmation/1 to a@b.c|w"),
                ] {
                    let id = try await admin.text("SELECT \(call)")
                    #expect(try await admin.text(Self.newest) == line)
                    let outcome = try await admin.text(
                        "SELECT state || ': ' || outcome FROM admin.requests WHERE id = \(id)"
                    )
                    #expect(outcome == "waiting: no worker is alive: it waits until one is")
                }
            }
        }

        @Test func whatCannotBeAskedForIsRefusedWithWhatWasExpected() async throws {
            try await with { admin, _ async throws in
                for function in ["retry", "cancel", "release"] {
                    await admin.expectRefusal("SELECT admin.\(function)('1', ' ')", naming: "a reason is needed")
                    await admin.expectRefusal("SELECT admin.\(function)(NULL, 'w')", naming: "an order's id", "NULL")
                }
                await admin.expectRefusal("SELECT admin.resolve('1', 'send', 'w')", naming: "resend", "close", "'send'")
                await admin.expectRefusal("SELECT admin.resolve('1', NULL, 'w')", naming: "resend", "NULL")
                await admin.expectRefusal("SELECT admin.resolve('1', 'resend', '')", naming: "a reason is needed")
                await admin.expectRefusal(
                    "SELECT admin.resend_copy('1', 'nobody', 'w')",
                    naming: "an address",
                    "'nobody'"
                )
                await admin.expectRefusal("SELECT admin.resend_copy('1', 'a@b.c', '')", naming: "a reason is needed")
                await admin.expectRefusal("SELECT admin.resend_copy('1', 'w')", naming: "'1'", "name the address")
                await admin.expectRefusal(
                    "SELECT admin.requeue_quarantined(7, 'w')",
                    naming: "no message 7",
                    "admin.quarantine"
                )
                await admin.expectRefusal("SELECT admin.requeue_quarantined(NULL, 'w')", naming: "no message null")
                await admin.expectRefusal(
                    "SELECT admin.pause('everything', 'w')",
                    naming: "sender or ingest",
                    "'everything'"
                )
                await admin.expectRefusal("SELECT admin.pause('ingest', NULL)", naming: "a reason is needed")
                await admin.expectRefusal("SELECT admin.pause('sender', 'w')", naming: "no send rate yet")
                await admin.expectRefusal("SELECT admin.resume(NULL)", naming: "sender or ingest", "NULL")
                await admin.expectRefusal("SELECT admin.set_send_rate(0)", naming: "at least 0.001", "admin.pause")
                await admin.expectRefusal("SELECT admin.drain('12', 'w')", naming: "first 4 digits", "'12'")
                await admin.expectRefusal("SELECT admin.drain('12345', 'w')", naming: "found 0", "admin.workers")
                await admin.expectRefusal("SELECT admin.drain('12345', '')", naming: "a reason is needed")
                #expect(try await admin.texts("SELECT what FROM admin.audit") == [])
            }
        }

        @Test func aPauseIsSeenEndedAndRemembered() async throws {
            try await with { admin, subject async throws in
                try await admin.run("SELECT waybill.set_send_limits('here', 1000, 1, NULL, NULL)")
                for what in ["ingest", "sender"] {
                    try await admin.run("SELECT admin.pause('\(what)', 'fire drill')")
                    #expect(
                        try await admin.texts("SELECT what || ': ' || reason FROM admin.pauses") == [
                            "\(what): fire drill"
                        ]
                    )
                    #expect(try await admin.text(Self.newest) == "pause|\(what)|fire drill")
                    try await admin.run("SELECT admin.resume('\(what)', 'it is over')")
                    #expect(try await admin.texts("SELECT what FROM admin.pauses") == [])
                    let line = try await admin.text(Self.newest)
                    #expect(
                        line.hasPrefix("resume|\(what), ends the pause of ")
                            && line.hasSuffix(": fire drill|it is over")
                    )
                }
                try await admin.run("SELECT admin.resume('ingest')")
                #expect(try await admin.text(Self.newest) == "resume|ingest, was not paused|-")
                try await admin.run("SELECT admin.set_send_rate(2.5, 'shared')")
                #expect(try await admin.text(Self.newest) == "set_send_rate|2.5 emails a second at most|shared")
                #expect(try await admin.text("SELECT ceiling::text FROM admin.send_rate") == "2.5000000000000000")
            }
        }

        @Test func aWorkerIsDrainedByTheBeginningOfItsID() async throws {
            try await with { admin, subject async throws in
                let worker = try await subject.makeWorker(0xC0FFEE)
                _ = try await subject.makeWorker(2)
                let id = try await admin.text("SELECT id FROM admin.workers WHERE id::text LIKE '%c0ffee'")
                #expect(id == worker.description)
                // Both begin with the same digits.
                await admin.expectRefusal("SELECT admin.drain('\(id.prefix(8))', 'w')", naming: "found 2")
                #expect(
                    try await admin.text("SELECT admin.drain('\(id)', 'a new kernel')").contains("host-1, process 4711")
                )
                let line = "SELECT state || ': ' || drain_reason FROM admin.workers WHERE id = '\(id)'"
                #expect(try await admin.text(line) == "draining: a new kernel")
                #expect(try await admin.text(Self.newest) == "drain|\(id) on host-1, process 4711|a new kernel")
                #expect(try await subject.renew(worker) == WorkerOrders(isToDrain: true))
                try await subject.workers.deregister(worker)
                await admin.expectRefusal("SELECT admin.drain('\(id)', 'again')", naming: "found 0")
            }
        }

        @Test func aCopyGoesToTheOrdersOwnAddressWhenNoneIsNamed() async throws {
            try await with { admin, subject async throws in
                var job = NewJob.sample(1)
                job.payload = #"{"customer":{"email":"Ann.Lee@example.com"}}"#
                #expect(try await subject.jobs.enqueue([job]) == [.inserted])
                _ = try await admin.text("SELECT admin.resend_copy('o-1', 'asked on the phone')")
                #expect(
                    try await admin.text(Self.newest)
                        == "copy|order-confirmation/o-1 to Ann.Lee@example.com|asked on the phone"
                )
            }
        }

        @Test func aRequestThatWaitsSaysForWhat() async throws {
            try await with { admin, subject async throws in
                let outcome = "SELECT outcome FROM admin.requests"
                let id = try await subject.requests.ask(.retry, .sample(1), "w")
                #expect(try await admin.text(outcome).hasPrefix("no worker is alive"))
                let worker = try await subject.makeWorker()
                #expect(try await admin.text(outcome) == "a worker performs it")
                try await admin.run(
                    "UPDATE waybill.admin_requests SET requested_at = requested_at - interval '6 seconds'"
                )
                #expect(try await admin.text(outcome).hasPrefix("no worker has taken it yet"))
                #expect(try await subject.operators.takeRequests(worker: worker, limit: 1).count == 1)
                #expect(try await admin.text(outcome) == "a worker performs it")
                try await admin.run("UPDATE waybill.admin_requests SET taken_at = taken_at - interval '6 seconds'")
                #expect(try await admin.text(outcome).contains("has not done it: its log says why"))
                let refused = OperatorResult.refused("it is SENT")
                #expect(try await subject.operators.finishRequest(id, worker: worker, result: refused))
                #expect(try await admin.text("SELECT outcome FROM admin.audit") == "refused: it is SENT")
            }
        }

        @Test func anActionThatIsNotKnownHereIsRefusedWithThoseThatAre() async throws {
            try await with { admin, subject async throws in
                let worker = try await subject.makeWorker()
                let id = try await admin.text("SELECT admin.request('juggle', '1', 'w')")
                #expect(try await subject.operators.takeRequests(worker: worker, limit: 9).isEmpty)
                let result = try await subject.requests.result(try #require(Int64(id)))
                #expect(result?.isDone == false)
                #expect(result?.outcome.contains("retry") == true && result?.outcome.contains("juggle") == true)
            }
        }
    }
}
