import Testing
import WaybillConformance
import WaybillCore
import WaybillPorts
import WaybillPostgres

extension PostgreSQL {
    @Suite struct JobStoreTests {
        @Test(arguments: JobStoreConformance.cases)
        func conforms(to demand: JobStoreConformance.Case) async throws {
            try await TestDatabase.with { database in
                try await database.withStore { store in
                    try await demand.check(JobStoreSubject(store) { try await database.pass($0) })
                }
            }
        }
    }
}
