import Foundation
import Testing

extension EndToEnd {
    @Suite(.serialized)
    struct Drains {
        private static let count = 150

        @Test
        func workersToldToEndUnderLoadHearTheirAnswersAndLeaveTheRestToOthers() async throws {
            // Answers that take a while keep requests on the wire at the moment of the signal.
            try await withCluster(.init(signatureValiditySeconds: 120, visibilitySeconds: 5)) { cluster in
                try await cluster.control.add(.everySendAnswersLate(by: .milliseconds(400)))
                let orders = (1...Self.count).map { SampleOrder("drain-\($0)") }
                let workers = try await cluster.startReadyWorkers(2)
                try await cluster.publish(lines: try orders.map { try $0.json() })
                try await eventually(within: .seconds(30), every: .milliseconds(10), "the workers are busy") {
                    let total = try await cluster.control.acceptances().total
                    return total >= 20 ? .met(()) : Observation.notYet("\(total)")
                }
                for worker in workers { worker.process.send(signal: 15) }
                for worker in workers { try #require(try await worker.process.exit(within: .seconds(28)) == .success) }

                // It was under load, and nothing that was on the wire is left open.
                let accepted = try await cluster.control.acceptances()
                try #require(accepted.total < Self.count, "all was sent before the signal: this run proves nothing")
                try #require(try await cluster.hotJobs().filter { $0.state != "ready" }.map(\.description) == [])
                let finished = try await cluster.database.count("SELECT count(*) FROM waybill.history")
                try #require(finished == accepted.total)

                try await cluster.startReadyWorkers(1)
                try await eventually(within: .seconds(60), every: .seconds(1), "all are delivered") {
                    let delivered = try await cluster.records("--status", "DELIVERED").count
                    return delivered == Self.count ? .met(()) : Observation<Void>.notYet("\(delivered)")
                }
                try await cluster.settles(within: .seconds(30))
                try await cluster.requireOneAcceptance(ofEach: orders.map(\.id))
                try cluster.requireNoErrorLogged()
            }
        }

        @Test
        func aWorkerThatAnOperatorDrainsUnderLoadEndsAsOneThatIsToldTo() async throws {
            try await withCluster(.init(signatureValiditySeconds: 120, visibilitySeconds: 5)) { cluster in
                try await cluster.control.add(.everySendAnswersLate(by: .milliseconds(400)))
                let orders = (1...Self.count).map { SampleOrder("drain-\($0 + 200)") }
                let workers = try await cluster.startReadyWorkers(2)
                try await cluster.publish(lines: try orders.map { try $0.json() })
                try await eventually(within: .seconds(30), every: .milliseconds(10), "the workers are busy") {
                    let total = try await cluster.control.acceptances().total
                    return total >= 20 ? .met(()) : Observation.notYet("\(total)")
                }
                let asked = workers[0].process
                let row = "SELECT id FROM admin.workers WHERE process_id = \(asked.pid)"
                try await cluster.database.execute("SELECT admin.drain((\(row))::text, 'a new kernel')")
                try #require(try await asked.exit(within: .seconds(15)) == .success)

                // The other sends the rest.
                try await eventually(within: .seconds(60), every: .seconds(1), "all are delivered") {
                    let delivered = try await cluster.records("--status", "DELIVERED").count
                    return delivered == Self.count ? .met(()) : Observation<Void>.notYet("\(delivered)")
                }
                let left = try await cluster.database.rows("SELECT process_id FROM admin.workers WHERE state = 'alive'")
                try #require(left == [["\(workers[1].process.pid)"]])
                try await cluster.settles(within: .seconds(30))
                try await cluster.requireOneAcceptance(ofEach: orders.map(\.id))
                try cluster.requireNoErrorLogged()
            }
        }

        @Test
        func whatAWorkerTellsOthersWhenItEndsIsOnlyWhatNobodyKnows() async throws {
            try await withCluster(.init(signatureValiditySeconds: 120, visibilitySeconds: 5)) { cluster in
                let orders = (1...Self.count).map { SampleOrder("drain-\($0 + 100)") }
                let lost = Set(stride(from: 0, to: Self.count, by: 10).map { orders[$0].id })
                try await cluster.control.add(lost.sorted().map { .sendAnswerIsLost(order: $0, times: 1) })
                try await cluster.control.add(.everySendAnswersLate(by: .milliseconds(400)))
                // They read no feedback, so that what is in doubt stays so.
                let workers = [
                    try await cluster.startWorker(roles: "ingest,send"),
                    try await cluster.startWorker(roles: "ingest,send"),
                ]
                for worker in workers { try await worker.becomesReady() }
                try await cluster.publish(lines: try orders.map { try $0.json() })
                try await eventually(within: .seconds(30), every: .milliseconds(10), "some outcomes are unknown") {
                    try await cluster.control.faultsThatStruck().dropLast().reduce(0, +) >= 3
                }
                let drain = try await duration {
                    for worker in workers { worker.process.send(signal: SIGTERM) }
                    for worker in workers {
                        try #require(try await worker.process.exit(within: .seconds(10)) == .success)
                    }
                }

                let accepted = try await cluster.control.acceptances()
                try #require(accepted.total < Self.count, "all was sent before the signal: this run proves nothing")
                let hot = try await cluster.hotJobs()
                let handedOver = hot.filter { $0.state != "ready" }
                let sentAndLost = lost.filter { accepted.count(ofOrder: $0) == 1 }
                try #require(handedOver.allSatisfy { $0.state == "in_doubt" }, "\(handedOver)")
                try #require(Set(handedOver.map(\.delivery)) == Set(sentAndLost.map { "order-confirmation/\($0)" }))
                print("drained in \(drain), \(handedOver.count) of \(accepted.total) emails handed over in doubt")

                try await cluster.control.clearFaults()
                try await cluster.startReadyWorkers(1)
                let account = try await cluster.verdict(of: orders.map(\.id), within: .seconds(60))
                try #require(account.orders("DELIVERED").count == Self.count)
            }
        }
    }
}
