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
        func aConditionThatDoesNotComeTrueEndsTheWaitAndSaysWhatItSaw() async throws {
            let error = await #expect(throws: ConditionNotMet.self) {
                try await eventually(within: .milliseconds(60), "never") { Observation<Void>.notYet("nothing") }
            }
            #expect(error?.lastSeen == "nothing")
        }
    }
}
