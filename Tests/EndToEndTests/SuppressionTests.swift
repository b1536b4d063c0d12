import Testing

extension EndToEnd {
    /// SES has a suppression list of its own, which Waybill learns of only by what bounces.
    @Suite(.serialized)
    struct Suppressions {
        @Test
        func anAddressOnTheAccountsListBouncesOnceAndIsNotWrittenToAgain() async throws {
            try await withCluster { cluster in
                let address = "zoe@shop.example"
                try await cluster.rawEvents.suppress(address)
                let first = SampleOrder("listed-first", email: address)
                let second = SampleOrder("listed-second", email: "ZOE@shop.example")
                try await cluster.startReadyWorkers(2)
                try await cluster.publish(lines: [first.json()])
                try await cluster.order(first.id, becomes: "BOUNCED", within: .seconds(30))

                try await cluster.publish(lines: [second.json()])
                try await cluster.order(second.id, becomes: "SUPPRESSED", within: .seconds(30))
                try await cluster.verdict(of: [first.id, second.id], within: .seconds(30))
                try await cluster.requireOneAcceptance(ofEach: [first.id])
                try cluster.requireNoErrorLogged()
            }
        }
    }
}
