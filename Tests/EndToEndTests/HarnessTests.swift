import Foundation
import Testing

extension EndToEnd {
    /// The harness itself: what it starts is there, and is gone afterwards.
    @Suite(.serialized)
    struct Harness {
        private struct Deliberate: Error {}

        @Test
        func aClusterHasADatabaseAndALocalAWSOfItsOwnAndLeavesNothingBehindWhenItsTestThrows() async throws {
            var seen: TestCluster?
            await #expect(throws: Deliberate.self) {
                try await withCluster(empty: true) { cluster in
                    seen = cluster
                    try #require(try await cluster.database.count("SELECT 1 + 1") == 2)
                    try #require(try await cluster.control.acceptances().total == 0)
                    throw Deliberate()
                }
            }
            let cluster = try #require(seen)
            await #expect(throws: CommandFailed.self) { try await cluster.database.count("SELECT 1") }
            await #expect(throws: URLError.self) { try await cluster.control.acceptances() }
            try FileManager.default.removeItem(at: cluster.folder)
        }

        @Test
        func aFaultThatTheLocalAWSDoesNotKnowFailsTheTest() async throws {
            try await withCluster(empty: true) { cluster in
                try await cluster.control.add(.sendAnswerIsLost(order: "a", times: 1), .eventsAreLost(order: "a"))
                try #require(try await cluster.control.faultsThatStruck() == [0, 0])
                await #expect(throws: UnexpectedAnswer.self) {
                    try await cluster.control.add(Fault(members: ["kind": "earthquake"]))
                }
            }
        }

        @Test
        func processesThatHaveEndedLeaveNoFileOpen() async throws {
            let folder = FileManager.default.temporaryDirectory.appending(path: "waybill-files-\(UUID())")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            for number in 1...3 {
                let child = try start("/bin/echo", ["here"], writingTo: folder.appending(path: "echo-\(number)"))
                try #require(try await child.exit(within: .seconds(10)) == .success)
            }
            let marker = folder.appendingPathExtension("open")
            try Data().write(to: marker)
            let held = try FileHandle(forReadingFrom: marker)
            let listed = folder.appending(path: "list")
            // It waits for the end of its input, so that it looks after its own files are closed too.
            let look = "cat; ls -l /proc/\(ProcessInfo.processInfo.processIdentifier)/fd"
            let list = try start("/bin/sh", ["-c", look], writingTo: listed, input: .heldOpen)
            try list.closeInput()
            try #require(try await list.exit(within: .seconds(10)) == .success)
            let open = try String(contentsOf: listed, encoding: .utf8)
            try held.close()
            // The list is this process's own, and whole.
            #expect(open.contains(marker.lastPathComponent))
            #expect(!open.contains("\(folder.lastPathComponent)/"))
            try FileManager.default.removeItem(at: marker)
            try FileManager.default.removeItem(at: folder)
        }

        private func start(
            _ program: String,
            _ arguments: [String],
            writingTo file: URL,
            input: ChildProcess.Input = .file(URL(filePath: "/etc/hostname"))
        ) throws -> ChildProcess {
            try ChildProcess(
                name: program,
                program: URL(filePath: program),
                arguments: arguments,
                environment: [:],
                folder: file.deletingLastPathComponent(),
                output: file,
                errors: file.appendingPathExtension("errors"),
                input: input
            )
        }

        @Test
        func aConditionThatDoesNotComeTrueEndsTheWaitAndSaysWhatItSaw() async throws {
            let error = await #expect(throws: ConditionNotMet.self) {
                try await eventually(within: .milliseconds(60), "never") { Observation<Void>.notYet("nothing") }
            }
            #expect(error?.lastSeen == "nothing")
        }
    }
}
