import Foundation

/// One `waybill worker` process.
struct Worker: Sendable {
    let process: ChildProcess
    let port: Int

    var name: String { process.name }

    /// The roles of a worker, as `--roles` takes them.
    static let allRoles = "ingest,send,feedback,leader"

    /// Waits until `/readyz` says that it holds a lease.
    func becomesReady(within limit: Duration = .seconds(30)) async throws {
        guard let url = URL(string: "http://127.0.0.1:\(port)/readyz") else {
            throw UnexpectedAnswer("a URL", found: "port \(port)")
        }
        try await eventually(within: limit, "\(name) is ready") {
            if let exit = process.ended {
                throw UnexpectedAnswer("\(name) to run", found: "\(exit)\n\(process.tail())")
            }
            do {
                let answer = try await LocalHTTP.get(url)
                return answer.status == 200 ? .met(()) : .notYet("status \(answer.status)")
            } catch let error as URLError {
                return .notYet("\(error.code)")
            }
        }
    }

    /// What it answers at `/metrics`.
    func metrics() async throws -> String {
        guard let url = URL(string: "http://127.0.0.1:\(port)/metrics") else {
            throw UnexpectedAnswer("a URL", found: "port \(port)")
        }
        let answer = try await LocalHTTP.get(url)
        guard answer.status == 200 else { throw UnexpectedAnswer("200 from /metrics", found: "\(answer.status)") }
        return String(decoding: answer.body, as: UTF8.self)
    }

    /// How often it logged this message.
    func logged(_ message: String) throws -> Int {
        try logLines().count { $0["message"] == message }
    }

    /// Every log line that is JSON, as the worker wrote it.
    func logLines() throws -> [[String: String]] {
        let text = String(decoding: try Data(contentsOf: process.log), as: UTF8.self)
        return try text.split(separator: "\n").filter { $0.hasPrefix("{") }.map { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
            guard let members = object as? [String: Any] else {
                throw UnexpectedAnswer("an object", found: String(line))
            }
            return members.mapValues { "\($0)" }
        }
    }
}
