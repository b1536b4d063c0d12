package import WaybillCore

/// Who leads: one row per role. Times are the store's own clock's.
package protocol LeadershipStore: Sendable {
    /// Stands for a role, or renews what is held, for `lease` from the store's now. The fence of the term that `holder`
    /// leads now, nil when another does.
    func campaign(role: String, holder: WorkerID, lease: Duration) async throws(StoreError) -> LeaderFence?

    /// Ends the term; nothing when it is over already.
    func resign(_ fence: LeaderFence) async throws(StoreError)
}

/// What the leader knows of the feed of SES events; `in-doubt = resend` rests on it.
package protocol FeedStore: Sendable {
    /// A Send event was applied for an email that SES accepted then; earlier times change nothing.
    func noteSend(acceptedAt: Timestamp) async throws(StoreError)

    /// One look at the queues, by the leader. `trouble` names what was not empty, nil when all was. Looks further than
    /// `gap` apart do not belong together.
    func noteRead(trouble: String?, gap: Duration, fence: LeaderFence) async throws(StoreError)

    func feed() async throws(StoreError) -> FeedState

    /// How much of the feedback queue's messages is in the quarantine.
    func quarantined(queue: String) async throws(StoreError) -> Int
}
