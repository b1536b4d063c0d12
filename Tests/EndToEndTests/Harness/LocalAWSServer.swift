import Foundation

/// A local AWS of this test alone, so that its faults disturb nobody else. Started by the project's own scripts.
///
/// A shell starts it and waits with an open pipe to this process. When the pipe closes, because the test is over or because
/// this process died, the shell stops the server, and kills the workers whose ids stand in a file: nothing is left behind.
struct LocalAWSServer: Sendable {
    let url: URL
    private let shell: ChildProcess
    private let workers: URL

    private static let script = """
        set -euo pipefail
        checkout=$1 folder=$2 workers=$3
        for piece in processes python local-aws; do . "$checkout/ops/lib/$piece.sh"; done
        trap stop_local_aws EXIT
        start_local_aws "$checkout" "$folder"
        echo "ready $LOCAL_AWS_URL"
        while read -r _; do :; done
        while read -r pid; do kill -s KILL "$pid" 2>/dev/null || true; done <"$workers"
        """

    /// `environment` is added to the server's own.
    static func start(in folder: URL, environment: [String: String]) async throws -> LocalAWSServer {
        let output = folder.appendingPathComponent("local-aws-shell.out")
        let workers = folder.appendingPathComponent("workers")
        try Data().write(to: workers)
        let shell = try ChildProcess(
            name: "local AWS",
            program: Checkout.bash,
            arguments: ["-c", script, "bash", Checkout.folder.path, folder.path, workers.path],
            environment: ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("AWS_") }
                .merging(environment) { $1 },
            folder: folder,
            output: output,
            errors: folder.appendingPathComponent("local-aws-shell.err"),
            input: .heldOpen
        )
        do {
            // The first start makes the Python environment.
            let url = try await eventually(within: .seconds(180), "the local AWS starts") {
                if let exit = shell.ended {
                    throw UnexpectedAnswer("the local AWS to start", found: "\(exit): \(shell.tail())")
                }
                let text = String(decoding: try Data(contentsOf: output), as: UTF8.self)
                let ready = text.split(separator: "\n").last { $0.hasPrefix("ready ") }
                guard let ready, text.hasSuffix("\n"), let url = URL(string: String(ready.dropFirst(6))) else {
                    return Observation<URL>.notYet(text)
                }
                return .met(url)
            }
            return LocalAWSServer(url: url, shell: shell, workers: workers)
        } catch {
            shell.send(signal: SIGTERM)
            throw error
        }
    }

    /// Names the processes that must not outlive this one.
    func keepWatch(over pids: [Int32]) throws {
        try Data(pids.map { "\($0)\n" }.joined().utf8).write(to: workers)
    }

    func stop() async throws {
        try shell.closeInput()
        try await shell.exit(within: .seconds(30))
    }
}
