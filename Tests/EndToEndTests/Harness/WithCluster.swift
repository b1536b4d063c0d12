import Foundation

/// Gives a test a cluster that is set up, unless it wants it empty, and has no worker yet. Whatever happens, its processes end, its database goes, and
/// nothing is left; but when the test throws, the end of every log is printed and the folder with the logs is kept.
func withCluster(
    _ settings: TestCluster.Settings = .init(),
    empty: Bool = false,
    _ body: (TestCluster) async throws -> Void
) async throws {
    var generator = SystemRandomNumberGenerator()
    let name = "e2e-" + String(UInt32.random(in: .min ... .max, using: &generator), radix: 36)
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("waybill-\(name)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let commands = CommandRunner(folder: folder)
    try await withDatabase(of: settings, name: name, folder: folder, commands: commands) { postgres, database in
        let cluster = try await TestCluster(
            name: name,
            folder: folder,
            commands: commands,
            postgres: postgres,
            database: database,
            settings: settings
        )
        try await cleaningUp {
            do {
                if !empty { try await cluster.setUp() }
                try await body(cluster)
            } catch {
                printLogs(of: cluster)
                throw error
            }
        } afterwards: {
            for worker in cluster.allWorkers { try await worker.process.killNow() }
            try cluster.aws.keepWatch(over: [])
            try await cluster.aws.stop()
        }
    }
    try FileManager.default.removeItem(at: folder)
}

/// A database in the server that all tests share, or in one of this test's own.
private func withDatabase(
    of settings: TestCluster.Settings,
    name: String,
    folder: URL,
    commands: CommandRunner,
    _ body: (PostgresServer?, TestDatabase) async throws -> Void
) async throws {
    let databaseName = "waybill_" + name.map { $0 == "-" ? "_" : String($0) }.joined()
    guard let own = settings.postgres else {
        let server = try Checkout.testPostgres()
        let database = try await TestDatabase.create(named: databaseName, in: server, commands: commands)
        try await cleaningUp {
            try await body(nil, database)
        } afterwards: {
            try await database.drop()
        }
        return
    }
    let postgres = try await PostgresServer.start(in: folder, mebibytes: own.mebibytes)
    try await cleaningUp {
        let server = postgres.conninfo
        try await body(postgres, TestDatabase.create(named: databaseName, in: server, commands: commands))
    } afterwards: {
        try await postgres.stop()
    }
}

/// Runs the second body after the first, also when the first throws. Its error is then printed, so that it does not hide the
/// first one.
private func cleaningUp(_ body: () async throws -> Void, afterwards: () async throws -> Void) async throws {
    do {
        try await body()
    } catch {
        do {
            try await afterwards()
        } catch {
            print("---- cleaning up failed too: \(error)")
        }
        throw error
    }
    try await afterwards()
}

private func printLogs(of cluster: TestCluster) {
    for worker in cluster.allWorkers {
        print("---- the end of \(worker.process.log.path)\n\(worker.process.tail())")
    }
    print("---- all logs are kept in \(cluster.folder.path)")
}
