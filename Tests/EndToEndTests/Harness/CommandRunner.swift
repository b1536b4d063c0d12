import Foundation

/// What a command that ran to its end wrote and how it ended.
struct CommandResult: Sendable {
    let command: String
    let exit: ChildProcess.Exit
    let output: Data
    let errors: String

    var text: String { String(decoding: output, as: UTF8.self) }
}

/// A command that ended otherwise than it should.
struct CommandFailed: Error, CustomStringConvertible {
    let result: CommandResult

    var description: String {
        "\(result.command): \(result.exit)\n\(result.errors)\n\(result.text.suffix(2_000))"
    }
}

/// Runs programs to their end, each with its output in files of its own in one folder.
actor CommandRunner {
    private let folder: URL
    private var started = 0

    init(folder: URL) {
        self.folder = folder
    }

    /// Runs a program and returns what it wrote, whatever its exit code. A program that takes longer than `limit` is killed,
    /// and the wait for it throws.
    func run(
        _ program: URL,
        _ arguments: [String],
        environment: [String: String],
        input: String? = nil,
        within limit: Duration = .seconds(60)
    ) async throws -> CommandResult {
        started += 1
        let name = "command-\(started)-\(program.lastPathComponent)"
        let output = folder.appendingPathComponent("\(name).out")
        let errors = folder.appendingPathComponent("\(name).err")
        var standardInput = ChildProcess.Input.nothing
        if let input {
            let file = folder.appendingPathComponent("\(name).in")
            try Data(input.utf8).write(to: file)
            standardInput = .file(file)
        }
        let child = try ChildProcess(
            name: name,
            program: program,
            arguments: arguments,
            environment: environment,
            folder: folder,
            output: output,
            errors: errors,
            input: standardInput
        )
        do {
            let exit = try await child.exit(within: limit)
            return CommandResult(
                command: "\(program.lastPathComponent) \(arguments.joined(separator: " "))",
                exit: exit,
                output: try Data(contentsOf: output),
                errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self)
            )
        } catch {
            child.send(signal: SIGKILL)
            throw error
        }
    }

    /// As ``run(_:_:environment:input:within:)``, and throws ``CommandFailed`` unless the exit code is 0.
    @discardableResult
    func require(
        _ program: URL,
        _ arguments: [String],
        environment: [String: String],
        input: String? = nil,
        within limit: Duration = .seconds(60)
    ) async throws -> CommandResult {
        let result = try await run(program, arguments, environment: environment, input: input, within: limit)
        guard result.exit == .success else { throw CommandFailed(result: result) }
        return result
    }
}
