import Foundation
import Testing

extension EndToEnd {
    @Suite(.serialized)
    struct BadEvents {
        private struct Case {
            let what: String
            let body: String
            let code: String
            /// What the reason must name.
            let reason: String
        }

        @Test
        func whatCannotBeUsedIsQuarantinedWithItsReasonAndTheGoodOrdersGoThrough() async throws {
            try await withCluster { cluster in
                let cases = try Self.cases()
                let good = (1...6).map { SampleOrder("good-\($0)") }
                // Mixed, and all there before the worker starts, so that batches hold both.
                var bodies = cases.map(\.body)
                for (place, order) in good.enumerated() { bodies.insert(try order.json(), at: place * 2) }
                try await cluster.rawEvents.sendToQueue(cluster.ordersQueue, bodies)
                let worker = try await cluster.startReadyWorkers(1)[0]

                for order in good { try await cluster.order(order.id, becomes: "DELIVERED", within: .seconds(30)) }
                try await cluster.settles(within: .seconds(30))
                try Self.check(try await cluster.quarantine(), against: cases)
                try #require(try await cluster.trace("negative-quantity").quarantine.map(\.code) == ["invalid-order"])

                // The worker goes on, and a repeat of a bad event is counted, not kept twice.
                try #require(worker.process.ended == nil)
                let last = SampleOrder("after-the-bad-ones")
                try await cluster.rawEvents.sendToQueue(cluster.ordersQueue, [cases[0].body, try last.json()])
                try await cluster.order(last.id, becomes: "DELIVERED", within: .seconds(30))
                try await cluster.settles(within: .seconds(30))
                let rows = try await cluster.quarantine()
                try #require(rows.count == cases.count)
                try #require(rows.map(\.count).reduce(0, +) == cases.count + 1)
                try await cluster.requireOneAcceptance(ofEach: good.map(\.id) + [last.id])
            }
        }

        private static func cases() throws -> [Case] {
            let order = SampleOrder("template")
            func invalid(_ id: String, _ reason: String, _ change: (inout SampleOrder) -> Void) throws -> Case {
                let body = try SampleOrder(id).with(change).json()
                return Case(what: id, body: body, code: "invalid-order", reason: reason)
            }
            let large = order.with {
                $0.id = "large"
                $0.lineName = String(repeating: "x", count: 300_000)
            }
            return [
                Case(what: "cut off", body: #"{"orderId": "#, code: "order-not-json", reason: "found the end"),
                Case(what: "no JSON", body: "hello", code: "order-not-json", reason: "line 1"),
                Case(what: "300 KB", body: try large.json(), code: "order-too-large", reason: "bytes"),
                try invalid("quantity-is-text", "$.lines[0].quantity") { $0.quantity = "two" },
                try invalid("total-is-a-fraction", "$.total") { $0.total = 21.5 },
                try invalid("unknown-brand", "$.brand: expected one of the brands default") { $0.brand = "nobody" },
                try invalid("negative-quantity", "$.lines[0].quantity") { $0.quantity = -2 },
                try invalid("wrong-total", "$.total") { $0.total = "20.99" },
                try invalid("header-injection", "$.customer.email") {
                    $0.email = "success@simulator.amazonses.com\r\nBcc: victim@example.com"
                },
                try invalid("nul-in-the-name", "$.customer.name") { $0.name = "A.\u{0}Tester" },
                try invalid("nul-in-the-address", "$.customer.email") { $0.email = "success\u{0}@example.com" },
                try invalid("nul-in-the-\u{0}id", "$.orderId") { $0.name = "A. Tester" },
                Case(what: "an array", body: "[]", code: "invalid-order", reason: "$"),
            ]
        }

        private static func check(_ rows: [QuarantineRow], against cases: [Case]) throws {
            var verdict = Verdict()
            verdict.expect(rows.count == cases.count, "\(rows.count) rows for \(cases.count) bad events")
            for bad in cases {
                let row = rows.first { $0.body == Data(bad.body.utf8) }
                verdict.expect(row?.code == bad.code, "\(bad.what) is quarantined as \(row?.code ?? "nothing")")
                guard let row else { continue }
                verdict.expect(row.reason.contains(bad.reason), "\(bad.what) has the reason \(row.reason)")
            }
            try verdict.hold()
        }
    }
}
