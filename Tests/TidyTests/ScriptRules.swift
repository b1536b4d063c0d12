import Foundation

/// Rules of the scripts in ops.
enum ScriptRules {
    /// The scripts that a person calls, and the pieces they share.
    static func scripts(of folder: URL) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: [.isRegularFileKey])
            .filter { try $0.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true }
            .filter { !$0.lastPathComponent.hasPrefix(".") && $0.pathExtension != "py" }
            .sorted { $0.path < $1.path }
    }

    static func isExecutable(_ script: URL) -> Bool {
        FileManager.default.isExecutableFile(atPath: script.path)
    }

    /// What `bash -n` says about the script; empty when its syntax is good.
    static func syntaxErrors(of script: URL) throws -> String {
        let bash = Process()
        let pipe = Pipe()
        bash.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        bash.arguments = ["bash", "-n", script.path]
        bash.standardError = pipe
        try bash.run()
        let said = pipe.fileHandleForReading.readDataToEndOfFile()
        bash.waitUntilExit()
        let text = String(bytes: said, encoding: .utf8) ?? "unreadable"
        return bash.terminationStatus == 0 ? text : "\(script.lastPathComponent): \(text)"
    }

    /// Scripts and Python tests wait for a condition too. The files that hold the polling helpers may sleep between two looks.
    static func fixedSleep(_ file: SourceFile) -> [Violation] {
        guard !["ops/lib/processes.sh", "ops/local-aws/tests/server.py"].contains(file.path) else { return [] }
        let sleep = file.path.hasSuffix(".py") ? /\b(?:time\.)?sleep\(/ : /(?:^|[;&|]|\bdo|\bthen|\belse)\s*sleep\s/
        return file.lines.enumerated().compactMap { index, line in
            guard line.firstMatch(of: sleep) != nil else { return nil }
            return Violation(
                path: file.path,
                line: index + 1,
                reason: "wait for a condition with wait_until, not for a time"
            )
        }
    }
}
