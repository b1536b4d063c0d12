import Foundation

/// A helper process that obeys lines: it prints `done LINE` for each that it is told.
actor Attendant {
    let process: ChildProcess
    private var told = 0

    init(_ process: ChildProcess) {
        self.process = process
    }

    /// Everything that it has printed, line by line.
    var said: [String] {
        get throws {
            let text = String(decoding: try Data(contentsOf: process.output), as: UTF8.self)
            // The last piece is a line that is not finished, or nothing.
            return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
        }
    }

    /// Waits for the line that it begins with, and returns the words after the first one.
    func greets(with word: String, within limit: Duration = .seconds(60)) async throws -> [String] {
        try await eventually(within: limit, "\(process.name) is ready") {
            try stillRuns()
            guard let line = try said.first(where: { $0.hasPrefix("\(word) ") }) else {
                return Observation<[String]>.notYet(process.tail())
            }
            return .met(line.split(separator: " ").dropFirst().map(String.init))
        }
    }

    /// Tells it a line and waits until that is done.
    func tell(_ line: String, within limit: Duration = .seconds(60)) async throws {
        told += 1
        try process.write("\(line)\n")
        try await eventually(within: limit, every: .milliseconds(10), "\(process.name) is done with '\(line)'") {
            try stillRuns()
            let done = try said.count { $0.hasPrefix("done ") }
            return done >= told ? .met(()) : .notYet(process.tail(lines: 5))
        }
    }

    func stop() async throws {
        try process.closeInput()
        try await process.exit(within: .seconds(30))
    }

    private func stillRuns() throws {
        guard let exit = process.ended else { return }
        throw UnexpectedAnswer("\(process.name) to run", found: "\(exit)\n\(process.tail())")
    }
}
