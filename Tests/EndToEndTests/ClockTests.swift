import Foundation
import Testing

extension EndToEnd {
    /// Workers with a wrong wall clock, which `ops/clock` gives them, beside one with the right one.
    @Suite(.serialized)
    struct Clocks {
        private static let count = 150

        @Test
        func workersWhoseClocksAreAnHourAheadAndAnHourBehindSendLikeTheOther() async throws {
            try await withCluster(.forLoad(variables: ["WAYBILL_CONCURRENCY": "4"])) { cluster in
                let ahead = try await cluster.startWorker(variables: try Self.clock("SKEW_SECONDS", "3600"))
                let behind = try await cluster.startWorker(variables: try Self.clock("SKEW_SECONDS", "-3600"))
                for worker in [ahead, behind] { try await worker.becomesReady() }
                try await cluster.startReadyWorkers(1)
                let orders = try await cluster.underLoad(Self.count, named: "skewed") {}
                let account = try await cluster.verdict(of: orders, within: .seconds(60))
                try #require(account.orders("DELIVERED").count == Self.count)
                // The clocks really were an hour off, each worker did its part, and the records have AWS's time.
                let hours = [try await Self.end(ahead), try await Self.end(behind)]
                try #require(abs(hours[0] - 1) < 0.1 && abs(hours[1] + 1) < 0.1, "the clocks were \(hours) h ahead")
                try await Self.requireShare(ofEach: 3, in: cluster)
                try await Self.requireTrueTimes(cluster)
            }
        }

        @Test
        func aClockThatJumpsAnHourWhileItsWorkerIsBusyDelaysSomeEmails() async throws {
            try await withCluster(.forLoad(variables: ["WAYBILL_CONCURRENCY": "4"])) { cluster in
                let file = cluster.folder.appendingPathComponent("skew")
                try Data("0\n".utf8).write(to: file)
                let skewed = try await cluster.startWorker(variables: try Self.clock("SKEW_FILE", file.path))
                try await skewed.becomesReady()
                try await cluster.startReadyWorkers(1)
                let orders = try await cluster.underLoad(Self.count, named: "jumping") {
                    try Data("3600\n".utf8).write(to: file, options: .atomic)
                    try await lasts(.seconds(1))
                    try Data("-3600\n".utf8).write(to: file, options: .atomic)
                }
                try await cluster.verdict(of: orders, within: .seconds(60))
                let hours = try await Self.end(skewed)
                try #require(abs(hours + 1) < 0.1, "its clock was \(hours) h ahead in the end")
                try await Self.requireShare(ofEach: 2, in: cluster)
                try await Self.requireTrueTimes(cluster)
            }
        }

        /// The environment of a process whose wall clock is off; its timers and its monotonic clock are left alone.
        private static func clock(_ variable: String, _ value: String) throws -> [String: String] {
            guard let library = ProcessInfo.processInfo.environment["WAYBILL_TEST_CLOCK"] else {
                throw Missing(what: "WAYBILL_TEST_CLOCK", remedy: "run the tests under ops/with-servers")
            }
            return ["LD_PRELOAD": library, variable: value]
        }

        /// Ends the worker, and says by how many hours its clock was ahead, by the time of its last words.
        private static func end(_ worker: Worker) async throws -> Double {
            worker.process.send(signal: SIGTERM)
            try #require(try await worker.process.exit(within: .seconds(25)) == .success)
            let last = try #require(try worker.logLines().last?["time"])
            return try moment(last).timeIntervalSince(Date()) / 3600
        }

        private static func requireShare(ofEach workers: Int, in cluster: TestCluster) async throws {
            let query = "SELECT worker FROM waybill.history GROUP BY worker HAVING count(*) >= 10"
            try #require(try await cluster.database.rows(query).count >= workers, "one worker sent next to nothing")
        }

        /// No record bears a time that is off by more than minutes.
        private static func requireTrueTimes(_ cluster: TestCluster) async throws {
            var verdict = Verdict()
            for record in try await cluster.records("--status", "DELIVERED") {
                for text in [record.signedAt, record.updatedAt].compactMap({ $0 }) {
                    let age = -(try moment(text).timeIntervalSinceNow)
                    verdict.expect((-5...300).contains(age), "\(record.order) bears \(text), \(age) s ago")
                }
            }
            try verdict.hold()
        }
    }
}
