package import WaybillPorts

/// What the feedback processor works with.
package struct FeedbackPorts: Sendable {
    package var store: any JobStore & FeedStore & StatusNoticeStore
    package var ledger: any DeliveryLedger
    package var suppressions: any SuppressionStore
    package var quarantine: any QuarantineStore
    package var environment: any Environment
    package var clock: any WallClock

    package init(
        store: any JobStore & FeedStore & StatusNoticeStore,
        ledger: any DeliveryLedger,
        suppressions: any SuppressionStore,
        quarantine: any QuarantineStore,
        environment: any Environment,
        clock: any WallClock
    ) {
        self.store = store
        self.ledger = ledger
        self.suppressions = suppressions
        self.quarantine = quarantine
        self.environment = environment
        self.clock = clock
    }
}
