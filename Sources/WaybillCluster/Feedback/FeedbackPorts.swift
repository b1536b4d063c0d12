import WaybillCore
package import WaybillPorts

/// What the feedback processor works with.
package struct FeedbackPorts: Sendable {
    package var store: any JobStore & FeedStore & StatusNoticeStore
    package var ledger: any DeliveryLedger
    package var suppressions: any SuppressionStore
    package var quarantine: any QuarantineStore
    package var environment: any Environment
    package var clock: any WallClock
    /// Hears of each event and its kind; nil for nobody.
    package var meter: EventMeter?

    package init(
        store: any JobStore & FeedStore & StatusNoticeStore,
        ledger: any DeliveryLedger,
        suppressions: any SuppressionStore,
        quarantine: any QuarantineStore,
        environment: any Environment,
        clock: any WallClock,
        meter: EventMeter? = nil
    ) {
        self.store = store
        self.ledger = ledger
        self.suppressions = suppressions
        self.quarantine = quarantine
        self.environment = environment
        self.clock = clock
        self.meter = meter
    }
}

extension FeedbackPorts {
    /// No order has this id: whether there is a record does not matter, only that DynamoDB says so.
    private static let nobody = OrderID("waybill/reachable").map { DeliveryID(order: $0) }

    /// Database and record answer now.
    func areReached() async -> Bool {
        guard await store.answers(), let nobody = Self.nobody else { return false }
        do throws(LedgerError) {
            _ = try await ledger.read(nobody, now: clock.now())
            return true
        } catch {
            return false
        }
    }
}

extension JobStore {
    /// The database answers now.
    func answers() async -> Bool {
        do throws(StoreError) {
            _ = try await now()
            return true
        } catch {
            return false
        }
    }
}
