import Foundation

/// Where the parts of the project are that the tests run.
enum Checkout {
    /// The folder of Package.swift.
    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static let bash = URL(fileURLWithPath: "/bin/bash")

    /// The program under test: the one that was built beside these tests, or the one that WAYBILL_TEST_PROGRAM names.
    static func waybill() throws -> URL {
        if let path = ProcessInfo.processInfo.environment["WAYBILL_TEST_PROGRAM"] { return URL(fileURLWithPath: path) }
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let program = URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("waybill")
        guard FileManager.default.isExecutableFile(atPath: program.path) else {
            throw Missing(what: "the program \(program.path)", remedy: "swift build --build-tests makes it")
        }
        return program
    }

    /// The Python of the local AWS, with boto3 in it.
    static var python: URL { folder.appendingPathComponent(".venv/bin/python") }

    /// A program of the system, found as a shell finds it.
    static func program(_ name: String) throws -> URL {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        for folder in path.split(separator: ":") {
            let program = URL(fileURLWithPath: String(folder)).appendingPathComponent(name)
            if FileManager.default.isExecutableFile(atPath: program.path) { return program }
        }
        throw Missing(what: "the program \(name)", remedy: "ops/install-dependencies installs it")
    }

    /// The connection string of the superuser of the test server.
    static func testPostgres() throws -> String {
        guard let conninfo = ProcessInfo.processInfo.environment["WAYBILL_TEST_POSTGRES"] else {
            throw Missing(what: "WAYBILL_TEST_POSTGRES", remedy: "run the tests under ops/with-servers")
        }
        return conninfo
    }
}

/// Something without which no test can run. A missing server is a failure, never a skip.
struct Missing: Error, CustomStringConvertible {
    let what: String
    let remedy: String

    var description: String { "\(what) is missing; \(remedy)" }
}
