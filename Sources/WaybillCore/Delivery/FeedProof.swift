/// What is known of the feed of SES events. All but `lastSend` by the store's clock.
package struct FeedState: Hashable, Sendable {
    /// When SES accepted the newest email whose Send event was applied.
    package var lastSend: Timestamp?
    /// The first of the reads in a row that found the feed drained, and how many there were.
    package var emptySince: Timestamp?
    package var emptyReads: Int
    package var lastRead: Timestamp?
    /// What the last read found that was not empty.
    package var trouble: String?

    package init(
        lastSend: Timestamp? = nil,
        emptySince: Timestamp? = nil,
        emptyReads: Int = 0,
        lastRead: Timestamp? = nil,
        trouble: String? = nil
    ) {
        self.lastSend = lastSend
        self.emptySince = emptySince
        self.emptyReads = emptyReads
        self.lastRead = lastRead
        self.trouble = trouble
    }

    package mutating func noteSend(acceptedAt: Timestamp) {
        lastSend = max(lastSend ?? acceptedAt, acceptedAt)
    }

    /// A read in which anything was found ends the row; one that comes more than `gap` after the last begins it anew.
    package mutating func noteRead(trouble: String?, gap: Duration, now: Timestamp) {
        let isNext = lastRead.map { now - $0 <= gap } ?? false
        self.trouble = trouble
        lastRead = now
        if trouble != nil {
            emptySince = nil
            emptyReads = 0
        } else if isNext, let since = emptySince {
            emptySince = since
            emptyReads += 1
        } else {
            emptySince = now
            emptyReads = 1
        }
    }
}

/// DESIGN 2C: when silence about an attempt proves that SES did not accept it. Time alone is no proof: the event may lie
/// unread while every worker was paused. The feed must be shown alive and drained after the attempt's time was over.
package struct FeedProof: Hashable, Sendable {
    /// Reads that must have found the feed empty.
    package static let reads = 3

    private let policy: DeliveryPolicy
    private let mutation: Mutation?

    /// `mutation` is the simulation's alone.
    package init(policy: DeliveryPolicy, mutation: Mutation? = nil) {
        self.policy = policy
        self.mutation = mutation
    }

    /// What is missing, nil when the silence is proof.
    package func missing(_ feed: FeedState, signedAt: Timestamp) -> String? {
        if mutation != .resentWithDeadFeed, !isAlive(feed, signedAt: signedAt) {
            return "no Send event came of an email accepted after the attempt's time, so the feed is not proven alive"
        }
        if let trouble = feed.trouble { return "the feed is not drained: \(trouble)" }
        // Two reads of the row are at most half of `feedDrain` apart, so there were three since then.
        guard let since = feed.emptySince, let last = feed.lastRead, feed.emptyReads >= Self.reads,
            last - max(since, policy.doubtEnds(signedAt: signedAt)) >= policy.feedDrain
        else { return "the feed was not yet seen empty for \(policy.feedDrain.wholeSeconds) s after the grace" }
        return nil
    }

    private func isAlive(_ feed: FeedState, signedAt: Timestamp) -> Bool {
        feed.lastSend.map { $0 > signedAt + policy.signatureValidity } ?? false
    }
}
