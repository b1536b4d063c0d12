import Foundation
import Testing

extension EndToEnd {
    /// The wire between one of two workers and a server is cut. What that worker has sent arrives when the wire is whole
    /// again, late, and the other worker has gone on meanwhile.
    @Suite(.serialized)
    struct Partitions {
        private static let count = 250

        /// A lease that ends while the wire is cut, and times of the protocol that end within the test.
        private static var settings: TestCluster.Settings {
            var settings = TestCluster.Settings.forLoad(variables: ["WAYBILL_LEASE_SECONDS": "3"])
            settings.signatureValiditySeconds = 15
            settings.feedGraceSeconds = 5
            return settings
        }

        @Test
        func aWorkerCutOffFromPostgresLosesItsJobsToTheOtherAndSendsNoneOfThem() async throws {
            try await withCluster(Self.settings) { cluster in
                let proxy = try await cluster.startProxy(to: try cluster.database.port, named: "wire-to-postgres")
                let conninfo = try cluster.database.conninfo(throughPort: proxy.port)
                let cutOff = try await cluster.startWorker(variables: ["WAYBILL_POSTGRES": conninfo])
                try await cutOff.becomesReady()
                try await cluster.startReadyWorkers(1)
                let orders = try await cluster.underLoad(Self.count, named: "no-postgres") {
                    for cut in [FaultProxy.Cut.blackhole, .reset, .drop] {
                        try await proxy.set(cut)
                        // Until its lease is over and the other one has reaped it.
                        try await eventually(within: .seconds(20), "it is cut off from PostgreSQL (\(cut))") {
                            try await !cluster.isAlive(cutOff)
                        }
                        try await proxy.pass()
                        try await cutOff.becomesReady()
                    }
                }
                let account = try await cluster.verdict(of: orders, within: .seconds(90))
                print("UNCONFIRMED after the partitions from PostgreSQL: \(account.orders("UNCONFIRMED"))")
                try #require(try cutOff.logged("lease lost, a new incarnation follows") >= 1)
                try await proxy.stop()
            }
        }

        @Test
        func aWorkerCutOffFromAWSLeavesOnlyWhatNobodyCanKnowInDoubt() async throws {
            try await withCluster(Self.settings) { cluster in
                let port = try #require(cluster.aws.url.port)
                let proxy = try await cluster.startProxy(to: port, named: "wire-to-aws")
                let cutOff = try await cluster.startWorker(
                    variables: ["AWS_ENDPOINT_URL": "http://127.0.0.1:\(proxy.port)"]
                )
                try await cutOff.becomesReady()
                try await cluster.startReadyWorkers(1)
                let orders = try await cluster.underLoad(Self.count, named: "no-aws") {
                    // Longer than a request may take, shorter than its signature is good for.
                    try await proxy.set(.blackhole)
                    try await lasts(.seconds(12))
                    try await proxy.pass()
                    for cut in [FaultProxy.Cut.reset, .drop] {
                        try await proxy.set(cut)
                        try await lasts(.seconds(2))
                        try await proxy.pass()
                    }
                }
                let account = try await cluster.verdict(of: orders, within: .seconds(90))
                print("UNCONFIRMED after the partition from AWS: \(account.orders("UNCONFIRMED").count)")
                try await proxy.stop()
            }
        }
    }
}
