import Foundation
import Testing

extension EndToEnd {
    /// A budget that the month has crossed: workers tell their use, the leader prices it, and operators hear of it through SNS.
    @Suite(.serialized)
    struct CostAlerts {
        private static let listener = "listener-costs"
        private static let count = 40

        @Test
        func aThresholdThatIsCrossedIsToldOnceWithinMinutesAlsoWhenTheLeaderIsKilled() async throws {
            // 40 emails at $0.16 a thousand are $0.0064, four fifths; what they use of SNS, SQS and DynamoDB is less than the rest.
            let settings = TestCluster.Settings(workerVariables: [
                "WAYBILL_BUDGET_DOLLARS": "0.008", "WAYBILL_FREE_TIER": "elsewhere", "WAYBILL_SES_PLAN": "essentials",
            ])
            try await withCluster(settings) { cluster in
                try await cluster.rawEvents.subscribe([Self.listener: "cost-alerts-\(cluster.name)"])
                let workers = try await cluster.startReadyWorkers(2)
                try await cluster.publish(lines: (1...Self.count).map { try SampleOrder("cost-\($0)").json() })
                let alerts = try await Self.hears(2, cluster)
                try #require(Set(alerts.map(\.threshold)) == ["actual-50", "actual-80"])
                try #require(alerts.allSatisfy { $0.type == "waybill.cost-alert.v1" && $0.id.hasSuffix($0.threshold) })
                let rows = "SELECT count(*) FROM admin.cost_alerts"
                try #require(try await cluster.database.count("\(rows) WHERE told_at IS NOT NULL") == 2)

                // Whoever leads next reckons the same, and says nothing of it again.
                let pid = try await cluster.database.count(
                    "SELECT w.process_id FROM waybill.leadership l JOIN waybill.workers w ON w.id = l.holder"
                )
                let leader = try #require(workers.first { Int($0.process.pid) == pid })
                leader.process.send(signal: 9)
                _ = try await leader.process.exit(within: .seconds(5))
                // The dead one's last reckoning, which only another can follow.
                let reckoned = "SELECT at FROM waybill.cost_status"
                let last = try await cluster.database.rows(reckoned)
                _ = try await eventually(within: .seconds(120), every: .milliseconds(500), "another leader reckons") {
                    try await cluster.database.rows(reckoned) != last ? .met(()) : Observation.notYet("\(last)")
                }
                // It tells after it has reckoned.
                try await lasts(.seconds(5))
                try #require(try await cluster.rawEvents.empty(Self.listener).isEmpty)
                try #require(try await cluster.database.count(rows) == 2)
            }
        }

        /// As docs/cost.md has it.
        private struct Alert: Decodable {
            let type: String
            let id: String
            let threshold: String
        }

        private static func hears(_ count: Int, _ cluster: TestCluster) async throws -> [Alert] {
            var alerts: [Alert] = []
            return try await eventually(within: .seconds(300), every: .milliseconds(500), "\(count) alerts come") {
                let bodies = try await cluster.rawEvents.empty(listener)
                alerts += try bodies.map { try JSONDecoder().decode(Alert.self, from: Data($0.utf8)) }
                return alerts.count >= count ? .met(alerts) : Observation<[Alert]>.notYet("\(alerts)")
            }
        }
    }
}
