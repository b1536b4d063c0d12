/// T9: what the sweep does with a job in doubt whose time has come. The time is the database's.
package struct InDoubtRule: Hashable, Sendable {
    package enum Action: Hashable, Sendable {
        case write(DeliveryTransition)
        case settle(InDoubtVerdict.Verdict)
    }

    private let policy: DeliveryPolicy
    private let proof: FeedProof

    private let mutation: Mutation?

    /// `mutation` is the simulation's alone.
    package init(policy: DeliveryPolicy, mutation: Mutation? = nil) {
        self.policy = policy
        self.mutation = mutation
        proof = FeedProof(policy: policy, mutation: mutation)
    }

    /// What the record, read just now, means for the job. `feed` was read before the record, so that evidence the feed
    /// had brought by then is in the record.
    package func judge(_ record: DeliveryRecord?, feed: FeedState, now: Timestamp) -> Action {
        // No record: the claim never came through, and nobody may send under it any more.
        guard let record else { return .settle(.ready) }
        switch record.status {
        case .pending: return .settle(.ready)
        case .sending: return judgeSending(record, feed: feed, now: now)
        case .unconfirmed:
            let lookAgain = now + wait(record, now: now)
            return .settle(.unconfirmed(reason: record.reason ?? Self.silence, lookAgain: lookAgain))
        case .failed, .suppressed, .closed, .sent, .delayed, .bouncedSoft, .delivered, .bouncedHard, .rejected,
            .complaint:
            return .settle(.finished(status: record.status.name, messageID: record.messageID))
        }
    }

    /// What the record's answer to `write` means for the job.
    package func judge(answer: LedgerOutcome, feed: FeedState, now: Timestamp) -> Action {
        switch answer {
        case .applied(_, let after): judge(after, feed: feed, now: now)
        case .refused(let record): judge(record, feed: feed, now: now)
        }
    }

    /// The first look at an unconfirmed delivery comes soon, because most races are over within a request's time.
    private static let shortestWait = Duration.seconds(60)
    /// So long may a job stay unconfirmed after its record moved on without a hint. 10,000 of them cost 3 reads a second.
    private static let longestWait = Duration.seconds(3600)

    /// As long as it has been unconfirmed: the looks become rare by themselves.
    private func wait(_ record: DeliveryRecord, now: Timestamp) -> Duration {
        guard let signedAt = record.signedAt else { return Self.longestWait }
        return min(Self.longestWait, max(Self.shortestWait, now - policy.doubtEnds(signedAt: signedAt)))
    }

    private static let silence = "no evidence came before the attempt's time was over"

    private func judgeSending(_ record: DeliveryRecord, feed: FeedState, now: Timestamp) -> Action {
        guard let attempt = record.attempt, let signedAt = record.signedAt else {
            preconditionFailure("the record of \(record.id) is SENDING without an attempt: T1 writes both at once")
        }
        let end = policy.doubtEnds(signedAt: signedAt)
        guard now >= end else { return .settle(.later(end)) }
        if mutation == .claimExpires || mutation == .resentByTimeOnly { return .write(.resend(attempt)) }
        switch policy.inDoubt {
        case .hold:
            return .write(.doubt(attempt, reason: Self.silence))
        case .resend:
            guard let missing = proof.missing(feed, signedAt: signedAt) else { return .write(.resend(attempt)) }
            guard now >= end + policy.feedPatience else { return .settle(.later(now + policy.feedDrain / 4)) }
            return .write(.doubt(attempt, reason: "\(Self.silence), and \(missing)"))
        }
    }
}
