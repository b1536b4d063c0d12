package import WaybillCore

/// Operators' requests, and the jobs' side of those about deliveries. Times are the store's own clock's.
package protocol OperatorStore: Sendable {
    /// Takes waiting requests for half a minute: fresh ones in order of their ids, then those of whose worker nothing was
    /// heard since, the one that was taken longest ago first. Returned by id.
    func takeRequests(worker: WorkerID, limit: Int) async throws(StoreError) -> [TakenRequest]

    /// Records what became of a request; in the same commit the message of a requeue that is done leaves the quarantine, so
    /// what it says must be durable by then. False, and nothing happens, when another worker has taken or finished the
    /// request meanwhile.
    func finishRequest(_ id: Int64, worker: WorkerID, result: OperatorResult) async throws(StoreError) -> Bool

    /// Makes a job that is unconfirmed, in doubt or held ready and approved; puts it back from the newest row of the
    /// history when none is hot. False when there is neither. A job that is ready or leased stays as it is, but for `anyway`.
    /// `anyway` says who wants this one email sent although its address is suppressed, and why; it stays with the job until
    /// its end. Under a fence, nothing happens and the error is `.deposed` when its term is over.
    func makeReady(
        _ delivery: DeliveryID,
        reason: String,
        anyway: String?,
        fence: LeaderFence?
    ) async throws(StoreError) -> Bool

    /// Moves an unconfirmed job, or one in doubt, to the history with this status. False when there is none.
    func finishUndecided(_ delivery: DeliveryID, status: String, reason: String) async throws(StoreError) -> Bool

    /// Leases the delivery's job if it is ready or held, with a new epoch; nil when it is not, or when the worker's lease
    /// is not live.
    func claim(_ delivery: DeliveryID, worker: WorkerID) async throws(StoreError) -> ClaimedJob?

    /// Puts a job in doubt that the store has lost, from the newest row of its history. False when there is a hot job or
    /// no history. Under a fence as above.
    func restoreInDoubt(
        _ delivery: DeliveryID,
        attempt: AttemptID,
        until: Timestamp,
        fence: LeaderFence?
    ) async throws(StoreError) -> Bool
}

extension OperatorStore {
    package func makeReady(_ delivery: DeliveryID, reason: String) async throws(StoreError) -> Bool {
        try await makeReady(delivery, reason: reason, anyway: nil, fence: nil)
    }

    package func restoreInDoubt(
        _ delivery: DeliveryID,
        attempt: AttemptID,
        until: Timestamp
    ) async throws(StoreError) -> Bool {
        try await restoreInDoubt(delivery, attempt: attempt, until: until, fence: nil)
    }
}
