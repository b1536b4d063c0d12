import Foundation

/// A database of its own in a server, made and dropped with psql.
struct TestDatabase: Sendable {
    let conninfo: String
    private let name: String
    private let server: String
    private let psql: URL
    private let commands: CommandRunner

    /// `server` is the connection string of a superuser.
    static func create(
        named name: String,
        in server: String,
        commands: CommandRunner
    ) async throws -> TestDatabase {
        let database = TestDatabase(
            conninfo: "\(server) dbname=\(name)",
            name: name,
            server: server,
            psql: try Checkout.program("psql"),
            commands: commands
        )
        try await database.psql(server, "CREATE DATABASE \(name)")
        return database
    }

    /// Where its server listens, unless it has a standby.
    var port: Int {
        get throws {
            guard let match = conninfo.firstMatch(of: /port=([0-9]+)/), let port = Int(match.1) else {
                throw UnexpectedAnswer("a port in the connection string", found: conninfo)
            }
            return port
        }
    }

    /// The connection string with another port: that of a proxy.
    func conninfo(throughPort proxy: Int) throws -> String {
        conninfo.replacingOccurrences(of: "port=\(try port)", with: "port=\(proxy)")
    }

    func drop() async throws {
        try await psql(server, "DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
    }

    /// The rows of a query, each as the text of its columns. No column may hold a control character.
    func rows(_ query: String) async throws -> [[String]] {
        // psql ends its output with a line end, whatever separates the records.
        let text = try await psql(conninfo, query).text.dropLast()
        return text.split(separator: "\u{1E}").map { row in
            row.split(separator: "\u{1F}", omittingEmptySubsequences: false).map(String.init)
        }
    }

    /// Runs a statement; throws ``CommandFailed`` when the server refuses it or cannot be reached.
    func execute(_ statement: String) async throws {
        try await psql(conninfo, statement)
    }

    /// The one number that a query gives.
    func count(_ query: String) async throws -> Int {
        let rows = try await rows(query)
        guard rows.count == 1, rows[0].count == 1, let number = Int(rows[0][0]) else {
            throw UnexpectedAnswer("one number from \(query)", found: "\(rows)")
        }
        return number
    }

    @discardableResult
    private func psql(_ conninfo: String, _ sql: String) async throws -> CommandResult {
        try await commands.require(
            psql,
            [
                "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--field-separator", "\u{1F}",
                "--record-separator", "\u{1E}", "--set", "ON_ERROR_STOP=1", "--dbname", conninfo, "--command", sql,
            ],
            environment: ["PATH": "/usr/bin:/bin", "PGAPPNAME": "waybill-tests"]
        )
    }
}

/// A program or a server answered, and not as it should.
struct UnexpectedAnswer: Error, CustomStringConvertible {
    let expected: String
    let found: String

    init(_ expected: String, found: String) {
        self.expected = expected
        self.found = found
    }

    var description: String { "expected \(expected), found \(found)" }
}
