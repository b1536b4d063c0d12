import Foundation

/// A PostgreSQL of one test alone, which may crash it, fill its disk or replace it: `ops/lib/attended-postgres.sh`.
struct PostgresServer: Sendable {
    /// For the superuser, without a database; it names the standby too, and asks for the one that takes writes.
    let conninfo: String
    private let attendant: Attendant
    private let log: URL

    /// With `mebibytes` its data lie on a disk of that size.
    static func start(in folder: URL, mebibytes: Int?) async throws -> PostgresServer {
        let script = Checkout.folder.appendingPathComponent("ops/lib/attended-postgres.sh").path
        let command = [Checkout.bash.path, script, Checkout.folder.path, folder.path]
        // A mount that only this server sees, and that goes with it.
        let program = mebibytes == nil ? command : [try Checkout.program("unshare").path, "--mount"] + command
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let process = try ChildProcess(
            name: "PostgreSQL of this test",
            program: URL(fileURLWithPath: program[0]),
            arguments: Array(program.dropFirst()),
            environment: ["PATH": path].merging(mebibytes.map { ["MEBIBYTES": "\($0)"] } ?? [:]) { $1 },
            folder: folder,
            output: folder.appendingPathComponent("postgres-attendant.out"),
            errors: folder.appendingPathComponent("postgres-attendant.err"),
            input: .heldOpen
        )
        let attendant = Attendant(process)
        let ports = try await attendant.greets(with: "ready").joined(separator: ",")
        let servers = "host=127.0.0.1,127.0.0.1 port=\(ports) target_session_attrs=read-write"
        return PostgresServer(
            conninfo: "\(servers) user=waybill dbname=postgres",
            attendant: attendant,
            log: folder.appendingPathComponent("postgres.log")
        )
    }

    /// As `pg_ctl stop -m immediate`: nothing is flushed, every connection breaks.
    func crash() async throws { try await attendant.tell("crash") }
    func start() async throws { try await attendant.tell("start") }
    /// Makes a synchronous standby; every commit waits for it from then on.
    func addStandby() async throws { try await attendant.tell("standby") }
    /// Makes the standby the primary.
    func promoteStandby() async throws { try await attendant.tell("promote") }
    /// Copies everything to where ``restore()`` takes it from.
    func backUp() async throws { try await attendant.tell("backup") }
    /// Takes the server, which is stopped, back to ``backUp()``.
    func restore() async throws { try await attendant.tell("restore") }
    /// Leaves no byte on its disk.
    func fillDisk() async throws { try await attendant.tell("fill") }
    /// Gives the disk its room back, and starts the server if it went down for want of it.
    func freeDisk() async throws { try await attendant.tell("free") }

    /// How many lines of the server's log contain this.
    func complaints(_ text: String) throws -> Int {
        String(decoding: try Data(contentsOf: log), as: UTF8.self).split(separator: "\n").count { $0.contains(text) }
    }

    func stop() async throws { try await attendant.stop() }
}
