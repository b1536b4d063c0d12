import Foundation

extension TestCluster.Settings {
    /// Slow enough that a fault of some seconds falls into the middle of the work: 25 emails a second and worker.
    static func forLoad(
        postgres: TestCluster.OwnPostgres? = nil,
        variables: [String: String] = [:]
    ) -> TestCluster.Settings {
        TestCluster.Settings(
            visibilitySeconds: 5,
            postgres: postgres,
            workerVariables: ["WAYBILL_SEND_RATE": "25", "WAYBILL_SEND_BURST": "5"].merging(variables) { $1 }
        )
    }
}

extension TestCluster {
    /// Publishes orders, lets something happen when the first ones are sent and many are not, publishes some more while it
    /// lasts, and returns all orders.
    func underLoad(_ count: Int, named name: String, _ fault: () async throws -> Void) async throws -> [String] {
        let orders = (1...count).map { SampleOrder("\(name)-\($0)") }
        let early = orders.prefix(count * 4 / 5)
        try await publish(lines: try early.map { try $0.json() })
        try await eventually(within: .seconds(30), every: .milliseconds(10), "the workers are busy") {
            let total = try await control.acceptances().total
            return total >= 15 ? .met(()) : Observation.notYet("\(total) emails")
        }
        try await fault()
        try await publish(lines: try orders.dropFirst(early.count).map { try $0.json() })
        return orders.map(\.id)
    }

    /// How many emails SES has accepted must be fewer than this: otherwise the fault came too late to prove anything.
    func requireUnfinished(_ count: Int) async throws {
        let total = try await control.acceptances().total
        try requireThat(total < count, "all was sent before the fault: this run proves nothing")
    }

    private func requireThat(_ isRight: Bool, _ complaint: String) throws {
        var verdict = Verdict()
        verdict.expect(isRight, complaint)
        try verdict.hold()
    }
}

/// Waits as long as a fault is to last.
func lasts(_ time: Duration) async throws {
    let end = ContinuousClock.now + time
    try await eventually(within: time + .seconds(10), "\(time) are over") { ContinuousClock.now >= end }
}
