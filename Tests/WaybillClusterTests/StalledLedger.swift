import Synchronization
import WaybillCore
import WaybillPorts
import WaybillSimulation

/// A record whose claims are answered only when a moment has come, all at once, or each after the same while.
final class StalledLedger: DeliveryLedger {
    private let ledger: any DeliveryLedger
    private let environment: any Environment
    /// How long from now the next claim waits.
    private let wait: @Sendable (Duration) -> Duration
    private let records = Mutex<[Duration]>([])

    init(_ ledger: any DeliveryLedger, _ environment: any Environment, until end: Duration) {
        self.ledger = ledger
        self.environment = environment
        wait = { end - $0 }
    }

    init(_ ledger: any DeliveryLedger, _ environment: any Environment, claimsTake duration: Duration) {
        self.ledger = ledger
        self.environment = environment
        wait = { _ in duration }
    }

    /// When each acceptance was about to be recorded.
    var recordings: [Duration] { records.withLock { $0 } }

    func apply(
        _ transition: DeliveryTransition,
        to id: DeliveryID,
        now: Timestamp,
        signedAt: Timestamp?
    ) async throws(LedgerError) -> LedgerOutcome {
        switch transition {
        case .claim: await stall()
        case .record: records.withLock { $0.append(environment.monotonicNow()) }
        default: break
        }
        return try await ledger.apply(transition, to: id, now: now, signedAt: signedAt)
    }

    private func stall() async {
        do {
            try await environment.sleep(for: max(.zero, wait(environment.monotonicNow())))
        } catch {
            // The worker was cancelled: the write goes through all the same.
        }
    }

    func read(_ id: DeliveryID, now: Timestamp) async throws(LedgerError) -> DeliveryRecord? {
        try await ledger.read(id, now: now)
    }

    func query(_ query: LedgerQuery) async throws(LedgerError) -> LedgerPage { try await ledger.query(query) }

    func scan(_ scan: LedgerScan) async throws(LedgerError) -> LedgerPage { try await ledger.scan(scan) }
}
