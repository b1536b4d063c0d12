import Foundation

/// A local AWS of this test alone, so that its faults disturb nobody else. Started by the project's own scripts.
///
/// A shell starts it and waits with an open pipe to this process. When the pipe closes, because the test is over or because
/// this process died, the shell stops the server, and kills the workers whose ids stand in a file: nothing is left behind.
struct LocalAWSServer: Sendable {
    let url: URL
    private let attendant: Attendant
    private let workers: URL

    private static let script = """
        set -euo pipefail
        checkout=$1 folder=$2 workers=$3
        export LOCAL_AWS_STATE=$folder/local-aws-state
        for piece in processes python local-aws; do . "$checkout/ops/lib/$piece.sh"; done
        trap stop_local_aws EXIT
        start_local_aws "$checkout" "$folder"
        echo "ready $LOCAL_AWS_URL"
        while read -r line; do
            case $line in
                stop) stop_local_aws ;;
                start) run_local_aws "$checkout" "$folder" "${LOCAL_AWS_URL##*:}" ;;
            esac
            echo "done $line"
        done
        while read -r pid; do kill -s KILL "$pid" 2>/dev/null || true; done <"$workers"
        """

    /// `environment` is added to the server's own.
    static func start(in folder: URL, environment: [String: String]) async throws -> LocalAWSServer {
        let workers = folder.appendingPathComponent("workers")
        try Data().write(to: workers)
        let shell = try ChildProcess(
            name: "local AWS",
            program: Checkout.bash,
            arguments: ["-c", script, "bash", Checkout.folder.path, folder.path, workers.path],
            environment: ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("AWS_") }
                .merging(environment) { $1 },
            folder: folder,
            output: folder.appendingPathComponent("local-aws-shell.out"),
            errors: folder.appendingPathComponent("local-aws-shell.err"),
            input: .heldOpen
        )
        let attendant = Attendant(shell)
        do {
            // The first start makes the Python environment.
            let words = try await attendant.greets(with: "ready", within: .seconds(180))
            guard let url = words.first.flatMap({ URL(string: $0) }) else {
                throw UnexpectedAnswer("a URL", found: "\(words)")
            }
            return LocalAWSServer(url: url, attendant: attendant, workers: workers)
        } catch {
            shell.send(signal: SIGTERM)
            throw error
        }
    }

    /// Names the processes that must not outlive this one.
    func keepWatch(over pids: [Int32]) throws {
        try Data(pids.map { "\($0)\n" }.joined().utf8).write(to: workers)
    }

    /// Ends the server: connections break, and nobody listens. What it keeps, and what the witness saw, is there again after
    /// ``startAgain()``; its faults and settings are not.
    func shutDown() async throws { try await attendant.tell("stop") }

    func startAgain() async throws { try await attendant.tell("start") }

    func stop() async throws { try await attendant.stop() }
}
