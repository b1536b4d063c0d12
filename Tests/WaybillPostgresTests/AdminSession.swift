import Testing
import WaybillPorts
import WaybillPostgres

/// An operator at psql, in a database of its own.
struct AdminSession: Sendable {
    let database: TestDatabase
    let connection: PostgresConnection

    /// As the owner of everything.
    init(_ database: TestDatabase) {
        self.database = database
        connection = database.admin
    }

    private init(_ database: TestDatabase, _ connection: PostgresConnection) {
        self.database = database
        self.connection = connection
    }

    /// Logs in as a new role that is a member of `group`, nil for none, and drops the role. `enrolled`: by admin.enrol.
    static func with(
        _ group: String?,
        enrolled: Bool = false,
        in database: TestDatabase,
        _ body: (AdminSession, _ login: String) async throws -> Void
    ) async throws {
        let login = "waybill_test_\(UInt64.random(in: 0 ... .max))"
        let owner = AdminSession(database)
        try await owner.run("CREATE ROLE \(login) LOGIN")
        let result = await Result {
            if let group {
                try await owner.run(
                    enrolled ? "SELECT admin.enrol('\(login)', '\(group)')" : "GRANT \(group) TO \(login)"
                )
            }
            let settings = PostgresSettings(connectionString: "\(database.settings.connectionString) user=\(login)")
            let connection = try await PostgresConnection.connect(
                settings,
                reactor: database.reactor,
                environment: SystemEnvironment()
            )
            let result = await Result { try await body(AdminSession(database, connection), login) }
            await connection.close()
            try result.get()
        }
        try await owner.run("DROP OWNED BY \(login); DROP ROLE \(login)")
        try result.get()
    }

    func run(_ script: String) async throws {
        try await connection.run(script: script, timeout: .seconds(10))
    }

    /// The first column of every row, as text.
    func texts(_ query: String) async throws -> [String] {
        try await connection.texts("SELECT coalesce(x::text, 'null') FROM (\(query)) AS q (x)")
    }

    func text(_ query: String) async throws -> String {
        try #require(try await texts(query).first)
    }

    /// What the server says against it.
    func refusal(_ statement: String) async -> StoreError? {
        await #expect(throws: StoreError.self, "\(statement)") { try await run(statement) }
    }

    func expectRefusal(_ statement: String, naming words: String...) async {
        let error = await refusal(statement)
        for word in words {
            #expect(error?.message.contains(word) == true, "\(statement): \(error?.message ?? "nothing")")
        }
    }
}
