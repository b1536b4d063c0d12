package import WaybillCore
package import WaybillPorts

/// Looks through the whole delivery record for deliveries that are not at an end and have no job: what a restore of the
/// database, or a crash between two writes, leaves. Their jobs are put back from the history; what has no history is
/// named, and comes back when its order is published again. Every step may be repeated, and beside running workers.
package struct RecordScan: Sendable {
    package struct Report: Hashable, Sendable {
        package var records = 0
        /// The highest epoch of any record.
        package var highestEpoch = Epoch(0)
        /// Deliveries whose job was put back.
        package var putBack: [DeliveryID] = []
        /// Deliveries that are SENDING or PENDING and whose order is not kept here.
        package var lost: [DeliveryID] = []

        package init() {}
    }

    private let store: any JobStore & OperatorStore
    private let ledger: any DeliveryLedger
    private let policy: DeliveryPolicy
    /// A record that was written so recently may be on its way.
    private let minimumAge: Duration
    /// The leader's term, or nil for `waybill recover`.
    private let fence: LeaderFence?

    package init(
        store: any JobStore & OperatorStore,
        ledger: any DeliveryLedger,
        policy: DeliveryPolicy,
        minimumAge: Duration,
        fence: LeaderFence? = nil
    ) {
        self.store = store
        self.ledger = ledger
        self.policy = policy
        self.minimumAge = minimumAge
        self.fence = fence
    }

    /// The highest epoch that any record carries. Read before anything is sent again.
    package func highestEpoch() async throws -> Epoch {
        var highest = Epoch(0)
        try await pages(openOnly: false) { record in highest = max(highest, record.epoch) }
        return highest
    }

    /// Puts back what has lost its job.
    package func repair() async throws -> Report {
        var report = Report()
        var open: [DeliveryRecord] = []
        try await pages(openOnly: true) { open.append($0) }
        let now = try await store.now()
        for record in open where now - record.updatedAt >= minimumAge {
            report.records += 1
            report.highestEpoch = max(report.highestEpoch, record.epoch)
            let job = try await store.snapshot(record.id)
            guard job == nil || job?.state == .finished else { continue }
            // The record may have moved on since its page was read; the job may have been finished because of that.
            guard let record = try await ledger.read(record.id, now: now) else { continue }
            switch record.status {
            case .pending:
                note(record.id, try await makeReady(record.id), in: &report)
            case .sending:
                note(record.id, try await restore(record), in: &report)
            default: continue
            }
        }
        return report
    }

    private static let reason = "its job was lost and put back"

    private func note(_ id: DeliveryID, _ isPutBack: Bool, in report: inout Report) {
        if isPutBack { report.putBack.append(id) } else { report.lost.append(id) }
    }

    private func makeReady(_ delivery: DeliveryID) async throws -> Bool {
        try await store.makeReady(delivery, reason: Self.reason, anyway: nil, fence: fence)
    }

    /// The sweep judges it when its attempt's time is over. Without an order here there is no job to wait for that, so
    /// the record is written at once when the time has come.
    private func restore(_ record: DeliveryRecord) async throws -> Bool {
        guard let attempt = record.attempt, let signedAt = record.signedAt else { return false }
        let end = policy.doubtEnds(signedAt: signedAt)
        // Under a fence that is over this throws, and nothing is written to the record either.
        if try await store.restoreInDoubt(record.id, attempt: attempt, until: end, fence: fence) { return true }
        let now = try await store.now()
        if now >= end {
            let doubt = DeliveryTransition.doubt(attempt, reason: "no evidence came, and its job was lost")
            _ = try await ledger.apply(doubt, to: record.id, now: now, signedAt: nil)
        }
        return false
    }

    private func pages(openOnly: Bool, _ body: (DeliveryRecord) -> Void) async throws {
        var scan = LedgerScan(openOnly: openOnly)
        while true {
            let page = try await ledger.scan(scan)
            for record in page.records { body(record) }
            guard let next = page.next else { return }
            scan.after = next
        }
    }
}
