import Testing

extension EndToEnd {
    /// What a worker does is what its roles say.
    @Suite(.serialized)
    struct Roles {
        private static let terms = "SELECT max(term) FROM waybill.leadership"
        private static let claims = "SELECT count(*) FROM waybill.queue WHERE epoch > 0"

        @Test
        func withoutARoleAWorkerDoesNothingOfIt() async throws {
            try await withCluster { cluster in
                let order = SampleOrder("by-roles")
                let receiver = try await cluster.startWorker(roles: "ingest,feedback")
                try await receiver.becomesReady()
                try await cluster.publish(lines: [order.json()])
                try await eventually(within: .seconds(30), "the order is a job") {
                    try await cluster.database.count("SELECT count(*) FROM waybill.jobs") == 1
                }
                // A sender would have claimed it within a second, and a leader stood within three.
                let age =
                    "SELECT count(*) FROM waybill.workers WHERE clock_timestamp() > started_at + interval '8 seconds'"
                try await eventually(within: .seconds(30), "it has had the time") {
                    try await cluster.database.count(age) == 1
                }
                try #require(try await cluster.database.count(Self.claims) == 0, "claimed without the role send")
                try #require(try await cluster.database.count(Self.terms) == 0, "led without the role leader")

                let sender = try await cluster.startWorker(roles: "send")
                try await sender.becomesReady()
                try await cluster.order(order.id, becomes: "DELIVERED", within: .seconds(30))
                try #require(try await cluster.database.count("SELECT count(*) FROM waybill.jobs") == 0)
                try #require(try await cluster.database.count(Self.terms) == 0, "led without the role leader")

                let leader = try await cluster.startWorker(roles: "leader")
                try await leader.becomesReady()
                try await eventually(within: .seconds(30), "the leader leads") {
                    try await cluster.database.count(Self.terms) == 1
                }
                let roles = """
                    SELECT array_to_string(w.roles, ',')
                    FROM waybill.leadership l JOIN waybill.workers w ON w.id = l.holder
                    """
                try #require(try await cluster.database.rows(roles) == [["leader"]])
            }
        }
    }
}
