package import WaybillCore
package import WaybillPorts

/// What `waybill recover` does after a restore of either store: nothing is sent until every epoch is above those of the
/// records, the jobs that were lost are back, and the feed of events is drained.
package struct Recovery: Sendable {
    package typealias Store = JobStore & OperatorStore

    package struct Report: Hashable, Sendable {
        package var highestEpoch = Epoch(0)
        package var scan = RecordScan.Report()
        package var isSendingAgain = false
    }

    private let store: any Store
    private let ledger: any DeliveryLedger
    private let rate: any SendRateSource
    private let feed: any MessageQueue
    private let environment: any Environment
    private let policy: DeliveryPolicy

    package init(
        store: any Store,
        ledger: any DeliveryLedger,
        rate: any SendRateSource,
        feed: any MessageQueue,
        environment: any Environment,
        policy: DeliveryPolicy
    ) {
        self.store = store
        self.ledger = ledger
        self.rate = rate
        self.feed = feed
        self.environment = environment
        self.policy = policy
    }

    /// `note` hears what is going on. Sending stays paused when it throws, and when the feed is not drained in time.
    package func run(patience: Duration, note: (String) -> Void) async throws -> Report {
        var report = Report()
        // A database so old that no rate was ever set needs a row to pause.
        try await rate.begin(SendLimits(milliRate: 1000, burst: 1))
        // A copy of the request that is late must not pause again what this command has resumed meanwhile.
        let askedAt = try await store.now()
        guard try await rate.pause(by: "waybill recover", reason: "a store was restored", askedAt: askedAt) else {
            throw StoreError(.unavailable, "the pause came too late")
        }
        note("sending is paused")
        // What was granted before the pause is on its way for half a second, and its claim for the time of a request.
        try await environment.sleep(for: .seconds(2))
        let scan = RecordScan(store: store, ledger: ledger, policy: policy, minimumAge: .zero)
        report.highestEpoch = try await scan.highestEpoch()
        try await store.raiseEpochs(past: report.highestEpoch)
        note("epochs begin after \(report.highestEpoch)")
        report.scan = try await scan.repair()
        note("\(report.scan.putBack.count) jobs put back, \(report.scan.lost.count) records without an order here")
        note("waiting until the feed of events is seen empty for \(policy.feedDrain.wholeSeconds) s")
        guard try await isDrained(within: patience) else { return report }
        try await rate.resume()
        report.isSendingAgain = true
        return report
    }

    /// The feedback queue was empty at every look for `feedDrain`.
    private func isDrained(within patience: Duration) async throws -> Bool {
        let end = environment.monotonicNow() + patience
        var emptySince: Duration?
        while environment.monotonicNow() < end {
            let now = environment.monotonicNow()
            let depth = try await feed.depth()
            if depth.visible + depth.inFlight + depth.delayed > 0 {
                emptySince = nil
            } else if let since = emptySince {
                if now - since >= policy.feedDrain { return true }
            } else {
                emptySince = now
            }
            try await environment.sleep(for: policy.feedDrain / 6)
        }
        return false
    }
}
