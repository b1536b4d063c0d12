package import WaybillCore

/// The process leases: one row per incarnation of a worker.
package protocol WorkerRegistry: Sendable {
    /// Registers a new incarnation for `lease`, by the store's clock.
    func register(_ worker: WorkerID, about: WorkerDescription, lease: Duration) async throws(StoreError)

    /// Extends a live lease to `lease` from the store's now, and says how many jobs the worker has in hand. Returns what
    /// it is to know; nil when the row is gone or expired: the incarnation is over.
    func renew(_ worker: WorkerID, lease: Duration, jobsInHand: Int) async throws(StoreError) -> WorkerOrders?

    /// Deletes expired workers, then frees every leased job whose worker is not there: one transaction, two statements
    /// (one statement strands jobs claimed between its snapshot and its lock). Returns how many jobs were freed.
    func reap() async throws(StoreError) -> Int

    /// Removes the row. The jobs must have been settled; the reaper frees what is left.
    func deregister(_ worker: WorkerID) async throws(StoreError)

    /// Workers whose lease is live.
    func live() async throws(StoreError) -> [LiveWorker]

    /// The operator's order that orders are left in their queue; nil while they are taken in.
    func ingestPause() async throws(StoreError) -> StandingOrder?
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

/// What operators ask of a worker and who the others are, as it hears with each renewal.
package struct WorkerOrders: Hashable, Sendable {
    /// To claim no more, to finish and to end.
    package var isToDrain: Bool
    /// Orders are to be left in their queue.
    package var isIngestPaused: Bool
    /// Whose rows are there: once a reaper has freed the jobs of a lost one, it is not among them.
    package var workers: Set<WorkerID>

    package init(isToDrain: Bool = false, isIngestPaused: Bool = false, workers: Set<WorkerID> = []) {
        self.isToDrain = isToDrain
        self.isIngestPaused = isIngestPaused
        self.workers = workers
    }
}

/// What an operator ordered until further notice.
package struct StandingOrder: Hashable, Sendable {
    package var since: Timestamp
    /// The database role that did; nil when it is not known.
    package var by: String?
    package var reason: String?

    package init(since: Timestamp, by: String?, reason: String?) {
        self.since = since
        self.by = by
        self.reason = reason
    }
}

package struct LiveWorker: Hashable, Sendable {
    package var id: WorkerID
    package var about: WorkerDescription
    package var startedAt: Timestamp
    package var expiresAt: Timestamp
    /// As of its last renewal; nil before the first.
    package var jobsInHand: Int?
    /// The order to end; nil when there is none. A worker that ends for another reason, SIGTERM, does not say so here.
    package var drain: StandingOrder?

    package var isDraining: Bool { drain != nil }

    package init(
        id: WorkerID,
        about: WorkerDescription,
        startedAt: Timestamp,
        expiresAt: Timestamp,
        jobsInHand: Int? = nil,
        drain: StandingOrder? = nil
    ) {
        self.jobsInHand = jobsInHand
        self.drain = drain
        self.id = id
        self.about = about
        self.startedAt = startedAt
        self.expiresAt = expiresAt
    }
}
