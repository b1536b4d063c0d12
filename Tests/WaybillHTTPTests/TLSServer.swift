import Foundation
import Synchronization
import WaybillTestServer

/// `openssl s_server` with a certificate of its own making, which answers each GET with a page about the connection and
/// then closes it.
final class TLSServer: Sendable {
    /// The certificate, which is its own authority.
    let certificateFile: String
    let port: UInt16
    private let folder: URL
    private let process: Process

    private struct Failure: Error { var message: String }

    /// `name` is what the certificate is for, such as `IP:127.0.0.1`.
    init(name: String) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "waybill-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        certificateFile = folder.appending(path: "certificate.pem").path()
        let keyFile = folder.appending(path: "key.pem").path()
        let maker = try openssl([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=waybill test",
            "-addext", "subjectAltName=\(name)", "-keyout", keyFile, "-out", certificateFile,
        ])
        maker.process.waitUntilExit()
        guard maker.process.terminationStatus == 0 else { throw Failure(message: "openssl req failed") }
        let server = try openssl([
            "s_server", "-accept", "127.0.0.1:0", "-www", "-cert", certificateFile, "-key", keyFile,
        ])
        process = server.process
        port = try Self.announcedPort(server.output)
    }

    func end() throws {
        // Not SIGTERM, which a process inherits as blocked from a thread of the pool that starts it.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try FileManager.default.removeItem(at: folder)
    }

    /// The line `ACCEPT 127.0.0.1:PORT`.
    private static func announcedPort(_ output: FileHandle) throws -> UInt16 {
        var text = ""
        while true {
            guard let more = try output.read(upToCount: 1), !more.isEmpty else {
                throw Failure(message: "openssl s_server ended: \(text)")
            }
            text += String(decoding: more, as: UTF8.self)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            guard let line = lines.first(where: { $0.hasPrefix("ACCEPT") }) else { continue }
            guard let port = line.split(separator: ":").last.flatMap({ UInt16($0) }) else {
                throw Failure(message: "openssl s_server said \(line)")
            }
            return port
        }
    }
}

private func openssl(_ arguments: [String]) throws -> (process: Process, output: FileHandle) {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["openssl"] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    return (process, output.fileHandleForReading)
}
