/// Deliberately wrong policies, for the simulation alone: each must be caught by it. No worker has one; only the simulation's
/// environment names one. Those that are a mistake of a store, of the network's client or of a setting are made there.
package enum Mutation: String, Hashable, Sendable, CaseIterable {
    /// A claim is given up after seconds, and the email sent again.
    case claimExpires = "claim-expires"
    /// The request is signed with the time at which it is sent, not with the claim's.
    case signedWhenSent = "signed-when-sent"
    /// The HTTP client posts again by itself when a connection ends without an answer.
    case clientPostsAgain = "client-posts-again"
    /// A 200 is no evidence any more once the record is UNCONFIRMED.
    case lateAnswerRefused = "late-answer-refused"
    /// Silence is taken for proof when the time is over.
    case resentByTimeOnly = "resent-by-time-only"
    /// Silence is taken for proof though nothing shows that the feed is alive.
    case resentWithDeadFeed = "resent-with-dead-feed"
    /// A settlement names the job alone.
    case completionNotFenced = "completion-not-fenced"
    /// Workers that are gone are deleted and their jobs freed in one statement.
    case reaperInOneStatement = "reaper-in-one-statement"
    /// The lease is trusted for longer than the store grants it.
    case leaseTrustedPastEnd = "lease-trusted-past-end"
    /// Evidence is written whatever rank the record has.
    case rankIgnored = "rank-ignored"
    /// An event about an unknown delivery makes its record.
    case feedbackCreatesItem = "feedback-creates-item"
    /// A message is deleted as soon as it is received.
    case deletedBeforeDurable = "deleted-before-durable"
    /// A request without an answer is sent again.
    case sesRetriedOnReset = "ses-retried-on-reset"
    /// A send slot is used however late it is.
    case staleSlotUsed = "stale-slot-used"
    /// Emails whose claims took long leave together, in the slots of another time.
    case lateDeparture = "late-departure"
    /// The leader's effects do not ask for its term.
    case effectWithoutTerm = "effect-without-term"
    /// An address is suppressed only with the first receipt of its event.
    case suppressedFirstTimeOnly = "suppressed-first-time-only"
    /// T1 does not compare epochs.
    case epochNotCompared = "epoch-not-compared"
    /// T4 and T5 do not compare the attempt.
    case attemptNotCompared = "attempt-not-compared"
    /// Jobs whose claim was not answered are not looked for.
    case lostClaimsNotRecalled = "lost-claims-not-recalled"
    /// A lease goes on being renewed although no renewal is answered.
    case renewedUnanswered = "renewed-unanswered"
    /// A sweep waits for the record of each job, though none answers.
    case sweepGoesOn = "sweep-goes-on"
    /// A pause is obeyed however late it comes.
    case latePause = "late-pause"
    /// Whether the shutdown has begun is asked before the store is, and not after it.
    case claimedWhileDraining = "claimed-while-draining"
    /// A leader that alone cannot reach AWS keeps the leadership.
    case leaderStaysThoughUnable = "leader-stays-though-unable"
    /// A worker that could not use its probe asks for the next at once.
    case probeNotYielded = "probe-not-yielded"
    /// A worker that alone cannot reach DynamoDB takes as many jobs as ever.
    case jobsTakenWithoutLedger = "jobs-taken-without-ledger"
    /// A worker that alone cannot reach SES takes as many jobs as ever, and every probe.
    case reachOfSESNotLearnt = "reach-of-ses-not-learnt"
    /// Messages are received again although those before could not be handled.
    case receivedUnasked = "received-unasked"
    /// What an operator closed in doubt is sent again by a retry.
    case closedInDoubtRetried = "closed-in-doubt-retried"
    /// The sweep does not look at unconfirmed jobs again.
    case unconfirmedNotLookedAt = "unconfirmed-not-looked-at"
}
