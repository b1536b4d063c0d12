import Foundation
import Testing

extension EndToEnd {
    /// SIGKILL of workers that demonstrably stand at a certain point of the delivery protocol (DESIGN 2).
    @Suite(.serialized)
    struct Kills {
        /// Deliveries that a worker has in hand when it is killed.
        private static let inHand = 2
        /// Orders beyond those that meet a kill.
        private static let others = 10

        @Test(arguments: KillPoint.allCases)
        func workersKilledAtOnePointOfTheProtocolSendNothingTwiceAndForgetNothing(point: KillPoint) async throws {
            let settings = TestCluster.Settings(
                signatureValiditySeconds: 10,
                feedGraceSeconds: 5,
                workerVariables: ["WAYBILL_LEASE_SECONDS": "3"]
            )
            try await withCluster(settings) { cluster in
                let orders = (1...Extent.kills * Self.inHand + Self.others).map { SampleOrder("kill-\($0 + 100)") }
                // It takes the orders in and frees the jobs of the dead; it sends nothing.
                try await cluster.startWorker(roles: "ingest").becomesReady()
                try await cluster.publish(lines: try orders.map { try $0.json() })
                try await eventually(within: .seconds(30), "all orders are jobs") {
                    try await cluster.hotJobs().count == orders.count
                }

                try await cluster.control.add(point.faults(orders.map(\.id)))
                var met: Set<String> = []
                for _ in 1...Extent.kills { met.formUnion(try await Self.kill(at: point, in: cluster)) }
                try await cluster.control.clearFaults()
                try await cluster.startReadyWorkers(2)

                let account = try await cluster.verdict(of: orders.map(\.id), within: .seconds(90))
                // No claim is made twice, so every kill but those before T1 met other deliveries.
                try #require(point == .beforeT1 || met.count == Extent.kills * Self.inHand)
                // What was claimed and never sent cannot be told from what was sent and lost: an operator decides.
                let expected = point == .betweenT1AndT2 ? met : []
                try #require(Set(account.orders("UNCONFIRMED")) == expected)
                try #require(account.accepted.total == orders.count - expected.count)
                print("killed \(Extent.kills) workers \(point), \(met.count) deliveries met it")
            }
        }

        /// Starts a worker, kills it when everything that it has in hand stands at the point, and says which orders did.
        private static func kill(at point: KillPoint, in cluster: TestCluster) async throws -> [String] {
            let before = try await cluster.control.faultsThatStruck().reduce(0, +)
            let worker = try await cluster.startWorker(
                roles: "send",
                variables: ["WAYBILL_CONCURRENCY": "\(inHand)"]
            )
            try await eventually(within: .seconds(30), every: .milliseconds(20), "\(worker.name) stands \(point)") {
                let struck = try await cluster.control.faultsThatStruck().reduce(0, +) - before
                return struck >= inHand ? .met(()) : Observation<Void>.notYet("\(struck) deliveries")
            }
            let held = try await cluster.orders(heldBy: worker)
            try #require(held.count == inHand, "\(worker.name) holds \(held)")
            for order in held { try await point.check(order, in: cluster) }
            try #require(worker.process.ended == nil)
            try await worker.process.killNow()
            try #require(worker.process.ended == ChildProcess.Exit(code: SIGKILL, bySignal: true))
            return held
        }
    }
}

/// Where a worker is killed. The local AWS holds its request back at that point.
enum KillPoint: String, CaseIterable, CustomTestStringConvertible {
    case beforeT1, betweenT1AndT2, betweenT2AndT3, betweenT3AndT11

    var testDescription: String { rawValue }

    /// Keeps every delivery at the point. `template` is written by T1 alone, `messageId` by T3 and T7.
    func faults(_ orders: [String]) -> [Fault] {
        switch self {
        case .beforeT1:
            [.held(service: "dynamodb", operation: "UpdateItem", phase: "before", containing: "template")]
        case .betweenT1AndT2:
            // The first write of each record only: a later one is a claim that is refused.
            orders.map { .claimAnswersLate(by: .seconds(3600), order: $0) }
        case .betweenT2AndT3:
            [.held(service: "ses", operation: "SendEmail", phase: "after")]
        case .betweenT3AndT11:
            [.held(service: "dynamodb", operation: "UpdateItem", phase: "after", containing: "messageId")]
        }
    }

    /// The record and the witness say that this order's delivery stands at the point.
    func check(_ order: String, in cluster: TestCluster) async throws {
        let status = try await cluster.record(ofOrder: order)?.status
        let accepted = try await cluster.control.acceptances(of: order)
        switch self {
        case .beforeT1: try #require(status == nil && accepted == 0)
        case .betweenT1AndT2: try #require(status == "SENDING" && accepted == 0)
        case .betweenT2AndT3: try #require(status == "SENDING" && accepted == 1)
        case .betweenT3AndT11: try #require(status == "SENT" && accepted == 1)
        }
    }
}
