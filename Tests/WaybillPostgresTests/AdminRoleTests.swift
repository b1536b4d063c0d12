import Testing
import WaybillConformance
import WaybillCore
import WaybillPorts

@testable import WaybillPostgres

extension PostgreSQL {
    @Suite struct AdminRoleTests {
        private static let views = """
            SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = 'admin' AND c.relkind = 'v'
            """

        @Test func whoMayReadReadsEveryViewAndChangesNothing() async throws {
            try await TestDatabase.with { database async throws in
                let views = try await AdminSession(database).texts(Self.views)
                #expect(views.count >= 11)
                try await AdminSession.with("waybill_readonly", in: database) { reader, _ async throws in
                    for view in views { try await reader.run("SELECT * FROM admin.\(view)") }
                    try await reader.run("SELECT * FROM admin.order('1')")
                    for statement in [
                        "SELECT * FROM waybill.jobs", "SELECT payload FROM waybill.history",
                        "DELETE FROM waybill.audit",
                        "SELECT admin.pause('sender', 'x')", "SELECT admin.resume('sender')",
                        "SELECT admin.retry('1', 'x')",
                        "SELECT admin.drain('0000', 'x')", "SELECT admin.requeue_quarantined(1, 'x')",
                        "SELECT admin.set_send_rate(1)", "SELECT admin.resend_copy('1', 'a@b.c', 'x')",
                        "SELECT admin.resolve('1', 'close', 'x')", "SELECT admin.enrol('postgres', 'waybill_admin')",
                        "SELECT waybill.reap(true)",
                        "UPDATE admin.send_rate SET region = 'x'",
                    ] {
                        #expect(await reader.refusal(statement)?.sqlState == "42501", "\(statement)")
                    }
                }
            }
        }

        @Test func anAdminActsThroughFunctionsAloneAndUnderTheOwnName() async throws {
            try await TestDatabase.with { database async throws in
                try await AdminSession.with("waybill_admin", in: database) { admin, login async throws in
                    for statement in [
                        "SELECT * FROM waybill.jobs", "UPDATE waybill.queue SET state = 'ready'",
                        "DELETE FROM waybill.audit",
                        "SELECT admin.request('retry', '1', 'x')", "SELECT admin.enrol('\(login)', 'waybill_admin')",
                        "SELECT waybill.secure_admin()", "UPDATE admin.send_rate SET region = 'x'",
                    ] {
                        #expect(await admin.refusal(statement)?.sqlState == "42501", "\(statement)")
                    }
                    try await admin.run("SELECT admin.retry('1', 'because'); SELECT admin.pause('ingest', 'a move')")
                    #expect(try await admin.texts("SELECT DISTINCT who FROM admin.audit") == [login])
                    #expect(try await admin.texts("SELECT who FROM admin.pauses") == [login])
                    // What an admin makes in a schema of its own does not run with the owner's rights.
                    try await AdminSession(database).run("CREATE SCHEMA mine AUTHORIZATION \(login)")
                    try await admin.run(
                        """
                        CREATE FUNCTION mine.clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql AS
                            $$ BEGIN RAISE EXCEPTION 'hijacked as %', current_user; END $$;
                        SET search_path = mine, pg_catalog;
                        SELECT admin.pause('ingest', 'again'), admin.retry('2', 'because');
                        """
                    )
                    #expect(await admin.refusal("SELECT clock_timestamp()")?.message.contains("hijacked") == true)
                }
            }
        }

        @Test func nobodyElseSeesAnything() async throws {
            try await TestDatabase.with { database async throws in
                try await AdminSession.with(nil, in: database) { stranger, _ async throws in
                    for statement in [
                        "SELECT * FROM admin.queue", "SELECT admin.resume('ingest')", "SELECT * FROM admin.order('1')",
                    ] {
                        #expect(await stranger.refusal(statement)?.sqlState == "42501", "\(statement)")
                    }
                }
            }
        }

        @Test func aWorkerNeedsNoMoreThanItsRole() async throws {
            try await TestDatabase.with { database async throws in
                try await AdminSession.with("waybill_app", in: database) { _, login async throws in
                    let mine = "\(database.settings.connectionString) user=\(login)"
                    let pool = PostgresPool(
                        PostgresSettings(connectionString: mine),
                        reactor: database.reactor,
                        environment: SystemEnvironment()
                    )
                    let result = await Result {
                        for demand in JobStoreConformance.cases {
                            let store = PostgresJobStore(pool: pool, notesStatuses: true)
                            try await demand.check(database.subject(store))
                            _ = try await store.maintainHistory(keepDays: 30, fence: nil)
                            try await store.raiseEpochs(past: Epoch(1000))
                            try await database.emptyTables()
                        }
                    }
                    await pool.close()
                    try result.get()
                }
            }
        }

        @Test func anEnrolledLoginHasTheTimeOutsAndAMemberAloneHasNone() async throws {
            try await TestDatabase.with { database async throws in
                let owner = AdminSession(database)
                try await AdminSession.with("waybill_readonly", enrolled: true, in: database) {
                    reader,
                    login async throws in
                    #expect(try await reader.text("SELECT current_setting('statement_timeout')") == "30s")
                    let idle = "SELECT current_setting('idle_in_transaction_session_timeout')"
                    #expect(try await reader.text(idle) == "1min")
                    let warning = "SELECT warning FROM admin.logins WHERE login = '\(login)'"
                    #expect(try await owner.text(warning) == "null")
                    try await owner.run("SELECT admin.enrol('\(login)', 'waybill_readonly', '2 seconds')")
                    #expect(
                        try await owner.text("SELECT statement_timeout FROM admin.logins WHERE login = '\(login)'")
                            == "2000"
                    )
                }
                try await AdminSession.with("waybill_admin", in: database) { admin, login async throws in
                    #expect(try await admin.text("SELECT current_setting('statement_timeout')") == "0")
                    let warning = try await admin.text("SELECT warning FROM admin.logins WHERE login = '\(login)'")
                    #expect(warning.contains("admin.enrol('\(login)', 'waybill_admin')"))
                }
                await owner.expectRefusal(
                    "SELECT admin.enrol('nobody_here', 'waybill_admin')",
                    naming: "nobody_here",
                    "CREATE ROLE"
                )
                await owner.expectRefusal(
                    "SELECT admin.enrol('waybill', 'postgres')",
                    naming: "waybill_admin or waybill_readonly"
                )
                let never = "SELECT admin.enrol(session_user::text, 'waybill_admin', '0 seconds')"
                await owner.expectRefusal(never, naming: "from a second to an hour")
            }
        }
    }
}
