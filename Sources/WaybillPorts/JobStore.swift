package import WaybillCore

/// The jobs that the workers share: PostgreSQL. All times are the store's own clock's.
package protocol JobStore: Sendable {
    /// Adds jobs, several in one commit; durable when it returns. One outcome per job, in order.
    func enqueue(_ jobs: [NewJob]) async throws(StoreError) -> [EnqueueOutcome]

    /// Leases up to `limit` ready jobs to a live worker, most urgent first, each with a new epoch. Empty when there is
    /// nothing to do, or when the worker's lease is not live. Only jobs behind `watermark` are looked at, to
    /// skip the dead entries before it; nil is a full look.
    func claim(worker: WorkerID, limit: Int, watermark: JobWatermark?) async throws(StoreError) -> [ClaimedJob]

    /// Frees the jobs that are leased to this worker and are not among `held`: their claim was committed and its answer
    /// lost, so nobody works on them, and no reaper frees them as long as the worker lives. To be called while no claim of
    /// the worker is under way. Returns how many there were.
    func recall(worker: WorkerID, except held: [Int64]) async throws(StoreError) -> Int

    /// Performs what became of leased jobs, in one commit, each fenced by (id, worker, epoch). Returns one flag each, in
    /// order: false when the lease was no longer this worker's.
    func settle(_ settlements: [JobSettlement], worker: WorkerID) async throws(StoreError) -> [Bool]

    /// T7's hint: a job in doubt about which evidence came is due at once, and one that is unconfirmed is in doubt again
    /// and due, so that the sweep finishes it. Not finding any is no error.
    func hint(_ deliveries: [DeliveryID]) async throws(StoreError)

    /// Jobs in doubt whose time has come, and unconfirmed ones that are to be looked at again, for the sweep; the reading
    /// locks nothing.
    func dueInDoubt(limit: Int) async throws(StoreError) -> [InDoubtJob]

    /// Performs the sweep's verdicts, each fenced by `in doubt or unconfirmed` and the epoch seen. Returns one flag each.
    /// Under a fence, nothing happens and the error is `.deposed` when its term is over.
    func settleInDoubt(_ verdicts: [InDoubtVerdict], fence: LeaderFence?) async throws(StoreError) -> [Bool]

    /// What is known of a delivery's job: the hot row, or the newest row of the history.
    func snapshot(_ delivery: DeliveryID) async throws(StoreError) -> JobSnapshot?

    func counts() async throws(StoreError) -> JobCounts

    /// Raises the sequence of epochs past `epoch`, under an advisory lock (T1'').
    func raiseEpochs(past epoch: Epoch) async throws(StoreError)

    /// The store's clock: the sweep's "now".
    func now() async throws(StoreError) -> Timestamp
}

package struct NewJob: Hashable, Sendable {
    package var delivery: DeliveryID
    /// The order as it was received: JSON text.
    package var payload: String
    package var payloadHash: PayloadHash
    /// For the suppression list: the order's address.
    package var email: String
    /// Lower is more urgent. Fresh mail is 0.
    package var priority: Int
    /// When the event entered the queue, for latency; nil when unknown.
    package var receivedAt: Timestamp?

    package init(
        delivery: DeliveryID,
        payload: String,
        payloadHash: PayloadHash,
        email: String,
        priority: Int = 0,
        receivedAt: Timestamp? = nil
    ) {
        self.delivery = delivery
        self.payload = payload
        self.payloadHash = payloadHash
        self.email = email
        self.priority = priority
        self.receivedAt = receivedAt
    }
}

package enum EnqueueOutcome: Hashable, Sendable {
    case inserted
    /// A hot job for the delivery with the same payload is there.
    case duplicate
    /// A hot job for the delivery with another payload is there.
    case conflict(PayloadHash)
    /// The store cannot hold this job, now or later: a NUL character, say. The other jobs of the call are not affected.
    case rejected(String)
}

package struct JobWatermark: Hashable, Sendable {
    package var priority: Int
    package var runAt: Timestamp
    package var id: Int64

    package init(priority: Int, runAt: Timestamp, id: Int64) {
        self.priority = priority
        self.runAt = runAt
        self.id = id
    }
}

extension JobWatermark: Comparable {
    /// The order of claims: most urgent, then longest due, then oldest.
    package static func < (left: JobWatermark, right: JobWatermark) -> Bool {
        (left.priority, left.runAt, left.id) < (right.priority, right.runAt, right.id)
    }
}

package struct ClaimedJob: Hashable, Sendable {
    package var id: Int64
    package var delivery: DeliveryID
    package var epoch: Epoch
    package var payload: String
    package var payloadHash: PayloadHash
    package var watermark: JobWatermark
    /// How often it was claimed, this time included.
    package var attempts: Int
    package var enqueuedAt: Timestamp
    package var receivedAt: Timestamp?
    /// Why its address is on the suppression list, nil when it is not.
    package var suppression: String?
    /// When an operator last said that it is to be sent.
    package var approvedAt: Timestamp?

    package init(
        id: Int64,
        delivery: DeliveryID,
        epoch: Epoch,
        payload: String,
        payloadHash: PayloadHash,
        watermark: JobWatermark,
        attempts: Int,
        enqueuedAt: Timestamp,
        receivedAt: Timestamp?,
        suppression: String?,
        approvedAt: Timestamp? = nil
    ) {
        self.id = id
        self.delivery = delivery
        self.epoch = epoch
        self.payload = payload
        self.payloadHash = payloadHash
        self.watermark = watermark
        self.attempts = attempts
        self.enqueuedAt = enqueuedAt
        self.receivedAt = receivedAt
        self.suppression = suppression
        self.approvedAt = approvedAt
    }

    /// Since when it waits: an old order is not simply sent.
    package var waitingSince: Timestamp { approvedAt ?? receivedAt ?? enqueuedAt }
}

package enum JobState: String, Hashable, Sendable, CaseIterable {
    case ready
    /// Too old to be sent without asking: an operator decides.
    case held
    case leased
    case inDoubt = "in_doubt"
    case unconfirmed
    /// In the history.
    case finished
}

package struct JobSnapshot: Hashable, Sendable {
    package var id: Int64
    package var delivery: DeliveryID
    package var state: JobState
    package var epoch: Epoch
    package var worker: WorkerID?
    package var attempts: Int
    package var runAt: Timestamp
    package var enqueuedAt: Timestamp
    package var finishedAt: Timestamp?
    /// The final status of a finished job.
    package var status: String?
    package var reason: String?

    package init(
        id: Int64,
        delivery: DeliveryID,
        state: JobState,
        epoch: Epoch,
        worker: WorkerID?,
        attempts: Int,
        runAt: Timestamp,
        enqueuedAt: Timestamp,
        finishedAt: Timestamp?,
        status: String?,
        reason: String?
    ) {
        self.id = id
        self.delivery = delivery
        self.state = state
        self.epoch = epoch
        self.worker = worker
        self.attempts = attempts
        self.runAt = runAt
        self.enqueuedAt = enqueuedAt
        self.finishedAt = finishedAt
        self.status = status
        self.reason = reason
    }
}

package struct JobCounts: Hashable, Sendable {
    package var ready: Int
    package var held: Int
    package var leased: Int
    package var inDoubt: Int
    package var unconfirmed: Int
    package var finished: Int
    package var quarantined: Int
    package var workers: Int

    package init(
        ready: Int,
        held: Int = 0,
        leased: Int,
        inDoubt: Int,
        unconfirmed: Int,
        finished: Int,
        quarantined: Int,
        workers: Int
    ) {
        self.ready = ready
        self.held = held
        self.leased = leased
        self.inDoubt = inDoubt
        self.unconfirmed = unconfirmed
        self.finished = finished
        self.quarantined = quarantined
        self.workers = workers
    }
}

package struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        /// No connection, or it broke: the statement may or may not have been committed. Try again.
        case unavailable
        /// The server refused and rolled back, for a reason that passes (deadlock, serialization, timeout, shutdown).
        case transient
        /// The server refused what was asked; trying it again unchanged does not help.
        case rejected
        /// The pool's waiting line is full.
        case overloaded
        case cancelled
        /// The leader's term is over: it must stop at once. Nothing happened.
        case deposed
    }

    package let code: Code
    /// SQLSTATE, when the server gave one.
    package let sqlState: String?
    package let message: String

    package init(_ code: Code, sqlState: String? = nil, _ message: String) {
        self.code = code
        self.sqlState = sqlState
        self.message = message
    }

    package var description: String {
        "PostgreSQL \(code.rawValue)\(sqlState.map { " (\($0))" } ?? ""): \(message)"
    }
}
