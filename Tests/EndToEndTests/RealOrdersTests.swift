import Foundation
import Testing

extension EndToEnd {
    /// 500 purchases of the CDNOW sample, three workers.
    @Suite(.serialized)
    struct RealOrders {
        private static let count = 500

        @Test
        func everyOrderIsTrackedToTheEndItsAddressDemandsAndAcceptedOnce() async throws {
            try await withCluster { cluster in
                try await cluster.startReadyWorkers(3)
                let file = Checkout.folder.appendingPathComponent("ops/data/cdnow-sample.txt").path
                try await cluster.run("publish", "--cdnow", file, "--limit", "\(Self.count)")

                let records = try await Self.allAtTheirEnd(cluster)
                try Self.check(records)
                try await cluster.requireOneAcceptance(ofEach: Self.orders)
                try await cluster.settles(within: .seconds(20))
                let finished = "SELECT count(DISTINCT delivery) FROM waybill.history"
                try #require(try await cluster.database.count(finished) == Self.count)
                try #require(try await cluster.quarantine().isEmpty)
                try await Self.checkQueries(cluster, records)
                try cluster.requireNoErrorLogged()
            }
        }

        private static var orders: [String] { (1...count).map { "cdnow-\($0)" } }

        /// Waits until every order is at an end; the publisher's addresses lead to these three.
        private static func allAtTheirEnd(_ cluster: TestCluster) async throws -> [RecordAnswer] {
            // The witness is cheap to ask, the three lists are not.
            try await eventually(within: .seconds(90), "SES accepted \(count) emails") {
                let total = try await cluster.control.acceptances().total
                return total >= count ? .met(()) : Observation.notYet("\(total)")
            }
            return try await eventually(within: .seconds(60), every: .seconds(1), "\(count) orders are at an end") {
                var records: [RecordAnswer] = []
                for status in ["DELIVERED", "BOUNCED", "COMPLAINT"] {
                    records += try await cluster.records("--status", status)
                }
                return records.count >= count ? .met(records) : .notYet("\(records.count)")
            }
        }

        private static func check(_ records: [RecordAnswer]) throws {
            var verdict = Verdict()
            verdict.expect(records.map(\.order).sorted() == orders.sorted(), "other orders than those published")
            for record in records {
                let demanded = demandedStatus(of: record.email)
                verdict.expect(
                    record.status == demanded,
                    "\(record.order) to \(record.email) is \(record.status) and should be \(demanded)"
                )
                verdict.expect(record.messageId != nil, "\(record.order) has no message id")
                verdict.expect(record.facts["sent"] != nil, "\(record.order) has no fact sent")
            }
            for status in ["DELIVERED", "BOUNCED", "COMPLAINT"] {
                verdict.expect(records.contains { $0.status == status }, "no order is \(status)")
            }
            try verdict.hold()
        }

        /// What SES's mailbox simulator does with an address.
        private static func demandedStatus(of email: String) -> String {
            if email.hasPrefix("bounce") { return "BOUNCED" }
            if email.hasPrefix("complaint") { return "COMPLAINT" }
            return email.hasPrefix("success") ? "DELIVERED" : "an address of the mailbox simulator"
        }

        /// Each way to ask answers, for an order of each status.
        private static func checkQueries(_ cluster: TestCluster, _ records: [RecordAnswer]) async throws {
            for status in ["DELIVERED", "BOUNCED", "COMPLAINT"] {
                let sample = try #require(records.first { $0.status == status })
                try #require(try await cluster.record(ofOrder: sample.order)?.messageId == sample.messageId)
                let byEmail = try await cluster.records("--email", sample.email)
                let expected = records.filter { $0.email == sample.email }.map(\.order)
                try #require(byEmail.map(\.order).sorted() == expected.sorted())
                let trace = try await cluster.trace(sample.order)
                try #require(trace.deliveries.map(\.record?.status) == [status])
            }
            let status = try await cluster.run("status", "--json")
            try #require(try JSONSerialization.jsonObject(with: status.output) is [String: Any])
            for people in [["status"], ["trace", "cdnow-1"], ["deliveries", "--order", "cdnow-1"]] {
                try #require(try await cluster.runWhateverTheExit(people).text.isEmpty == false)
            }
            let unknown = try await cluster.runWhateverTheExit(["trace", "no-such-order"])
            try #require(unknown.exit == ChildProcess.Exit(code: 3, bySignal: false))
        }
    }
}
