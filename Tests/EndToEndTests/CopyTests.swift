import Foundation
import Testing

extension EndToEnd {
    /// `waybill resend-copy`: a second email, on purpose.
    @Suite(.serialized)
    struct Copies {
        private static let newAddress = "success+new-address@simulator.amazonses.com"
        private static let refused = ChildProcess.Exit(code: 1, bySignal: false)

        @Test
        func aCopyIsOneMoreEmailForARequestAndOnlyAfterTheEndOfTheFirst() async throws {
            try await withCluster { cluster in
                let order = SampleOrder("copied")
                let first = try await Self.inDoubt(order, cluster)
                let early = try await Self.ask(for: order, cluster)
                try #require(early.exit == Self.refused)
                let outcome = try Self.answer(early).outcome
                try #require(outcome.contains("SENDING"), "refused for another reason: \(outcome)")

                try await cluster.control.clearFaults()
                try await cluster.control.publish("Send", for: first)
                try await cluster.order(order.id, becomes: "SENT", within: .seconds(30))
                let asked = try await Self.ask(for: order, cluster)
                try #require(asked.exit == .success)
                try await Self.performAgain(try Self.answer(asked).request, cluster)
                try await cluster.settles(within: .seconds(30))

                let accepted = try await cluster.control.acceptances()
                try #require(accepted.count(of: "order-confirmation/\(order.id)") == 1)
                try #require(accepted.count(of: "order-confirmation~2/\(order.id)") == 1)
                try #require(accepted.total == 2, "\(accepted.total) emails")
                let recipients = try await cluster.control.emails().map(\.recipient)
                try #require(recipients == [order.email, Self.newAddress])
                try #require(try await cluster.records("--order", order.id).count == 2)
                try #require(try await cluster.quarantine().isEmpty)
            }
        }

        /// Has SES accept the order's email while neither the answer nor an event says so.
        private static func inDoubt(_ order: SampleOrder, _ cluster: TestCluster) async throws -> AcceptedEmail {
            try await cluster.control.add(.sendAnswerIsLost(order: order.id, times: 1), .eventsAreLost(order: order.id))
            try await cluster.startReadyWorkers(1)
            try await cluster.publish(lines: [order.json()])
            let email = try await eventually(within: .seconds(30), "SES accepts the order's email") {
                let emails = try await cluster.control.emails()
                return emails.first.map(Observation.met) ?? .notYet("none")
            }
            try await cluster.order(order.id, becomes: "SENDING", within: .seconds(30))
            return email
        }

        private static func ask(for order: SampleOrder, _ cluster: TestCluster) async throws -> CommandResult {
            try await cluster.runWhateverTheExit([
                "resend-copy", order.id, "--to", newAddress, "--reason", "deleted by mistake", "--json",
            ])
        }

        /// As when the worker died after it had made the copy and before it wrote that down.
        private static func performAgain(_ request: Int, _ cluster: TestCluster) async throws {
            let isDone = "SELECT count(*) FROM waybill.admin_requests WHERE id = \(request) AND state = 'done'"
            try #require(try await cluster.database.count(isDone) == 1)
            try await cluster.database.execute(
                """
                UPDATE waybill.admin_requests
                SET state = 'waiting', worker = NULL, taken_at = NULL, finished_at = NULL, outcome = NULL
                WHERE id = \(request)
                """
            )
            try await eventually(within: .seconds(30), "the request is performed again") {
                try await cluster.database.count(isDone) == 1
            }
        }

        /// What `waybill resend-copy --json` prints.
        private struct Answer: Decodable {
            let request: Int
            let outcome: String
        }

        private static func answer(_ result: CommandResult) throws -> Answer {
            try JSONDecoder().decode(Answer.self, from: result.output)
        }
    }
}
