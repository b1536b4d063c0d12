import Foundation
import Testing

extension EndToEnd {
    /// Somebody else listens too: an accounting system to the orders, a data warehouse to SES's events.
    @Suite(.serialized)
    struct FanOut {
        private static let count = 30
        private static let orderListener = "listener-orders"
        private static let eventListener = "listener-events"

        @Test
        func aSecondQueueOnEachTopicReceivesEverythingAndChangesNothing() async throws {
            try await withCluster { cluster in
                try await cluster.rawEvents.subscribe([
                    Self.orderListener: cluster.ordersTopic, Self.eventListener: cluster.feedbackTopic,
                ])
                let orders = (1...Self.count).map { SampleOrder("fan-\($0)", email: Self.email($0)) }
                try await cluster.startReadyWorkers(2)
                try await cluster.publish(lines: try orders.map { try $0.json() })
                let account = try await cluster.verdict(of: orders.map(\.id), within: .seconds(60))

                try await cluster.requireOneAcceptance(ofEach: orders.map(\.id))
                try #require(account.orders("BOUNCED").count == Self.count / 10)
                try #require(account.orders("DELIVERED").count == Self.count - Self.count / 10)
                try #require(try await cluster.quarantine().isEmpty)
                try cluster.requireNoErrorLogged()
                try await Self.checkListeners(cluster, orders)
            }
        }

        /// Every tenth bounces, so that the feed is not all of one kind.
        private static func email(_ number: Int) -> String {
            number.isMultiple(of: 10)
                ? "bounce+\(number)@simulator.amazonses.com"
                : "success+\(number)@simulator.amazonses.com"
        }

        /// The listeners' queues hold what was published, nothing more and nothing less, although nobody emptied them.
        private static func checkListeners(_ cluster: TestCluster, _ orders: [SampleOrder]) async throws {
            let published = try await cluster.rawEvents.empty(orderListener).map { try member("orderId", of: $0) }
            try #require(published.sorted() == orders.map(\.id).sorted())
            let events = try await cluster.rawEvents.empty(eventListener).map { try member("eventType", of: $0) }
            let bounced = count / 10
            let expected = ["Send": count, "Delivery": count - bounced, "Bounce": bounced]
            try #require(Dictionary(grouping: events) { $0 }.mapValues(\.count) == expected)
        }

        private static func member(_ name: String, of body: String) throws -> String {
            let object = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
            return try #require(object?[name] as? String, "no \(name) in \(body)")
        }
    }
}
