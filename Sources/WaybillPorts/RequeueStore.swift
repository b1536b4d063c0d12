package import WaybillCore

/// Operators' requests to take messages out of the quarantine, as if they had just arrived.
package protocol RequeueStore: Sendable {
    /// Takes waiting requests for half a minute, oldest first; a request whose worker was not heard of since is given out
    /// again.
    func takeRequeues(worker: WorkerID, limit: Int) async throws(StoreError) -> [RequeueRequest]

    /// The message, nil when it has left the quarantine.
    func quarantined(_ id: Int64) async throws(StoreError) -> QuarantineEntry?

    /// Records what became of a request and, when it is done, takes the message out of the quarantine, in one commit: what
    /// it says must be durable by then. False, and nothing happens, when another worker has taken or finished it meanwhile.
    func finishRequeue(
        _ request: RequeueRequest,
        worker: WorkerID,
        result: OperatorResult
    ) async throws(StoreError) -> Bool
}

package struct RequeueRequest: Hashable, Sendable {
    package var id: Int64
    /// ``QuarantineEntry/id``.
    package var entry: Int64
    /// The database role that asked.
    package var name: String
    package var reason: String

    package init(id: Int64, entry: Int64, name: String, reason: String) {
        self.id = id
        self.entry = entry
        self.name = name
        self.reason = reason
    }
}
