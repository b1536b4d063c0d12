import WaybillCluster

/// What a batch of seeds must have gone through, or it shows too little.
package enum RarePath: String, Hashable, Sendable, CaseIterable {
    case ownClaimRecognised = "own claim recognised after a timeout"
    case lateSignatureAtSES = "late signature refused by SES"
    case doubtHeld = "in doubt, held as unconfirmed"
    case doubtResent = "in doubt, sent again after proof"
    case eventAfterUnconfirmed = "event after unconfirmed"
    case answerAfterUnconfirmed = "late answer after unconfirmed"
    case evidenceBeforeAnswer = "event before the answer"
    case leaseStolenWhileSending = "lease stolen while sending"
    case lateCompletionRefused = "late completion refused"
    case leaderChangedDuringSweep = "leader changed during a sweep"
    case leaderDeposed = "leader deposed"
    case bounceAfterDelivery = "bounce after delivery"
    case epochRegressed = "epoch regressed"
    case drainWithWorkInFlight = "drain with a request on the wire"
    case claimWithdrawn = "claim withdrawn"
    case claimRecalled = "claim of a job recalled"
    case jobsReaped = "jobs of a lost worker reaped"
    case slotDiscarded = "send slot discarded"
    case eventLost = "event lost"
    case conflict = "order in conflict"
    case killedAtWorst = "killed with an answer unread"
    case pausedAtWorst = "paused with an answer unread"
    case operatorResent = "operator sent again"
    case operatorReopened = "operator reopened a decision"
    case operatorCancelled = "operator cancelled"
    case databaseRestored = "database restored"
    case suppressed = "address suppressed"

    /// The path that a worker's own count shows.
    init?(_ outcome: Outcome) {
        switch outcome {
        case .ownClaimRecognised: self = .ownClaimRecognised
        case .evidenceBeforeAnswer: self = .evidenceBeforeAnswer
        case .lateCompletionRefused: self = .lateCompletionRefused
        case .leaderDeposed: self = .leaderDeposed
        case .epochRegressed: self = .epochRegressed
        case .claimWithdrawn: self = .claimWithdrawn
        case .claimsRecalled: self = .claimRecalled
        case .jobsReaped: self = .jobsReaped
        case .slotDiscarded: self = .slotDiscarded
        case .conflicts: self = .conflict
        case .suppressed: self = .suppressed
        default: return nil
        }
    }
}

extension RarePath {
    /// Whether a batch of seeds in this mode must have gone through it: some need time and faults that liveness leaves out.
    package func isExpected(in mode: Scenario.Mode) -> Bool {
        switch self {
        case .leaderChangedDuringSweep, .epochRegressed, .answerAfterUnconfirmed: mode == .safety
        default: true
        }
    }
}
