/// The answer to a request for send slots.
package enum SendSlots: Hashable, Sendable {
    /// When each email may go, counted from the receipt of this answer, rising. At most as many as asked for; a probe is
    /// alone, and its outcome decides for everybody.
    case granted([Duration], isProbe: Bool)
    /// None now: ask again after this long, with jitter.
    case wait(Duration)
    /// Nobody sends. Ask again after this long, with jitter.
    case held(SendHold, Duration)

    /// A slot that is used later than this is given up: the cluster counts on it having gone. It is asked before the claim
    /// and after it: while the record stalls, emails collect behind it and would all leave at once.
    package static let latestUse = Duration.milliseconds(250)
}

/// Why the whole cluster does not send.
package struct SendHold: Hashable, Sendable {
    package enum Cause: String, Hashable, Sendable, CaseIterable {
        /// An operator said so.
        case paused
        /// Three sends of unknown outcome within ten seconds: one probe at a time until SES answers with a 200.
        case unknownOutcomes = "unknown-outcomes"
        case quotaExceeded = "quota-exceeded"
        case sendingPaused = "sending-paused"
        case accountSuspended = "account-suspended"
        case identityNotVerified = "identity-not-verified"
        case notFound = "not-found"
        case accessDenied = "access-denied"
    }

    package var cause: Cause
    /// Who and why, or what SES said.
    package var detail: String

    package init(_ cause: Cause, detail: String) {
        self.cause = cause
        self.detail = detail
    }
}

extension SendHold.Cause {
    /// Nil for a refusal that says nothing about the next email.
    package init?(_ reason: MailerRefusal.Reason) {
        switch reason {
        case .message, .throttled, .signatureExpired: return nil
        case .quotaExceeded: self = .quotaExceeded
        case .sendingPaused: self = .sendingPaused
        case .accountSuspended: self = .accountSuspended
        case .identityNotVerified: self = .identityNotVerified
        case .notFound: self = .notFound
        case .accessDenied: self = .accessDenied
        }
    }

    /// SES's GetAccount says when this is over.
    package var isAccountState: Bool {
        switch self {
        case .quotaExceeded, .sendingPaused, .accountSuspended: true
        case .paused, .unknownOutcomes, .identityNotVerified, .notFound, .accessDenied: false
        }
    }
}

/// What a worker tells the cluster about SES.
package enum SendNews: Hashable, Sendable {
    /// A 200: whatever held sending back is over, but for an operator's pause.
    case accepted
    /// 429: everybody slows down.
    case throttled
    /// T6: a timeout, a reset, a 5xx.
    case unknown
    /// Refused for a reason that the next email would meet as well.
    case blocked(SendHold.Cause, detail: String)
    /// The probe was not sent, or its answer says nothing: another may be.
    case unused
}

/// What the account allows, as SES's GetAccount or a setting says.
package struct SendLimits: Hashable, Sendable {
    /// Emails a second in thousandths, above 0: the account's rate times the headroom.
    package var milliRate: Int64
    /// How many may go at once after a quiet time, above 0.
    package var burst: Int64
    /// The account does not send at all.
    package var hold: SendHold?

    package init(milliRate: Int64, burst: Int64, hold: SendHold? = nil) {
        precondition(milliRate > 0 && burst > 0, "a send rate and its burst are above 0")
        self.milliRate = milliRate
        self.burst = burst
        self.hold = hold
    }
}

/// The cluster's send rate and what holds it back, for people.
package struct SendControlState: Hashable, Sendable {
    /// In force, in thousandths of an email a second.
    package var milliRate: Int64
    /// The rate set.
    package var limit: Int64
    /// An operator's upper bound.
    package var ceiling: Int64?
    package var burst: Int64
    package var hold: SendHold?
    package var heldSince: Timestamp?

    package init(
        milliRate: Int64,
        limit: Int64,
        ceiling: Int64?,
        burst: Int64,
        hold: SendHold?,
        heldSince: Timestamp?
    ) {
        self.milliRate = milliRate
        self.limit = limit
        self.ceiling = ceiling
        self.burst = burst
        self.hold = hold
        self.heldSince = heldSince
    }
}
