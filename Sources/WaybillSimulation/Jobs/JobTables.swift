import WaybillCore
import WaybillPorts

/// The state behind ``InMemoryJobStore``: what the tables of the migrations hold, without SQL.
struct JobTables {
    /// A row of the hot queue with its payload.
    struct Row {
        let id: Int64
        let job: NewJob
        let enqueuedAt: Timestamp
        var state: JobState
        var runAt: Timestamp
        var epoch = Epoch(0)
        var attempts = 0
        var worker: WorkerID?
        var reason: String?
        var approvedAt: Timestamp?
        /// Who wants it sent although its address is suppressed.
        var anyway: String?

        var key: JobWatermark { JobWatermark(priority: job.priority, runAt: runAt, id: id) }

        /// What the sweep may settle.
        var isDoubtful: Bool { state == .inDoubt || state == .unconfirmed }
    }

    struct Tick: Hashable {
        let task: String
        let number: Int64
    }

    var hot: [Int64: Row] = [:]
    /// UNIQUE(delivery) of the hot rows.
    var idOfDelivery: [DeliveryID: Int64] = [:]
    /// Oldest first. A delivery may be here more than once: a redelivered order finishes twice.
    var history: [JobSnapshot] = []
    /// What each row of the history was, by its place in it.
    var historyJobs: [NewJob] = []
    var requests: [RequestRow] = []
    var ingestPause: StandingOrder?
    var leadership: [String: LeadershipRow] = [:]
    var feed = FeedState()
    /// When each was begun.
    var ticks: [Tick: Timestamp] = [:]
    var notesStatuses = false
    var notices: [Int64: NoticeRow] = [:]
    var lastNotice: Int64 = 0
    var workers: [WorkerID: LiveWorker] = [:]
    var quarantine: [QuarantineKey: QuarantineEntry] = [:]
    var lastQuarantined: Int64 = 0
    /// By ``AddressKey``.
    var suppressions: [String: SuppressionRow] = [:]
    /// When an operator took an address off.
    var unsuppressions: [String: Timestamp] = [:]
    var mirror = SuppressionMirror()
    var lastID: Int64 = 0
    var lastEpoch: Int64 = 0

    /// One commit, in the order of the deliveries, in which PostgreSQL inserts them so that two calls wait for each other
    /// instead of in a circle; or one job at a time, when one of them cannot be held.
    mutating func enqueue(_ jobs: [NewJob], now: Timestamp) -> [EnqueueOutcome] {
        let isTogether = jobs.allSatisfy { !$0.hasNUL }
        let order =
            isTogether ? jobs.indices.sorted { jobs[$0].delivery.isBefore(jobs[$1].delivery) } : Array(jobs.indices)
        var outcomes = [EnqueueOutcome](repeating: .inserted, count: jobs.count)
        for index in order { outcomes[index] = enqueue(jobs[index], now: now) }
        return outcomes
    }

    private mutating func enqueue(_ job: NewJob, now: Timestamp) -> EnqueueOutcome {
        // PostgreSQL's text cannot hold it, and the two stores must answer alike.
        if job.hasNUL { return .rejected("a NUL character") }
        if let id = idOfDelivery[job.delivery], let row = hot[id] {
            return row.job.payloadHash == job.payloadHash ? .duplicate : .conflict(row.job.payloadHash)
        }
        lastID += 1
        hot[lastID] = Row(id: lastID, job: job, enqueuedAt: now, state: .ready, runAt: now)
        idOfDelivery[job.delivery] = lastID
        return .inserted
    }

    /// `liveAt` is when the worker's row was locked.
    mutating func claim(
        worker: WorkerID,
        limit: Int,
        watermark: JobWatermark?,
        liveAt: Timestamp,
        now: Timestamp
    ) -> [ClaimedJob] {
        guard isLive(worker, now: liveAt) else { return [] }
        var due: [JobWatermark] = []
        for row in hot.values where row.state == .ready && row.runAt <= now {
            if watermark.map({ $0 < row.key }) ?? true { due.append(row.key) }
        }
        return due.sorted().prefix(max(0, limit)).compactMap { key in
            guard var row = hot[key.id] else { return nil }
            lastEpoch += 1
            row.state = .leased
            row.worker = worker
            row.epoch = Epoch(lastEpoch)
            row.attempts += 1
            hot[row.id] = row
            return ClaimedJob(row, suppression: suppression(of: row))
        }
    }

    func snapshot(_ delivery: DeliveryID) -> JobSnapshot? {
        if let id = idOfDelivery[delivery], let row = hot[id] { return JobSnapshot(row) }
        return history.last { $0.delivery == delivery }
    }

    func counts(now: Timestamp) -> JobCounts {
        func count(_ state: JobState) -> Int { hot.values.count { $0.state == state } }
        return JobCounts(
            ready: count(.ready),
            held: count(.held),
            leased: count(.leased),
            inDoubt: count(.inDoubt),
            unconfirmed: count(.unconfirmed),
            finished: history.count,
            quarantined: quarantine.count,
            workers: liveWorkers(now: now).count
        )
    }
}

extension NewJob {
    fileprivate var hasNUL: Bool { payload.utf8.contains(0) || email.utf8.contains(0) }
}

extension DeliveryID {
    /// The order of the text, byte by byte: PostgreSQL's COLLATE "C".
    func isBefore(_ other: DeliveryID) -> Bool { description.utf8.lexicographicallyPrecedes(other.description.utf8) }
}

extension ClaimedJob {
    init(_ row: JobTables.Row, suppression: String?) {
        self.init(
            id: row.id,
            delivery: row.job.delivery,
            epoch: row.epoch,
            payload: row.job.payload,
            payloadHash: row.job.payloadHash,
            watermark: row.key,
            attempts: row.attempts,
            enqueuedAt: row.enqueuedAt,
            receivedAt: row.job.receivedAt,
            suppression: suppression,
            approvedAt: row.approvedAt
        )
    }
}

extension JobSnapshot {
    fileprivate init(_ row: JobTables.Row) {
        self.init(
            id: row.id,
            delivery: row.job.delivery,
            state: row.state,
            epoch: row.epoch,
            worker: row.worker,
            attempts: row.attempts,
            runAt: row.runAt,
            enqueuedAt: row.enqueuedAt,
            finishedAt: nil,
            status: nil,
            reason: row.reason
        )
    }
}
