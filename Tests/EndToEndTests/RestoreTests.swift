import Foundation
import Testing

extension EndToEnd {
    /// PostgreSQL is taken back to a backup: it forgets jobs, finished work and epochs that DynamoDB remembers.
    @Suite(.serialized)
    struct Restores {
        /// With `waybill recover`, and without it, for an operator who did not notice.
        @Test(arguments: [true, false])
        func aDatabaseTakenBackSendsNothingTwiceAndLosesNothingThatIsPublishedAgain(recovers: Bool) async throws {
            var settings = TestCluster.Settings.forLoad(postgres: .init(), variables: ["WAYBILL_LEASE_SECONDS": "3"])
            settings.signatureValiditySeconds = 15
            settings.feedGraceSeconds = 5
            try await withCluster(settings) { cluster in
                let postgres = try #require(cluster.postgres)
                let workers = try await cluster.startReadyWorkers(2)
                let before = (1...40).map { SampleOrder("before-\($0)") }
                try await cluster.publish(lines: try before.map { try $0.json() })
                try await cluster.verdict(of: before.map(\.id), within: .seconds(60))
                try await postgres.backUp()

                let after = (1...150).map { SampleOrder("after-\($0)") }
                try await cluster.publish(lines: try after.map { try $0.json() })
                try await eventually(within: .seconds(30), every: .milliseconds(10), "half of them are sent") {
                    try await cluster.control.acceptances().total >= before.count + after.count / 2
                }
                for worker in workers { try await worker.process.killNow() }
                try await cluster.requireUnfinished(before.count + after.count)
                let epoch = try await cluster.epoch()
                try await postgres.crash()
                try await postgres.restore()
                try await postgres.start()
                let epochOfBackup = try await cluster.epoch()
                try #require(epochOfBackup < epoch)
                let remembered = "SELECT count(*) FROM waybill.jobs WHERE delivery LIKE '%/after-%'"
                try #require(try await cluster.database.count(remembered) == 0)

                try await cluster.startReadyWorkers(2)
                if recovers {
                    let output = try await cluster.run("recover", "--json", within: .seconds(180)).text
                    print("recover: \(output.prefix(300))")
                    let report = try JSONDecoder().decode(Report.self, from: Data(output.utf8))
                    // An epoch that was given out and never reached a record holds nobody up.
                    try #require(report.sending && report.highestEpoch > epochOfBackup)
                    try #require(try await cluster.epoch() >= report.highestEpoch)
                }
                try await cluster.publish(lines: try (before + after).map { try $0.json() })
                let account = try await cluster.verdict(of: (before + after).map(\.id), within: .seconds(90))
                print("epochs were at \(epoch), and are at \(try await cluster.epoch())")
                // Only what was on the wire when the workers were killed can be in doubt.
                try #require(account.orders("UNCONFIRMED").count <= 64)
            }
        }

        /// What `waybill recover --json` says that this test asks for.
        private struct Report: Decodable {
            var highestEpoch: Int
            var sending: Bool
        }
    }
}

extension TestCluster {
    /// The last epoch that was given out.
    func epoch() async throws -> Int { try await database.count("SELECT last_value FROM waybill.epochs") }
}
