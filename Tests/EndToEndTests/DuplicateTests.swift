import Testing

extension EndToEnd {
    @Suite(.serialized)
    struct Duplicates {
        @Test
        func anOrderPublishedTenTimesAndAMessageDeliveredTwiceGiveOneEmail() async throws {
            try await withCluster { cluster in
                let order = SampleOrder("ten-times")
                let twice = SampleOrder("twice-in-sqs")
                try await cluster.publish(lines: Array(repeating: order.json(), count: 10))
                let message = try twice.json()
                try await cluster.rawEvents.sendToQueue(cluster.ordersQueue, [message, message])
                try await cluster.startReadyWorkers(2)
                try await cluster.order(order.id, becomes: "DELIVERED", within: .seconds(30))
                try await cluster.order(twice.id, becomes: "DELIVERED", within: .seconds(30))
                try await cluster.settles(within: .seconds(30))

                // Its job is in the history by now: only the delivery record knows it.
                try await cluster.rawEvents.sendToQueue(cluster.ordersQueue, [message])
                try await cluster.publish(lines: [order.json()])
                try await cluster.settles(within: .seconds(30))

                try await cluster.requireOneAcceptance(ofEach: [order.id, twice.id])
                try #require(try await cluster.quarantine().isEmpty)
            }
        }

        @Test
        func anotherOrderUnderAKnownIdIsQuarantinedAsAConflict() async throws {
            try await withCluster { cluster in
                let finished = SampleOrder("conflict-with-finished")
                let unsent = SampleOrder("conflict-with-unsent")
                try await cluster.publish(lines: [finished.json(), unsent.json(), Self.other(unsent).json()])
                try await cluster.startReadyWorkers(2)
                try await cluster.order(finished.id, becomes: "DELIVERED", within: .seconds(30))
                try await cluster.order(unsent.id, becomes: "DELIVERED", within: .seconds(30))
                try await cluster.settles(within: .seconds(30))
                try await cluster.publish(lines: [Self.other(finished).json()])

                let rows = try await eventually(within: .seconds(30), "two conflicts are quarantined") {
                    let rows = try await cluster.quarantine()
                    return rows.count >= 2 ? .met(rows) : Observation.notYet("\(rows)")
                }
                try #require(rows.map(\.code) == ["conflict", "conflict"])
                let deliveries = [unsent, finished].map { "order-confirmation/\($0.id)" }
                try #require(rows.map(\.delivery) == deliveries)
                try await cluster.settles(within: .seconds(30))
                try await cluster.requireOneAcceptance(ofEach: [finished.id, unsent.id])
                try #require(try await cluster.record(ofOrder: finished.id)?.email == finished.email)
                try #require(try await cluster.trace(finished.id).quarantine.map(\.code) == ["conflict"])
            }
        }

        /// The same id, with the address that the customer meant.
        private static func other(_ order: SampleOrder) -> SampleOrder {
            order.with { $0.email = "success+corrected@simulator.amazonses.com" }
        }
    }
}
