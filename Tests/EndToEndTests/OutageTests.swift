import Foundation
import Testing

extension EndToEnd {
    /// A service of AWS is away, or all of them, while two workers are busy.
    @Suite(.serialized)
    struct Outages {
        private static let count = 200

        @Test
        func dynamoDBThatThrottlesEverythingDelaysOrdersAndLosesNone() async throws {
            try await withCluster(.forLoad()) { cluster in
                try await cluster.startReadyWorkers(2)
                let orders = try await cluster.underLoad(Self.count, named: "throttled") {
                    try await cluster.control.add(.dynamoDBThrottles)
                    try await lasts(Extent.outage)
                    try await cluster.requireUnfinished(Self.count)
                    let struck = try await cluster.control.faultsThatStruck()[0]
                    try #require(struck > 0)
                    print("DynamoDB throttled \(struck) requests")
                    try await cluster.control.clearFaults()
                }
                let account = try await cluster.verdict(of: orders, within: .seconds(120))
                try #require(account.orders("DELIVERED").count == Self.count)
            }
        }

        @Test
        func sqsThatIsDownDelaysOrdersAndLosesNone() async throws {
            try await withCluster(.forLoad()) { cluster in
                try await cluster.startReadyWorkers(2)
                let orders = try await cluster.underLoad(Self.count, named: "no-sqs") {
                    try await cluster.control.set(["down": ["sqs"]])
                    try await lasts(Extent.outage)
                    try #require(try await cluster.control.requests("sqs", "ReceiveMessage", outcome: "503") > 0)
                    try await cluster.control.set(["down": [String]()])
                }
                let account = try await cluster.verdict(of: orders, within: .seconds(90))
                try #require(account.orders("DELIVERED").count == Self.count)
            }
        }

        @Test
        func anAWSThatGoesAndComesBackWithAllItAcknowledgedGetsNoOrderTwice() async throws {
            var settings = TestCluster.Settings.forLoad()
            settings.signatureValiditySeconds = 15
            settings.feedGraceSeconds = 5
            try await withCluster(settings) { cluster in
                let workers = try await cluster.startReadyWorkers(2)
                let orders = try await cluster.underLoad(Self.count, named: "restarted") {
                    try await cluster.aws.shutDown()
                    try await lasts(Extent.isFull ? .seconds(30) : .seconds(2))
                    try await cluster.aws.startAgain()
                    try await cluster.requireUnfinished(Self.count)
                }
                let account = try await cluster.verdict(of: orders, within: .seconds(90))
                // A request that was cut off before SES accepted it is in doubt for good: an operator decides. So is one
                // that was never written, when that could not be recorded in its time.
                let reasons = ["outcome of a send unknown, waiting for evidence", "email not written"]
                let doubts = try workers.flatMap { worker in try reasons.map { try worker.logged($0) } }.reduce(0, +)
                let unconfirmed = account.orders("UNCONFIRMED")
                try #require(unconfirmed.count <= doubts)
                try #require(unconfirmed.allSatisfy { account.accepted.count(ofOrder: $0) == 0 })
                try #require(account.orders("DELIVERED").count == Self.count - unconfirmed.count)
            }
        }

        @Test
        func aStormOf503FromSESLeavesFewEmailsInDoubt() async throws {
            var settings = TestCluster.Settings.forLoad()
            settings.signatureValiditySeconds = 15
            settings.feedGraceSeconds = 5
            try await withCluster(settings) { cluster in
                try await cluster.startReadyWorkers(2)
                let orders = try await cluster.underLoad(Self.count, named: "storm") {
                    try await cluster.control.add(.sesUnavailable(probability: 1))
                    try await lasts(Extent.outage)
                    try await cluster.requireUnfinished(Self.count)
                    try await cluster.control.clearFaults()
                }
                let account = try await cluster.verdict(of: orders, within: .seconds(120))
                let unknown = try await cluster.control.requests("ses", "SendEmail", outcome: "503")
                print("SES answered 503 to \(unknown) requests in \(Extent.outage)")
                // What both workers had in hand when the breaker opened, and its probes. Without it each order would be one.
                try #require((1...2 * 32 + 10).contains(unknown))
                try #require(account.orders("UNCONFIRMED").count <= unknown)
                try #require(account.orders("DELIVERED").count == Self.count - account.orders("UNCONFIRMED").count)
            }
        }
    }
}
