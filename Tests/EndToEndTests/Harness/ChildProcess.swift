import Foundation
import Synchronization

/// A process that a test started; its output goes to a file. It is ended by its own id and no other.
final class ChildProcess: Sendable {
    struct Exit: Equatable, Sendable, CustomStringConvertible {
        let code: Int32
        let bySignal: Bool

        static let success = Exit(code: 0, bySignal: false)

        var description: String { bySignal ? "ended by signal \(code)" : "exit code \(code)" }
    }

    /// What it reads on standard input.
    enum Input {
        case nothing
        case file(URL)
        /// A pipe that stays open, empty, until ``closeInput()`` or until this process dies, however it dies.
        case heldOpen
    }

    let name: String
    /// Where its standard output goes.
    let output: URL
    /// What to read when it failed: its standard error if that is apart.
    let log: URL
    private let process: Process
    private let pipe: Pipe?
    private let exit = ExitBox()

    /// Starts a program.
    init(
        name: String,
        program: URL,
        arguments: [String],
        environment: [String: String],
        folder: URL,
        output: URL,
        errors: URL? = nil,
        input: Input = .nothing
    ) throws {
        self.name = name
        self.output = output
        log = errors ?? output
        process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.environment = environment
        process.currentDirectoryURL = folder
        let outputFile = try fileForWriting(output)
        let errorsFile = try errors.map(fileForWriting)
        process.standardOutput = outputFile
        process.standardError = errorsFile ?? outputFile
        var inputFile: FileHandle?
        switch input {
        case .nothing:
            pipe = nil
            process.standardInput = FileHandle.nullDevice
        case .file(let file):
            pipe = nil
            inputFile = try FileHandle(forReadingFrom: file)
            process.standardInput = inputFile
        case .heldOpen:
            let held = Pipe()
            pipe = held
            process.standardInput = held
        }
        process.terminationHandler = { [exit] ended in
            exit.set(Exit(code: ended.terminationStatus, bySignal: ended.terminationReason == .uncaughtSignal))
        }
        try withAllSignalsUnblocked { try process.run() }
        // The child has its own by now. Foundation keeps these for as long as the test process lives, and with more than 1,300
        // open, Process.run() reads past the end of a folder's entries and crashes (swift-corelibs-foundation, Process.swift).
        for file in [outputFile, errorsFile, inputFile] { try file?.close() }
    }

    var pid: Int32 { process.processIdentifier }

    /// How it ended, or nil while it runs.
    var ended: Exit? { exit.value }

    /// Sends a signal; nothing happens to a process that has ended.
    func send(signal: Int32) {
        guard ended == nil else { return }
        kill(pid, signal)
    }

    /// Writes to its standard input, which must be held open.
    func write(_ text: String) throws {
        try pipe?.fileHandleForWriting.write(contentsOf: Data(text.utf8))
    }

    func closeInput() throws {
        try pipe?.fileHandleForWriting.close()
    }

    /// Waits for its end.
    @discardableResult
    func exit(within limit: Duration) async throws -> Exit {
        try await eventually(within: limit, every: .milliseconds(10), "\(name) ends") {
            ended.map { .met($0) } ?? .notYet("it runs")
        }
    }

    /// SIGKILL, also for a process that is stopped, and waits until it is gone.
    func killNow() async throws {
        send(signal: SIGKILL)
        try await exit(within: .seconds(10))
    }

    /// The last lines of what it wrote.
    func tail(lines count: Int = 40) -> String {
        let text: String
        do {
            text = String(decoding: try Data(contentsOf: log), as: UTF8.self)
        } catch {
            text = "(\(log.path) cannot be read: \(error))"
        }
        return text.split(separator: "\n", omittingEmptySubsequences: false).suffix(count).joined(separator: "\n")
    }
}

/// Where the thread that learns of the end leaves it for the test.
private final class ExitBox: Sendable {
    private let exit = Mutex<ChildProcess.Exit?>(nil)

    var value: ChildProcess.Exit? { exit.withLock { $0 } }

    func set(_ value: ChildProcess.Exit) {
        exit.withLock { $0 = value }
    }
}

/// Opens a new file, or an old one at its end.
private func fileForWriting(_ file: URL) throws -> FileHandle {
    if !FileManager.default.fileExists(atPath: file.path) {
        try Data().write(to: file)
    }
    let handle = try FileHandle(forWritingTo: file)
    try handle.seekToEnd()
    return handle
}

/// A child inherits the blocked signals of the thread that starts it, and the threads of the concurrency pool block nearly
/// all of them: without this no child would ever hear SIGTERM.
private func withAllSignalsUnblocked(_ body: () throws -> Void) rethrows {
    var none = sigset_t()
    var before = sigset_t()
    unsafe sigemptyset(&none)
    unsafe pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
    try body()
}
