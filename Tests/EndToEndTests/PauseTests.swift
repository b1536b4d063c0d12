import Foundation
import Testing

extension EndToEnd {
    /// A worker stands still between its claim and its request to SES, and wakes up when the world has gone on.
    @Suite(.serialized)
    struct Pauses {
        @Test
        func aWorkerThatWakesUpWithAnExpiredSignatureSendsUnderANewOne() async throws {
            // Its lease outlives the pause, so that nothing but the signature's age can stop it.
            let settings = TestCluster.Settings(
                signatureValiditySeconds: 5,
                workerVariables: ["WAYBILL_LEASE_SECONDS": "60"]
            )
            try await withCluster(settings) { cluster in
                let order = SampleOrder("paused-with-its-lease")
                let worker = try await Self.pauseWorker(after: order, in: cluster, roles: Worker.allRoles)
                try await Self.signatureExpires(of: order, in: cluster)
                worker.process.send(signal: SIGCONT)

                try await cluster.order(order.id, becomes: "DELIVERED", within: .seconds(60))
                try #require(try worker.logged("SES refused a late signature") == 1)
                try await cluster.settles(within: .seconds(30))
                try await cluster.requireOneAcceptance(ofEach: [order.id])
            }
        }

        @Test
        func aWorkerThatWakesUpAfterOthersTookOverSendsNothing() async throws {
            let settings = TestCluster.Settings(
                signatureValiditySeconds: 5,
                feedGraceSeconds: 3,
                workerVariables: ["WAYBILL_LEASE_SECONDS": "3"]
            )
            try await withCluster(settings) { cluster in
                let order = SampleOrder("paused-without-its-lease")
                let worker = try await Self.pauseWorker(after: order, in: cluster, roles: "ingest,send")
                try await cluster.startReadyWorkers(1)
                try await cluster.order(order.id, becomes: "UNCONFIRMED", within: .seconds(45))
                try #require(try await cluster.control.acceptances(of: order.id) == 0)
                worker.process.send(signal: SIGCONT)
                try await worker.becomesReady()

                // That it never wrote a byte is something it may still say, and then the order is sent after all; or nobody
                // knows, and an operator decides. It must not lie forgotten between the two.
                let next = SampleOrder("after-the-pause")
                try await cluster.publish(lines: [next.json()])
                try await cluster.order(next.id, becomes: "DELIVERED", within: .seconds(30))
                try await eventually(within: .seconds(30), every: .seconds(1), "the order is not forgotten") {
                    let status = try await cluster.record(ofOrder: order.id)?.status ?? "none"
                    let jobs = try await cluster.hotJobs().map(\.state)
                    let seen = [status] + jobs
                    let isRight = [["DELIVERED"], ["UNCONFIRMED", "unconfirmed"]].contains(seen)
                    return isRight ? Observation<Void>.met(()) : .notYet("\(seen)")
                }
                let accepted = try await cluster.control.acceptances()
                try #require(accepted.duplicates == [])
                try #require(accepted.count(ofOrder: next.id) == 1)
            }
        }

        @Test
        func aRequestThatWasOnItsWayWhenOthersTookTheJobIsRefusedForItsAge() async throws {
            let settings = TestCluster.Settings(
                signatureValiditySeconds: 6,
                feedGraceSeconds: 30,
                workerVariables: ["WAYBILL_LEASE_SECONDS": "3"]
            )
            try await withCluster(settings) { cluster in
                let order = SampleOrder("late-on-the-wire")
                let proxy = try await cluster.startProxy(to: try #require(cluster.aws.url.port), named: "wire-to-aws")
                try await proxy.trap("POST /v2/email/outbound-emails")
                let worker = try await cluster.startWorker(
                    roles: "ingest,send",
                    variables: ["AWS_ENDPOINT_URL": "http://127.0.0.1:\(proxy.port)"]
                )
                try await worker.becomesReady()
                try await cluster.publish(lines: [order.json()])
                try await eventually(within: .seconds(30), "its request to SES is on the wire") {
                    try await proxy.trapped == 1
                }
                worker.process.send(signal: SIGSTOP)
                try await cluster.startReadyWorkers(1)
                try await eventually(within: .seconds(20), "another worker took the job") {
                    try await cluster.hotJobs().map(\.state) == ["in_doubt"]
                }
                try await Self.signatureExpires(of: order, in: cluster)
                // SES gets the request and refuses it; only then does the worker wake up and hear of it.
                try await proxy.pass()
                try await eventually(within: .seconds(5), "SES refused the request") {
                    try await cluster.control.requests("ses", "SendEmail", outcome: "403") == 1
                }
                worker.process.send(signal: SIGCONT)
                try await eventually(within: .seconds(10), "the worker logs the refusal") {
                    try worker.logged("SES refused a late signature") == 1
                }

                let account = try await cluster.verdict(of: [order.id], within: .seconds(60))
                try #require(account.orders("DELIVERED") == [order.id])
                try await proxy.stop()
            }
        }

        /// Starts a worker, publishes the order, and stops the worker in the moment when its claim is recorded and it waits
        /// for the answer.
        private static func pauseWorker(
            after order: SampleOrder,
            in cluster: TestCluster,
            roles: String
        ) async throws -> Worker {
            try await cluster.control.add(.claimAnswersLate(by: .seconds(4), order: order.id))
            let worker = try await cluster.startWorker(roles: roles)
            try await worker.becomesReady()
            try await cluster.publish(lines: [order.json()])
            try await cluster.order(order.id, becomes: "SENDING", within: .seconds(30))
            worker.process.send(signal: SIGSTOP)
            let accepted = try await cluster.control.acceptances(of: order.id)
            try #require(accepted == 0, "the worker was faster than the test")
            return worker
        }

        private static func signatureExpires(of order: SampleOrder, in cluster: TestCluster) async throws {
            let record = try #require(try await cluster.record(ofOrder: order.id))
            let end = try moment(try #require(record.signedAt))
                .addingTimeInterval(TimeInterval(cluster.settings.signatureValiditySeconds) + 2)
            try await eventually(within: .seconds(30), "the signature has expired") { Date() > end }
        }
    }
}
