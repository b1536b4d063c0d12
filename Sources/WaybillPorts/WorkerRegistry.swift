package import WaybillCore

/// The process leases: one row per incarnation of a worker.
package protocol WorkerRegistry: Sendable {
    /// Registers a new incarnation for `lease`, by the store's clock.
    func register(_ worker: WorkerID, about: WorkerDescription, lease: Duration) async throws(StoreError)

    /// Extends a live lease to `lease` from the store's now. False when the row is gone or expired: the incarnation is
    /// over.
    func renew(_ worker: WorkerID, lease: Duration) async throws(StoreError) -> Bool

    /// Deletes expired workers, then frees every leased job whose worker is not there: one transaction, two statements
    /// (one statement strands jobs claimed between its snapshot and its lock). Returns how many jobs were freed.
    func reap() async throws(StoreError) -> Int

    /// Removes the row. The jobs must have been settled; the reaper frees what is left.
    func deregister(_ worker: WorkerID) async throws(StoreError)

    /// Workers whose lease is live.
    func live() async throws(StoreError) -> [LiveWorker]
}

package struct WorkerDescription: Hashable, Sendable {
    package var host: String
    package var processID: Int
    package var version: String
    package var roles: [String]
    /// What its ``RecipientGuard`` does; nil when it is off.
    package var guardSummary: String?

    package init(host: String, processID: Int, version: String, roles: [String], guardSummary: String? = nil) {
        self.guardSummary = guardSummary
        self.host = host
        self.processID = processID
        self.version = version
        self.roles = roles
    }
}

package struct LiveWorker: Hashable, Sendable {
    package var id: WorkerID
    package var about: WorkerDescription
    package var startedAt: Timestamp
    package var expiresAt: Timestamp

    package init(id: WorkerID, about: WorkerDescription, startedAt: Timestamp, expiresAt: Timestamp) {
        self.id = id
        self.about = about
        self.startedAt = startedAt
        self.expiresAt = expiresAt
    }
}
