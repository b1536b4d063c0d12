import Foundation
import Testing

extension EndToEnd {
    /// Workers with a wrong wall clock, which libfaketime gives them, beside one with the right one.
    @Suite(.serialized)
    struct Clocks {
        private static let count = 150

        @Test
        func workersWhoseClocksAreAnHourAheadAndAnHourBehindSendLikeTheOther() async throws {
            try await withCluster(.forLoad(variables: ["WAYBILL_CONCURRENCY": "4"])) { cluster in
                let ahead = try await cluster.startWorker(variables: try Self.fakeTime("FAKETIME", "+1h"))
                let behind = try await cluster.startWorker(variables: try Self.fakeTime("FAKETIME", "-1h"))
                for worker in [ahead, behind] { try await worker.becomesReady() }
                try await cluster.startReadyWorkers(1)
                let orders = try await cluster.underLoad(Self.count, named: "skewed") {}
                let account = try await cluster.verdict(of: orders, within: .seconds(60))
                try #require(account.orders("DELIVERED").count == Self.count)
                // The clocks really were an hour off, each worker did its part, and the records have AWS's time.
                let hours = [try await Self.end(ahead), try await Self.end(behind)]
                try #require(abs(hours[0] - 1) < 0.1 && abs(hours[1] + 1) < 0.1, "the clocks were \(hours) h ahead")
                // Under libfaketime the timers of the worker that is behind stand still (libdispatch's timerfd has the true
                // time), so it loses its lease and does what needs no timer: the other two send.
                try await Self.requireShare(ofEach: 2, in: cluster)
                try await Self.requireTrueTimes(cluster)
            }
        }

        @Test
        func aClockThatJumpsAnHourWhileItsWorkerIsBusyDelaysSomeEmails() async throws {
            try await withCluster(.forLoad(variables: ["WAYBILL_CONCURRENCY": "4"])) { cluster in
                let file = cluster.folder.appendingPathComponent("faketime")
                try Data("+0\n".utf8).write(to: file)
                var variables = try Self.fakeTime("FAKETIME_TIMESTAMP_FILE", file.path)
                variables["FAKETIME_NO_CACHE"] = "1"
                let skewed = try await cluster.startWorker(variables: variables)
                try await skewed.becomesReady()
                try await cluster.startReadyWorkers(1)
                let orders = try await cluster.underLoad(Self.count, named: "jumping") {
                    try Data("+1h\n".utf8).write(to: file)
                    try await lasts(.seconds(1))
                    try Data("-1h\n".utf8).write(to: file)
                }
                try await cluster.verdict(of: orders, within: .seconds(60))
                let hours = try await Self.end(skewed)
                try #require(abs(hours + 1) < 0.1, "its clock was \(hours) h ahead in the end")
                try await Self.requireShare(ofEach: 2, in: cluster)
                try await Self.requireTrueTimes(cluster)
            }
        }

        /// The environment of a process whose wall clock is off; its monotonic clock is left alone.
        private static func fakeTime(_ variable: String, _ value: String) throws -> [String: String] {
            let library = "/usr/lib/\(multiarch)/faketime/libfaketimeMT.so.1"
            guard FileManager.default.fileExists(atPath: library) else {
                throw Missing(what: library, remedy: "ops/install-dependencies installs it")
            }
            return ["LD_PRELOAD": library, "FAKETIME_DONT_FAKE_MONOTONIC": "1", variable: value]
        }

        private static var multiarch: String {
            #if arch(arm64)
                "aarch64-linux-gnu"
            #else
                "x86_64-linux-gnu"
            #endif
        }

        /// Ends the worker, removes what libfaketime leaves behind, and says by how many hours its clock was ahead, by the
        /// time of its last words.
        private static func end(_ worker: Worker) async throws -> Double {
            worker.process.send(signal: SIGTERM)
            try #require(try await worker.process.exit(within: .seconds(25)) == .success)
            let last = try #require(try worker.logLines().last?["time"])
            for name in ["faketime_shm_", "sem.faketime_sem_"] {
                let path = "/dev/shm/\(name)\(worker.process.pid)"
                if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
            }
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
