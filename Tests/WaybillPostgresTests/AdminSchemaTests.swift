import Testing
import WaybillCore
import WaybillPorts

@testable import WaybillPostgres

extension PostgreSQL {
    /// What holds for everything in the schemas, also for what later migrations add.
    @Suite struct AdminSchemaTests {
        private func lines(_ query: String) async throws -> [String] {
            var found: [String] = []
            try await TestDatabase.with { found = try await AdminSession($0).texts(query) }
            return found
        }

        @Test func everyColumnOfEveryTableAndViewIsExplained() async throws {
            let silent = try await lines(
                """
                SELECT c.oid::regclass || coalesce('.' || a.attname, '')
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                    CROSS JOIN LATERAL (
                        SELECT 0 AS attnum, NULL AS attname
                        UNION ALL
                        SELECT a.attnum, a.attname FROM pg_attribute a
                        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                    ) a
                WHERE n.nspname IN ('waybill', 'admin') AND c.relkind IN ('r', 'v', 'm', 'p') AND NOT c.relispartition
                    AND coalesce(CASE a.attnum WHEN 0 THEN obj_description(c.oid, 'pg_class')
                        ELSE col_description(c.oid, a.attnum) END, '') = ''
                """
            )
            #expect(silent == [])
        }

        @Test func everyFunctionSequenceTypeAndSchemaIsExplained() async throws {
            let silent = try await lines(
                """
                SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
                WHERE n.nspname IN ('waybill', 'admin') AND coalesce(obj_description(p.oid, 'pg_proc'), '') = ''
                UNION ALL
                SELECT n.nspname FROM pg_namespace n
                WHERE n.nspname IN ('waybill', 'admin') AND coalesce(obj_description(n.oid, 'pg_namespace'), '') = ''
                """
            )
            #expect(silent == [])
        }

        @Test func whatOperatorsCallHasTheOwnersRightsAFixedSearchPathAndIsNobodysByDefault() async throws {
            let loose = try await lines(
                """
                SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
                WHERE n.nspname = 'admin' AND (
                    p.prosecdef IS DISTINCT FROM (p.proname <> 'enrol')
                    OR NOT coalesce(p.proconfig @> ARRAY['search_path=pg_catalog, pg_temp'], false)
                    OR p.proacl IS NULL
                    OR EXISTS (SELECT FROM aclexplode(p.proacl) a WHERE a.grantee = 0)
                    OR NOT has_function_privilege('waybill_app', p.oid, 'EXECUTE') AND p.proname <> 'enrol'
                    OR NOT has_function_privilege('waybill_admin', p.oid, 'EXECUTE') AND p.proname NOT IN ('enrol', 'request')
                    OR has_function_privilege('waybill_readonly', p.oid, 'EXECUTE') = (p.provolatile = 'v'))
                UNION ALL
                SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = 'admin' AND c.relkind = 'v' AND NOT (has_table_privilege('waybill_admin', c.oid, 'SELECT')
                    AND has_table_privilege('waybill_readonly', c.oid, 'SELECT'))
                """
            )
            #expect(loose == [])
        }

        @Test func ranksAreThoseOfTheRule() async throws {
            try await TestDatabase.with { database async throws in
                for status in DeliveryStatus.allCases where status != .bouncedSoft {
                    let rank = try await AdminSession(database).text("SELECT waybill.rank_of('\(status.name)')")
                    #expect(rank == "\(status.rank)", "\(status)")
                }
            }
        }

        @Test func theRolesAreMadeOnceAndAgainWithoutHarm() async throws {
            try await TestDatabase.with { database async throws in
                let owner = AdminSession(database)
                try await owner.run("SELECT waybill.secure_admin(); SELECT waybill.secure_admin()")
                let logins = try await owner.texts(
                    "SELECT rolcanlogin FROM pg_roles WHERE rolname ~ '^waybill_(app|admin|readonly)$'"
                )
                #expect(logins == ["false", "false", "false"])
            }
        }
    }
}
