/// Where a call on a connection is, and whether the server was asked to cancel it. A cancel request concerns whatever
/// the server is doing, so it is sent only for the first call of the line.
struct CallState: Sendable {
    enum Phase: Hashable, Sendable {
        /// Behind other calls. Becomes first or done.
        case waiting
        /// The server works on it. Becomes done.
        case first
        /// Its caller has the answer.
        case done
    }

    enum Reason: Hashable, Sendable {
        /// The waiting task was cancelled.
        case task
        /// It took longer than it may.
        case deadline
    }

    private(set) var phase = Phase.waiting
    /// Why it is to be cancelled; the first reason counts.
    private(set) var reason: Reason?

    /// True when a cancel request must be sent now. The deadline asks again although the task did: a request that
    /// overtook its statement had no effect.
    mutating func cancel(_ reason: Reason) -> Bool {
        let isNew = self.reason == nil || reason == .deadline
        self.reason = self.reason ?? reason
        return isNew && phase == .first
    }

    /// True when a cancel request must be sent now, because the call was cancelled while it waited.
    mutating func becomeFirst() -> Bool {
        phase = .first
        return reason != nil
    }

    mutating func finish() {
        phase = .done
    }
}
