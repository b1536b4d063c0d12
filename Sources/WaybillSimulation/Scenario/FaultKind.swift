/// What can go wrong in a world. Each seed has a random subset.
package enum FaultKind: String, Hashable, Sendable, CaseIterable, Comparable {
    /// kill -9 and a restart.
    case kills
    /// SIGTERM and a restart.
    case drains
    /// SIGSTOP for seconds.
    case pauses
    /// A process stands still for longer than its requests are valid.
    case longPauses = "long-pauses"
    /// All processes stand still at once.
    case outages
    /// Killed or paused with an answer that its code has not read.
    case worstMoments = "worst-moments"
    case clocks
    case lostRequests = "lost-requests"
    case lostAnswers = "lost-answers"
    case lateRequests = "late-requests"
    case partitions
    case slowness
    /// Connections cut, as by a promoted standby; and away for seconds.
    case databaseRestarts = "database-restarts"
    /// Claims that take longer than a lease to commit.
    case slowCommits = "slow-commits"
    /// An old backup is put back, and `recover` run.
    case databaseRestore = "database-restore"
    case ledgerThrottling = "ledger-throttling"
    case ledgerErrors = "ledger-errors"
    /// DynamoDB, SQS or SES away for seconds.
    case serviceOutages = "service-outages"
    /// SQS away for longer than V + G.
    case queueOutages = "queue-outages"
    case sesErrors = "ses-errors"
    case sesThrottling = "ses-throttling"
    /// Sending paused, the quota used up.
    case sesAccount = "ses-account"
    case refusedMessages = "refused-messages"
    case repeatedMessages = "repeated-messages"
    case lateMessages = "late-messages"
    case repeatedEvents = "repeated-events"
    case lateEvents = "late-events"
    case lostEvents = "lost-events"
    /// From some moment on no event is published any more.
    case feedDeath = "feed-death"
    /// Events about emails that are not ours.
    case foreignEvents = "foreign-events"
    /// Invalid orders, conflicts, orders published again.
    case badOrders = "bad-orders"
    case operators

    package static func < (left: FaultKind, right: FaultKind) -> Bool { left.rawValue < right.rawValue }
}
