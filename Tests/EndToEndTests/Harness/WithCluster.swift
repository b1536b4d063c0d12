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
    let database = try await TestDatabase.create(
        named: "waybill_" + name.map { $0 == "-" ? "_" : String($0) }.joined(),
        commands: commands
    )
    try await cleaningUp {
        let cluster = try await TestCluster(
            name: name,
            folder: folder,
            commands: commands,
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
    } afterwards: {
        try await database.drop()
    }
    try FileManager.default.removeItem(at: folder)
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
