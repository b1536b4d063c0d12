import Testing

extension EndToEnd {
    /// SES has a suppression list of its own.
    @Suite(.serialized)
    struct Suppressions {
        @Test
        func withoutALeaderThatReadsItAnAddressOnTheAccountsListBouncesOnce() async throws {
            try await withCluster { cluster in
                let address = "zoe@shop.example"
                try await cluster.rawEvents.suppress(address)
                let first = SampleOrder("listed-first", email: address)
                let second = SampleOrder("listed-second", email: "ZOE@shop.example")
                for _ in 0..<2 {
                    let worker = try await cluster.startWorker(roles: "ingest,send,feedback")
                    try await worker.becomesReady()
                }
                try await cluster.publish(lines: [first.json()])
                try await cluster.order(first.id, becomes: "BOUNCED", within: .seconds(30))

                try await cluster.publish(lines: [second.json()])
                try await cluster.order(second.id, becomes: "SUPPRESSED", within: .seconds(30))
                try await cluster.verdict(of: [first.id, second.id], within: .seconds(30))
                try await cluster.requireOneAcceptance(ofEach: [first.id])
                try cluster.requireNoErrorLogged()
            }
        }

        @Test
        func theLeaderReadsTheAccountsListAndAnOperatorTakesAnAddressOffBoth() async throws {
            try await withCluster { cluster in
                let address = "Zoe@shop.example"
                try await cluster.rawEvents.suppress(address)
                let order = SampleOrder("listed", email: "zoe@SHOP.example")
                let other = SampleOrder("listed-too", email: "zoe@shop.example")
                try await cluster.startReadyWorkers(2)
                let read = "SELECT count(*) FROM admin.suppression_mirror WHERE last_full IS NOT NULL"
                try await eventually(within: .seconds(30), "the account's list is read") {
                    try await cluster.database.count(read) == 1
                }
                try await cluster.publish(lines: [order.json(), other.json()])
                try await cluster.order(order.id, becomes: "SUPPRESSED", within: .seconds(30))
                try await cluster.order(other.id, becomes: "SUPPRESSED", within: .seconds(30))
                let bounced = "on the SES account's list: BOUNCE"
                let reasons = "SELECT reason FROM admin.suppressions WHERE email = 'zoe@shop.example'"
                try #require(try await cluster.database.rows(reasons) == [[bounced]])
                try #require(try await cluster.control.acceptances().total == 0, "nothing went to SES")

                try await Self.ask("unsuppress", "ZOE@shop.example", cluster)
                try await Self.ask("retry", order.id, cluster)
                try await cluster.order(order.id, becomes: "DELIVERED", within: .seconds(30))
                // Kept back here, and wanted sent: only this one.
                try await cluster.database.execute("SELECT admin.suppress('zoe@shop.example', 'she asked')")
                try await Self.ask("retry", other.id, cluster)
                try await cluster.settles(within: .seconds(30))
                try #require(try await cluster.record(ofOrder: other.id)?.status == "SUPPRESSED")
                try await Self.ask("send_anyway", other.id, cluster)
                try await cluster.order(other.id, becomes: "DELIVERED", within: .seconds(30))
                try await cluster.requireOneAcceptance(ofEach: [order.id, other.id])
                try cluster.requireNoErrorLogged()
            }
        }

        /// Asks as an operator does, and waits until a worker has done it.
        private static func ask(_ what: String, _ about: String, _ cluster: TestCluster) async throws {
            let rows = try await cluster.database.rows("SELECT admin.\(what)('\(about)', 'a test')")
            let request = try #require(rows.first?.first)
            try await eventually(within: .seconds(30), "\(what) \(about) is performed") {
                let answer = try await cluster.database.rows(
                    "SELECT state, coalesce(outcome, '') FROM admin.requests WHERE id = \(request)"
                )
                if answer.first?.first == "refused" { throw UnexpectedAnswer("\(what) to be done", found: "\(answer)") }
                return answer.first?.first == "done"
            }
        }
    }
}
