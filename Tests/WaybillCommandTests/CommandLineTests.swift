import ArgumentParser
import Foundation
import Testing

@testable import waybill

@Suite struct CommandLineTests {
    @Test(arguments: [
        ["publish", "orders.jsonl"], ["publish", "-", "--repeat", "3", "--rate", "2.5", "--limit", "10", "--json"],
        ["publish", "--cdnow", "sample.txt", "--bounce-per-thousand", "500", "--complaint-per-thousand", "500"],
        ["publish", "--cdnow", "-", "--prefix", "run_2-"], ["trace", "1001"], ["deliveries", "--order", "1"],
        ["deliveries", "--email", "a@b.example", "--json"],
        ["deliveries", "--status", "SENT", "--csv", "--since", "2026-11-26", "--until", "2026-11-26T18:00:00Z"],
        ["redrive", "--queue", "orders"],
        ["redrive", "--queue", "feedback", "--from", "undelivered", "--max", "5", "--dry-run", "--json"],
        ["health"], ["health", "--live"],
        ["deliveries", "--status", "BOUNCED", "--limit", "1000", "--after", "x"], ["status", "--json"],
        ["render", "order.json", "--html", "out.html", "--text"],
        ["resend-copy", "1001", "--to", "a@b.example", "--reason", "deleted", "--wait", "5", "--json"],
    ])
    func theseAreUnderstood(_ arguments: [String]) throws {
        _ = try Waybill.parseAsRoot(arguments)
    }

    @Test(arguments: [
        ["publish"], ["publish", "x", "--cdnow", "y"], ["publish", "x", "--prefix", "a"],
        ["publish", "--cdnow", "x", "--prefix", "a b"], ["publish", "--cdnow", "x", "--bounce-per-thousand", "-1"],
        ["publish", "--cdnow", "x", "--bounce-per-thousand", "600", "--complaint-per-thousand", "600"],
        ["publish", "x", "--repeat", "0"], ["publish", "x", "--rate", "0"],
        ["publish", "x", "--rate", "nan"],
        ["publish", "x", "--limit", "-1"], ["trace"], ["trace", ""], ["trace", "a\u{7}"], ["deliveries"],
        ["deliveries", "--order", "1", "--status", "SENT"], ["deliveries", "--status", "PENDING"],
        ["deliveries", "--email", "x"], ["deliveries", "--order", "1", "--limit", "0"],
        ["deliveries", "--order", "1", "--since", "2026-11-26"], ["deliveries", "--status", "SENT", "--since", "noon"],
        ["deliveries", "--status", "SENT", "--since", "2026-11-27", "--until", "2026-11-26"],
        ["deliveries", "--status", "SENT", "--csv", "--json"], ["deliveries", "--status", "SENT", "--no-header"],
        ["redrive"], ["redrive", "--queue", "mail"], ["redrive", "--queue", "orders", "--max", "0"],
        ["status", "--count-up-to", "0"],
        ["resend-copy", "1", "--to", "a@b.example"], ["resend-copy", "1", "--reason", "x"],
        ["resend-copy", "1", "--to", "a@b.example", "--reason", " "],
        ["resend-copy", "1", "--to", "nobody", "--reason", "x"],
        ["resend-copy", "1", "--to", "a@b.example", "--reason", "x", "--wait", "0"],
        ["render"], ["render", "x", "--text", "--json"], ["nonsense"],
    ])
    func theseAreWrongUsage(_ arguments: [String]) {
        let error = #expect(throws: (any Error).self) { try Waybill.parseAsRoot(arguments) }
        #expect(error.map { Waybill.exitCode(for: $0) } == .validationFailure)
    }

    @Test func aWorkerThatListensEverywhereIsAskedHere() {
        #expect(HealthCommand.url(host: "0.0.0.0", port: 8080, live: false) == "http://127.0.0.1:8080/readyz")
        #expect(HealthCommand.url(host: "10.0.0.7", port: 9, live: true) == "http://10.0.0.7:9/livez")
    }

    @Test func aTopicIsNamedBesideItsQueue() {
        #expect(
            TopicARN.topic(named: "orders", besideQueue: "arn:aws-cn:sqs:cn-north-1:123456789012:q")
                == "arn:aws-cn:sns:cn-north-1:123456789012:orders"
        )
        #expect(TopicARN.topic(named: "orders", besideQueue: "not an arn") == nil)
    }

    @Test func aFileIsReadToItsEnd() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "waybill-\(UUID().uuidString)").path
        let text = (1...20_000).map { "line \($0)" }.joined(separator: "\n")
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        defer { _ = unsafe unlink(path) }
        let input = try FileInput(path: path)
        var lines: [InputLine] = []
        while let chunk = try await input.next() { lines += chunk.lines }
        #expect(lines.map(\.number) == Array(1...20_000))
        #expect(lines.last.map { String(decoding: $0.bytes, as: UTF8.self) } == "line 20000")
        #expect(try await FileInput(path: path).readAll(limit: 1 << 20) == Array(text.utf8))
        let tooLarge = await #expect(throws: CommandFailure.self) { try await FileInput(path: path).readAll(limit: 9) }
        #expect(tooLarge?.exit == .failed)
    }

    @Test func aFileThatIsNotThereIsWrongUsageAndAFolderCannotBeRead() async throws {
        let missing = #expect(throws: CommandFailure.self) { try FileInput(path: "/no/such/file") }
        #expect(missing == CommandFailure(.usage, "/no/such/file: No such file or directory"))
        let folder = await #expect(throws: CommandFailure.self) { try await FileInput(path: "/tmp").next() }
        #expect(folder == CommandFailure(.failed, "/tmp: Is a directory"))
    }
}
