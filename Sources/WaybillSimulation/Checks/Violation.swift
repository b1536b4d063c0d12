import WaybillCore

/// The invariants of DESIGN 2, and the promises that are checked beside them.
package enum Invariant: String, Hashable, Sendable, CaseIterable {
    /// Acceptances per delivery: one at most, and one more for each time an operator resends against the evidence.
    case I1
    /// Once faults cease every accepted order ends within a bound.
    case I2
    /// Only T1 to T13 happen, facts never vanish, and from SENT up a status never goes back.
    case I3
    /// Each SES request was preceded by its durable SENDING, one request per attempt.
    case I4
    /// SENT implies one acceptance with that message id.
    case I5
    /// What was accepted is a job, hot or in the history, or in the quarantine; a job in the history implies a record at its
    /// end.
    case I6
    /// Epochs and terms only rise, and what carries a smaller one is refused.
    case I7
    /// The record knows exactly the facts that were published.
    case I8
    /// Nothing stays SENDING longer than V + G and a sweep.
    case I9
    /// A slot of the send rate is used at its time or not at all, and never more of them than the rate allows.
    case I10
    /// After SIGTERM no new claim, and an end in time.
    case I11
    /// Metrics count an event once.
    case I12
    /// A message is deleted only after what it says is durable.
    case P2
    /// T2 only while the lease is trusted, which ends before others may take over.
    case P5
    /// A task goes on though it was cancelled.
    case deaf
}

/// What must not happen, and did.
package struct Violation: Hashable, Sendable, CustomStringConvertible {
    package var invariant: Invariant
    package var text: String
    /// True time since the world began.
    package var at: Duration

    package var description: String { "\(invariant.rawValue) at \(at.wholeMilliseconds) ms: \(text)" }
}
