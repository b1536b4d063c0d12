/// The times and limits of the delivery protocol. All are settings; each default has its reason beside it.
package struct DeliveryPolicy: Hashable, Sendable {
    /// V: after `signedAt + V` SES accepts the attempt's request no more. AWS errors name 5 and 15 minutes.
    package var signatureValidity: Duration
    /// G: how long SES may take to publish a `Send` event.
    package var feedGrace: Duration
    /// What becomes of a delivery in doubt when its time is over.
    package var inDoubt: InDoubtMode
    /// `in-doubt = resend`: for how long the feed must be seen empty before silence counts as proof.
    package var feedDrain: Duration
    /// `in-doubt = resend`: how long after V + G that proof is waited for; then the delivery is UNCONFIRMED.
    package var feedPatience: Duration
    /// An order older than this, counted from its event's arrival or an operator's approval, is not simply sent; nil for
    /// no limit.
    package var maximumAge: Duration?
    package var staleOrders: StaleOrderMode
    /// How long DynamoDB keeps a record after its last claim. Never the window of deduplication: at least 90 days.
    package var retention: Duration
    /// How often an unanswered write is repeated before the machine turns to its way out.
    package var writeTries: Int
    /// The wait before the first repeat; doubles with every further one.
    package var writeBackoff: Duration
    /// How long a job waits after its request could not be written, or the record could not be reached.
    package var retryDelay: Duration
    /// How long a job waits after SES said that it is too fast.
    package var throttleDelay: Duration
    /// How long a job waits while the account or the configuration is in the way. The breaker keeps others away.
    package var blockedDelay: Duration

    package init(
        signatureValidity: Duration = .seconds(16 * 60),
        feedGrace: Duration = .seconds(15 * 60),
        inDoubt: InDoubtMode = .hold,
        feedDrain: Duration = .seconds(60),
        feedPatience: Duration = .seconds(15 * 60),
        maximumAge: Duration? = nil,
        staleOrders: StaleOrderMode = .hold,
        retention: Duration = .seconds(400 * 86_400),
        writeTries: Int = 4,
        writeBackoff: Duration = .milliseconds(200),
        retryDelay: Duration = .seconds(2),
        throttleDelay: Duration = .seconds(1),
        blockedDelay: Duration = .seconds(60)
    ) {
        self.signatureValidity = signatureValidity
        self.feedGrace = feedGrace
        self.inDoubt = inDoubt
        self.feedDrain = feedDrain
        self.feedPatience = feedPatience
        self.maximumAge = maximumAge
        self.staleOrders = staleOrders
        self.retention = retention
        self.writeTries = writeTries
        self.writeBackoff = writeBackoff
        self.retryDelay = retryDelay
        self.throttleDelay = throttleDelay
        self.blockedDelay = blockedDelay
    }

    /// When the sweep may judge an attempt that was signed then: V + G later.
    package func doubtEnds(signedAt: Timestamp) -> Timestamp {
        signedAt + signatureValidity + feedGrace
    }

    /// How long the job waits after a definite refusal that is not about its message.
    package func delay(after reason: MailerRefusal.Reason) -> Duration {
        switch reason {
        case .throttled: throttleDelay
        case .signatureExpired, .message: retryDelay
        case .quotaExceeded, .sendingPaused, .accountSuspended, .identityNotVerified, .notFound, .accessDenied:
            blockedDelay
        }
    }

    func backoff(tries: Int) -> Duration { writeBackoff * (1 << min(tries, 6)) }
}

/// T9: what becomes of a delivery that stays SENDING without evidence.
package enum InDoubtMode: String, Hashable, Sendable, CaseIterable {
    /// UNCONFIRMED: an operator decides. Needs no assumption.
    case hold
    /// A new attempt, once the feed is proven alive and drained; UNCONFIRMED when that proof does not come in time.
    case resend
}

/// What becomes of an order that is older than `maximumAge` when its email would be sent.
package enum StaleOrderMode: String, Hashable, Sendable, CaseIterable {
    /// The job is held until an operator releases or cancels it.
    case hold
    /// It is sent, and counted.
    case send
}
