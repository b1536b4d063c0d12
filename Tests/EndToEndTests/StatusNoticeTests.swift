import Foundation
import Testing

extension EndToEnd {
    /// WAYBILL_DELIVERY_STATUS=on: the shop is told what became of its emails.
    @Suite(.serialized)
    struct StatusNotices {
        private static let listener = "listener-status"

        @Test
        func aQueueOnTheStatusTopicHearsSentThenDeliveredUnderIdsThatRepeatsShare() async throws {
            let settings = TestCluster.Settings(variables: ["WAYBILL_DELIVERY_STATUS": "on"])
            try await withCluster(settings) { cluster in
                try await cluster.rawEvents.subscribe([Self.listener: cluster.statusTopic])
                let order = SampleOrder("told")
                try await cluster.startReadyWorkers(2)
                try await cluster.publish(lines: [order.json()])
                try await cluster.order(order.id, becomes: "DELIVERED", within: .seconds(30))

                let notices = try await Self.hears(2, cluster)
                try #require(notices.map(\.status) == ["SENT", "DELIVERED"])
                try #require(notices.map(\.id) == [30, 50].map { "order-confirmation/\(order.id)#\($0)" })
                try #require(notices.allSatisfy { $0.orderId == order.id && $0.kind == "order-confirmation" })
                try #require(try moment(notices[0].at) <= moment(notices[1].at))
                let email = try #require(try await cluster.control.emails().first)
                try #require(notices.map(\.messageId) == [email.messageId, email.messageId])

                // As when the worker died between SNS's answer and writing it down.
                try await cluster.database.execute(
                    "UPDATE waybill.status_notices SET published_at = NULL, next_at = clock_timestamp()"
                )
                try #require(try await Self.hears(2, cluster) == notices)
                try cluster.requireNoErrorLogged()
            }
        }

        /// A message of the topic, as `ops/schema/delivery-status.v1.json` has it.
        private struct Notice: Decodable, Equatable {
            let id: String
            let orderId: String
            let kind: String
            let status: String
            let rank: Int
            let at: String
            let messageId: String?
        }

        /// Waits until the listener's queue gave so many messages, and returns them by rank: SNS promises no order.
        private static func hears(_ count: Int, _ cluster: TestCluster) async throws -> [Notice] {
            var notices: [Notice] = []
            return try await eventually(within: .seconds(30), every: .milliseconds(300), "\(count) notices come") {
                let bodies = try await cluster.rawEvents.empty(listener)
                notices += try bodies.map { try JSONDecoder().decode(Notice.self, from: Data($0.utf8)) }
                let sorted = notices.sorted { $0.rank < $1.rank }
                return sorted.count >= count ? .met(sorted) : Observation<[Notice]>.notYet("\(sorted)")
            }
        }
    }
}
