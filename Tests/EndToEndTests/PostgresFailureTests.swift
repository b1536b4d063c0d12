import Foundation
import Testing

extension EndToEnd {
    /// PostgreSQL fails while two workers are busy.
    @Suite(.serialized)
    struct PostgresFailures {
        private static let count = 200

        @Test
        func aPostgresThatCrashesAndStartsAgainForgetsNothingAndNothingIsSentTwice() async throws {
            try await withCluster(.forLoad(postgres: .init())) { cluster in
                let postgres = try #require(cluster.postgres)
                try await cluster.startReadyWorkers(2)
                let orders = try await cluster.underLoad(Self.count, named: "crash") {
                    for _ in 1...(Extent.isFull ? 5 : 2) {
                        try await postgres.crash()
                        try await cluster.requireUnfinished(Self.count)
                        try await postgres.start()
                    }
                }
                let account = try await cluster.verdict(of: orders, within: .seconds(90))
                try #require(account.orders("DELIVERED").count == Self.count)
            }
        }

        @Test
        func connectionsKilledAgainAndAgainDelayWorkAndNothingElse() async throws {
            try await withCluster(.forLoad()) { cluster in
                try await cluster.startReadyWorkers(2)
                var killed = 0
                let orders = try await cluster.underLoad(Self.count, named: "terminate") {
                    for _ in 1...(Extent.isFull ? 20 : 5) {
                        // The harness's own connection is the one that asks.
                        killed += try await cluster.database.count(
                            """
                            SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                            WHERE datname = current_database() AND pid <> pg_backend_pid()
                            """
                        )
                        try await lasts(.milliseconds(300))
                    }
                    try await cluster.requireUnfinished(Self.count)
                }
                let account = try await cluster.verdict(of: orders, within: .seconds(90))
                try #require(account.orders("DELIVERED").count == Self.count)
                try #require(killed >= 5, "only \(killed) connections were killed")
                print("killed \(killed) connections")
            }
        }

        @Test
        func aFullDiskOfPostgresDelaysWorkUntilThereIsRoom() async throws {
            let settings = TestCluster.Settings.forLoad(postgres: .init(mebibytes: 160))
            try await withCluster(settings) { cluster in
                let postgres = try #require(cluster.postgres)
                try await cluster.startReadyWorkers(2)
                let orders = try await cluster.underLoad(Self.count, named: "full-disk") {
                    try await postgres.fillDisk()
                    // Rows that no disk has room for: the server says so itself, or is down for want of it.
                    await #expect(throws: CommandFailed.self) {
                        try await cluster.database.execute(
                            "CREATE TABLE ballast AS SELECT repeat('x', 1000) FROM generate_series(1, 200000)"
                        )
                    }
                    try await lasts(Extent.outage)
                    try await cluster.requireUnfinished(Self.count)
                    try await postgres.freeDisk()
                }
                let account = try await cluster.verdict(of: orders, within: .seconds(120))
                try #require(account.orders("DELIVERED").count == Self.count)
                print("server's complaints: \(try postgres.complaints("No space left on device"))")
            }
        }

        @Test
        func aSynchronousStandbyThatIsPromotedGoesOnWhereThePrimaryFell() async throws {
            try await withCluster(.forLoad(postgres: .init())) { cluster in
                let postgres = try #require(cluster.postgres)
                try await postgres.addStandby()
                try await cluster.startReadyWorkers(2)
                let orders = try await cluster.underLoad(Self.count, named: "failover") {
                    try await postgres.crash()
                    try await cluster.requireUnfinished(Self.count)
                    try await postgres.promoteStandby()
                }
                let account = try await cluster.verdict(of: orders, within: .seconds(90))
                try #require(account.orders("DELIVERED").count == Self.count)
                // It is the copy that answers.
                try #require(try await cluster.database.count("SELECT (pg_control_checkpoint()).timeline_id") == 2)
            }
        }
    }
}
