import Foundation
import Testing

extension EndToEnd {
    /// A worker dies between SES's acceptance and its record.
    @Suite(.serialized)
    struct Crashes {
        private static let sendsOnly = "ingest,send"

        @Test
        func aWorkerKilledBeforeItHearsTheAnswerLeavesAnEmailThatItsSendEventProves() async throws {
            let settings = TestCluster.Settings(workerVariables: ["WAYBILL_LEASE_SECONDS": "3"])
            try await withCluster(settings) { cluster in
                let order = SampleOrder("killed-before-the-answer")
                try await cluster.control.add(.sendAnswersLate(by: .seconds(120), order: order.id, times: 1))
                try await Self.killSender(of: order, in: cluster) {
                    try await cluster.control.acceptances(of: order.id) == 1
                }
                try #require(try await cluster.record(ofOrder: order.id)?.status == "SENDING")

                try await cluster.startReadyWorkers(1)
                let record = try await cluster.order(order.id, becomes: "DELIVERED", within: .seconds(30))
                try #require(record.facts["sent"] != nil)
                try #require(record.messageId != nil)
                try await cluster.settles(within: .seconds(30))
                try await cluster.requireOneAcceptance(ofEach: [order.id])
            }
        }

        @Test
        func aWorkerKilledAfterTheAnswerWasLostLeavesAnEmailThatItsSendEventProves() async throws {
            let settings = TestCluster.Settings(workerVariables: ["WAYBILL_LEASE_SECONDS": "3"])
            try await withCluster(settings) { cluster in
                let order = SampleOrder("killed-after-the-reset")
                try await cluster.control.add(.sendAnswerIsLost(order: order.id, times: 1))
                try await Self.killSender(of: order, in: cluster) {
                    try await cluster.hotJobs().contains { $0.state == "in_doubt" }
                }
                try #require(try await cluster.record(ofOrder: order.id)?.status == "SENDING")

                // Long before V + G: the event itself brings the job to its end.
                try await cluster.startReadyWorkers(1)
                try await cluster.order(order.id, becomes: "DELIVERED", within: .seconds(30))
                try await cluster.settles(within: .seconds(30))
                try await cluster.requireOneAcceptance(ofEach: [order.id])
            }
        }

        @Test
        func withItsEventsLostTooTheEmailIsUnconfirmedAndNeverSentAgain() async throws {
            let settings = TestCluster.Settings(
                signatureValiditySeconds: 5,
                feedGraceSeconds: 3,
                workerVariables: ["WAYBILL_LEASE_SECONDS": "3"]
            )
            try await withCluster(settings) { cluster in
                let order = SampleOrder("its-events-are-lost")
                try await cluster.control.add(
                    .sendAnswersLate(by: .seconds(120), order: order.id, times: 1),
                    .eventsAreLost(order: order.id)
                )
                try await Self.killSender(of: order, in: cluster) {
                    try await cluster.control.acceptances(of: order.id) == 1
                }
                try await cluster.startReadyWorkers(2)
                let record = try await cluster.order(order.id, becomes: "UNCONFIRMED", within: .seconds(45))
                let waited = try Self.secondsFromSigningToUpdate(of: record)
                try #require(waited >= 8, "UNCONFIRMED after \(waited) s, before V + G")

                // Other mail goes on, and this one stays for an operator to decide. The long poll of the worker that was killed
                // may still take the message, which then hides for the queue's visibility timeout.
                let next = SampleOrder("the-next-order")
                try await cluster.publish(lines: [next.json()])
                try await cluster.order(next.id, becomes: "DELIVERED", within: .seconds(150))
                try #require(try await cluster.record(ofOrder: order.id)?.status == "UNCONFIRMED")
                try #require(try await cluster.hotJobs().map(\.state) == ["unconfirmed"])
                try await cluster.requireOneAcceptance(ofEach: [order.id, next.id])
            }
        }

        /// Starts a worker that ingests and sends but reads no feedback, publishes the order, and kills the worker when the
        /// condition holds.
        private static func killSender(
            of order: SampleOrder,
            in cluster: TestCluster,
            when condition: () async throws -> Bool
        ) async throws {
            let worker = try await cluster.startWorker(roles: sendsOnly)
            try await worker.becomesReady()
            try await cluster.publish(lines: [order.json()])
            try await eventually(within: .seconds(30), "the moment to kill the worker", isTrue: condition)
            try await worker.process.killNow()
        }

        private static func secondsFromSigningToUpdate(of record: RecordAnswer) throws -> Double {
            let signedAt = try moment(try #require(record.signedAt))
            return try moment(record.updatedAt).timeIntervalSince(signedAt)
        }
    }
}
