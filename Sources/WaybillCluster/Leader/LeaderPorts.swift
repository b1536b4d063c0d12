package import WaybillCore
package import WaybillPorts

/// What the leader works with.
package struct LeaderPorts: Sendable {
    package var leadership: any LeadershipStore
    package var store: any JobStore & OperatorStore & FeedStore & DutyStore & SuppressionMirrorStore
    package var ledger: any DeliveryLedger
    package var rate: any SendRateSource
    /// Nil: the rate is the setting's alone.
    package var quota: (any QuotaSource)?
    /// Nil: the account's list is not read.
    package var suppressions: (any AccountSuppressionList)?
    /// The feedback queue, and where SQS and SNS put what they gave up.
    package var feedback: any MessageQueue
    package var deadLetters: [any MessageQueue]
    /// Nil: costs are not reckoned.
    package var costs: CostPorts?
    package var environment: any Environment

    package init(
        leadership: any LeadershipStore,
        store: any JobStore & OperatorStore & FeedStore & DutyStore & SuppressionMirrorStore,
        ledger: any DeliveryLedger,
        rate: any SendRateSource,
        quota: (any QuotaSource)?,
        suppressions: (any AccountSuppressionList)?,
        feedback: any MessageQueue,
        deadLetters: [any MessageQueue],
        costs: CostPorts? = nil,
        environment: any Environment
    ) {
        self.leadership = leadership
        self.store = store
        self.ledger = ledger
        self.rate = rate
        self.quota = quota
        self.suppressions = suppressions
        self.feedback = feedback
        self.deadLetters = deadLetters
        self.costs = costs
        self.environment = environment
    }
}

package struct LeaderSettings: Hashable, Sendable {
    package var timing: LeaseMachine.Timing
    /// How often jobs in doubt are judged.
    package var sweepInterval: Duration
    /// How long a duty that is due may wait at most.
    package var look: Duration
    /// How often costs are reckoned.
    package var costInterval: Duration
    /// How often SES is asked for its quota: it answers one request a second and account.
    package var quotaInterval: Duration
    /// The rate set when SES is not asked, and the upper bound when it is, in thousandths of an email a second.
    package var milliRate: Int64?
    package var burst: Int64
    /// How many days of finished jobs are kept.
    package var historyDays: Int

    package init(
        timing: LeaseMachine.Timing = LeaseMachine.Timing(),
        sweepInterval: Duration = .seconds(5),
        look: Duration = .seconds(1),
        costInterval: Duration = .seconds(60),
        quotaInterval: Duration = .seconds(60),
        milliRate: Int64?,
        burst: Int64 = 1,
        historyDays: Int = 30
    ) {
        self.timing = timing
        self.sweepInterval = sweepInterval
        self.look = look
        self.costInterval = costInterval
        self.quotaInterval = quotaInterval
        self.milliRate = milliRate
        self.burst = burst
        self.historyDays = historyDays
    }
}
