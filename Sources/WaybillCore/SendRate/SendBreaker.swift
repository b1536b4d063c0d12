/// Keeps workers from claiming while the account, its configuration or its quota is in the way: the jobs stay ready, use
/// up no attempt, and go when it closes.
package struct SendBreaker: Hashable, Sendable {
    private enum State: Hashable, Sendable {
        case closed
        /// Nobody sends until then; the reason is for the operator.
        case open(until: Duration, reason: MailerRefusal.Reason)
    }

    private var state = State.closed
    private let pause: Duration

    package init(pause: Duration) {
        self.pause = pause
    }

    /// Why sending is held back now, nil when it is not.
    package func reason(now: Duration) -> MailerRefusal.Reason? {
        guard case .open(let until, let reason) = state, now < until else { return nil }
        return reason
    }

    /// SES refused for a reason that the next email would meet as well. Returns whether the breaker was closed before.
    package mutating func refused(_ reason: MailerRefusal.Reason, now: Duration) -> Bool {
        switch reason {
        case .message, .throttled, .signatureExpired:
            return false
        case .quotaExceeded, .sendingPaused, .accountSuspended, .identityNotVerified, .notFound, .accessDenied:
            let wasClosed = self.reason(now: now) == nil
            state = .open(until: now + pause, reason: reason)
            return wasClosed
        }
    }

    package mutating func accepted() {
        state = .closed
    }
}
