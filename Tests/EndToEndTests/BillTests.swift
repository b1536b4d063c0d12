import Foundation
import Testing

extension EndToEnd {
    /// What workers say that they used against what the local AWS would bill.
    @Suite(.serialized)
    struct Bills {
        private static let count = 60

        @Test
        func theMetersOfTheWorkersAreTheBillAndTheirLastCountsGoOutBeforeTheyEnd() async throws {
            let settings = TestCluster.Settings(workerVariables: ["WAYBILL_METRICS": "cloudwatch"])
            try await withCluster(settings) { cluster in
                // What `setup` asked; `publish` tells what it used, as workers do.
                let beginning = try await cluster.control.bill()
                try await cluster.publish(lines: (1...Self.count).map { try SampleOrder("bill-\($0)").json() })
                // What `setup` and `publish` asked.
                let before = try await cluster.control.bill()
                let workers = try await cluster.startReadyWorkers(2)
                try await eventually(within: .seconds(60), every: .milliseconds(500), "all are finished") {
                    let finished = try await cluster.database.count("SELECT count(*) FROM waybill.history")
                    return finished == Self.count ? .met(()) : Observation.notYet("\(finished)")
                }
                // At a moment when nobody asks anything: the bill is the same before and after the meters are read.
                let bill = try await eventually(within: .seconds(60), every: .milliseconds(300), "the meters agree") {
                    let first = try await cluster.control.bill().merging(before) { $0 - $1 }.filter { $0.value != 0 }
                    var meters: [String: Int64] = [:]
                    for worker in workers { meters.merge(try await worker.meters()) { $0 + $1 } }
                    let second = try await cluster.control.bill().merging(before) { $0 - $1 }.filter { $0.value != 0 }
                    guard first == second else { return Observation<[String: Int64]>.notYet("work goes on") }
                    return meters == first ? .met(first) : .notYet(Self.difference(meters, first))
                }
                try #require(bill["ses.recipients of "] == Int64(Self.count) * 1000)
                // Send, and what became of it: SES publishes, and the workers count what arrives.
                let events = "sns.requests of ses-feedback-\(cluster.name)"
                try #require(bill[events, default: 0] >= Int64(Self.count) * 2000)
                let table = "dynamodb.write-units of email-deliveries-\(cluster.name)"
                try #require(bill[table, default: 0] >= Int64(Self.count) * 3000, "a claim and two facts each")
                try #require(bill["\(table)/byEmail", default: 0] >= Int64(Self.count) * 1000)

                // Within the first minute nothing was put. All of it goes with the last breath, once for each.
                let puts = "cloudwatch.requests of Waybill"
                let early = try await cluster.control.bill()[puts, default: 0]
                for worker in workers { worker.process.send(signal: 15) }
                for worker in workers { try #require(try await worker.process.exit(within: .seconds(28)) == .success) }
                let end = try await cluster.control.bill()
                try #require(end[puts] == early + 2000)
                try await requireTold(end.merging(beginning) { $0 - $1 }.filter { $0.value != 0 }, in: cluster)
                try cluster.requireNoErrorLogged()
            }
        }

        /// The database has what was billed, to the last request. Of a long poll that a worker gave up when it ended nobody
        /// knows the answer: AWS may bill it and Waybill does not count it.
        private func requireTold(_ bill: [String: Int64], in cluster: TestCluster) async throws {
            let queues = bill.keys.filter { $0.hasPrefix("sqs.requests of ") }
            let rows = try await cluster.database.rows(
                "SELECT meter || ' of ' || resource, sum(thousandths) FROM waybill.usage_hourly GROUP BY 1"
            )
            let used = Dictionary(uniqueKeysWithValues: rows.map { ($0[0], Int64($0[1]) ?? 0) })
            let told = used.filter { key, _ in Self.byCall.contains { key.hasPrefix($0) } }
            let exact = { (use: [String: Int64]) in use.filter { !queues.contains($0.key) } }
            try #require(exact(told) == exact(bill), "\(Self.difference(told, bill))")
            for queue in queues {
                let missing = bill[queue, default: 0] - told[queue, default: 0]
                try #require((0...Self.mostPollsGivenUp * 1000).contains(missing), "\(queue): \(missing)")
            }
        }

        /// Two workers, two polls of each queue.
        private static let mostPollsGivenUp: Int64 = 4
        /// What each call tells; the rest of the table is what runs by the hour, and logs.
        private static let byCall = ["ses.recipients ", "dynamodb.", "sqs.", "sns.", "cloudwatch.requests "]

        private static func difference(_ meters: [String: Int64], _ bill: [String: Int64]) -> String {
            Set(meters.keys).union(bill.keys).filter { meters[$0] != bill[$0] }.sorted()
                .map { "\($0): metered \(meters[$0] ?? 0), billed \(bill[$0] ?? 0)" }.joined(separator: "; ")
        }
    }
}
