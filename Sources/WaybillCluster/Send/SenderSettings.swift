package import WaybillCore
package import WaybillPorts

/// The limits of the sender.
package struct SenderSettings: Hashable, Sendable {
    /// Deliveries in hand at once, from claim to settlement.
    package var concurrency: Int
    /// Jobs claimed in one statement.
    package var claimLimit: Int
    /// Without a hint, new jobs are looked for this often: polling is the truth, a hint only makes it earlier.
    package var pollInterval: Duration
    /// Where claims begin to look.
    package var look: ClaimLook.Timing
    /// How often jobs are looked for whose claim was committed and not answered. At once after a claim that failed; and
    /// now and then, because the server may still have been at work on that claim.
    package var recallInterval: Duration
    /// Settlements written in one commit.
    package var settleLimit: Int
    /// What the cluster may send as long as no leader has asked SES.
    package var firstLimits: SendLimits
    /// Who may be written to, in an environment that is not the real one.
    package var recipients: RecipientGuard

    package init(
        concurrency: Int = 32,
        claimLimit: Int = 100,
        pollInterval: Duration = .milliseconds(600),
        look: ClaimLook.Timing = ClaimLook.Timing(),
        recallInterval: Duration = .seconds(30),
        settleLimit: Int = 200,
        firstLimits: SendLimits = SendLimits(milliRate: 1000, burst: 1),
        recipients: RecipientGuard = RecipientGuard()
    ) {
        self.recipients = recipients
        self.concurrency = concurrency
        self.claimLimit = claimLimit
        self.pollInterval = pollInterval
        self.look = look
        self.recallInterval = recallInterval
        self.settleLimit = settleLimit
        self.firstLimits = firstLimits
    }
}

/// What the sender works with.
package struct SenderPorts: Sendable {
    package var store: any JobStore
    package var ledger: any DeliveryLedger
    package var mailer: any Mailer
    package var renderer: any EmailRenderer
    package var rate: any SendRateSource
    package var environment: any Environment
    package var clock: any WallClock

    package init(
        store: any JobStore,
        ledger: any DeliveryLedger,
        mailer: any Mailer,
        renderer: any EmailRenderer,
        rate: any SendRateSource,
        environment: any Environment,
        clock: any WallClock
    ) {
        self.store = store
        self.ledger = ledger
        self.mailer = mailer
        self.renderer = renderer
        self.rate = rate
        self.environment = environment
        self.clock = clock
    }
}
