import ArgumentParser

extension AsyncParsableCommand {
    /// Parses the command line, runs the command, and ends the process with an exit code of ``CommandExit``.
    static func runToExit() async -> Never {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            exit(withError: nil)
        } catch {
            end(with: error)
        }
    }

    private static func end(with error: any Error) -> Never {
        if let failure = CommandFailure(error) {
            Console.system.fail(failure.message)
            exit(withError: ExitCode(failure.exit.rawValue))
        }
        guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
        StandardError.write(fullMessage(for: error) + "\n")
        exit(withError: ExitCode(CommandExit.usage.rawValue))
    }
}
