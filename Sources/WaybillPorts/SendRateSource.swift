package import WaybillCore

/// The cluster's send rate, and what holds sending back. Times are the store's own clock's.
package protocol SendRateSource: Sendable {
    /// Asks for up to `count` send slots, at least 1.
    func slots(_ count: Int, for worker: WorkerID) async throws(StoreError) -> SendSlots

    /// What SES answered, for everybody.
    func hear(_ news: SendNews, from worker: WorkerID) async throws(StoreError)

    /// Makes the cluster's row when there is none; limits that were set stay.
    func begin(_ limits: SendLimits) async throws(StoreError)

    /// What the account allows now; makes the cluster's row when there is none.
    /// Under a fence, nothing happens and the error is `.deposed` when its term is over.
    func update(_ limits: SendLimits, fence: LeaderFence?) async throws(StoreError)

    /// An operator's pause, until `resume`. False, and nothing happened, when it comes later than
    /// `SendControlMachine.latestPause` after `askedAt` of the store's clock: a late copy must not pause again what was
    /// resumed. Nil: whenever it comes.
    func pause(by name: String, reason: String, askedAt: Timestamp?) async throws(StoreError) -> Bool
    func resume() async throws(StoreError)

    /// Nil while no limits were ever set.
    func state() async throws(StoreError) -> SendControlState?
}

extension SendRateSource {
    package func update(_ limits: SendLimits) async throws(StoreError) { try await update(limits, fence: nil) }

    package func pause(by name: String, reason: String) async throws(StoreError) {
        _ = try await pause(by: name, reason: reason, askedAt: nil)
    }
}
