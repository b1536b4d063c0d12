import Foundation

/// The wire between one worker and a server, which a test can cut: `ops/lib/fault_proxy.py`.
struct FaultProxy: Sendable {
    /// A way in which nothing passes.
    enum Cut: String {
        /// Nothing arrives any more, and nobody is told.
        case blackhole
        /// Connections end in good order, new ones at once.
        case drop
        /// Connections are reset, new ones at once.
        case reset
    }

    let port: Int
    private let attendant: Attendant

    /// A proxy in front of a port of this machine.
    static func start(to port: Int, named name: String, in folder: URL) async throws -> FaultProxy {
        let process = try ChildProcess(
            name: name,
            program: try Checkout.program("python3"),
            arguments: [Checkout.folder.appendingPathComponent("ops/lib/fault_proxy.py").path, "--to", "\(port)"],
            environment: [:],
            folder: folder,
            output: folder.appendingPathComponent("\(name).out"),
            errors: folder.appendingPathComponent("\(name).err"),
            input: .heldOpen
        )
        let attendant = Attendant(process)
        let words = try await attendant.greets(with: "listening")
        guard let port = words.first.flatMap({ Int($0) }) else { throw UnexpectedAnswer("a port", found: "\(words)") }
        return FaultProxy(port: port, attendant: attendant)
    }

    /// Everything passes again; what was kept back arrives now, late.
    func pass() async throws { try await attendant.tell("pass") }
    func set(_ cut: Cut) async throws { try await attendant.tell(cut.rawValue) }
    /// Keeps back a connection from the request on that contains this text.
    func trap(_ text: String) async throws { try await attendant.tell("trap \(text)") }

    /// How many connections the trap holds or held.
    var trapped: Int {
        get async throws { try await attendant.said.count { $0 == "held" } }
    }

    func stop() async throws { try await attendant.stop() }
}
