import Synchronization
package import WaybillCore
package import WaybillPorts

extension InMemoryJobStore: OperatorStore {
    /// What an operator's SQL function writes; returns the request's number.
    package func request(
        _ action: OperatorAction,
        _ delivery: DeliveryID,
        by name: String = "operator",
        reason: String,
        to address: String? = nil
    ) -> Int64 {
        ask { id in
            let request = OperatorRequest(
                id: id,
                action: action,
                delivery: delivery,
                name: name,
                reason: reason,
                address: address
            )
            return .delivery(request)
        }
    }

    /// What `admin.requeue_quarantined` writes; returns the request's number.
    package func requestRequeue(of entry: Int64, by name: String = "operator", reason: String) -> Int64 {
        ask { .requeue(entry: entry, TakenRequest.Origin(id: $0, name: name, reason: reason)) }
    }

    /// What `admin.unsuppress` writes; returns the request's number.
    package func requestRemoval(of email: String, by name: String = "operator", reason: String) -> Int64 {
        ask { .unsuppress(email: email, TakenRequest.Origin(id: $0, name: name, reason: reason)) }
    }

    private func ask(_ request: (Int64) -> TakenRequest) -> Int64 {
        tables.withLock { tables in
            let id = Int64(tables.requests.count + 1)
            tables.requests.append(JobTables.RequestRow(request: request(id)))
            return id
        }
    }

    /// What `admin.drain` writes.
    package func requestDrain(of worker: WorkerID, by name: String = "operator", reason: String = "maintenance") {
        let order = StandingOrder(since: clock(), by: name, reason: reason)
        tables.withLock { $0.workers[worker]?.drain = order }
    }

    /// What `admin.pause('ingest')` and `admin.resume('ingest')` write.
    package func setIngest(paused: Bool, by name: String = "operator", reason: String = "maintenance") {
        let order = StandingOrder(since: clock(), by: name, reason: reason)
        tables.withLock { $0.ingestPause = paused ? order : nil }
    }

    /// What became of a request, nil while it waits.
    package func result(ofRequest id: Int64) -> OperatorResult? {
        tables.withLock { tables in
            tables.requests.first { $0.request.id == id }?.result
        }
    }

    package func takeRequests(worker: WorkerID, limit: Int) throws(StoreError) -> [TakenRequest] {
        let now = clock()
        return tables.withLock { $0.takeRequests(worker: worker, limit: limit, now: now) }
    }

    package func finishRequest(
        _ id: Int64,
        worker: WorkerID,
        result: OperatorResult
    ) throws(StoreError) -> Bool {
        tables.withLock { $0.finishRequest(id, worker: worker, result: result) }
    }

    package func makeReady(
        _ delivery: DeliveryID,
        reason: String,
        anyway: String?,
        fence: LeaderFence?
    ) throws(StoreError) -> Bool {
        try lead(fence) { $0.makeReady(delivery, reason: reason, anyway: anyway, now: $1) }
    }

    package func finishUndecided(
        _ delivery: DeliveryID,
        status: String,
        reason: String
    ) throws(StoreError) -> Bool {
        let now = clock()
        return tables.withLock { $0.finishUndecided(delivery, status: status, now: now) }
    }

    package func claim(_ delivery: DeliveryID, worker: WorkerID) throws(StoreError) -> ClaimedJob? {
        let now = clock()
        return tables.withLock { $0.claim(delivery, worker: worker, now: now) }
    }

    package func restoreInDoubt(
        _ delivery: DeliveryID,
        attempt: AttemptID,
        until: Timestamp,
        fence: LeaderFence?
    ) throws(StoreError) -> Bool {
        let reason = "the job was lost and put back"
        return try lead(fence) { $0.putBack(delivery, state: .inDoubt, reason: reason, runAt: until, now: $1) }
    }
}

extension InMemoryJobStore: LeadershipStore {
    /// The term in force, as a test looks at it.
    package func leader(of role: String) -> LeaderFence? {
        let now = clock()
        return tables.withLock { tables in
            guard let row = tables.leadership[role], row.expiresAt > now else { return nil }
            return LeaderFence(role: role, holder: row.holder, term: Term(row.term))
        }
    }

    package func campaign(
        role: String,
        holder: WorkerID,
        lease: Duration
    ) throws(StoreError) -> LeaderFence? {
        let now = clock()
        return tables.withLock { $0.campaign(role: role, holder: holder, lease: lease, now: now) }
    }

    package func resign(_ fence: LeaderFence) throws(StoreError) {
        tables.withLock { $0.resign(fence) }
    }
}

extension InMemoryJobStore: FeedStore {
    package func noteSend(acceptedAt: Timestamp) throws(StoreError) {
        tables.withLock { $0.feed.noteSend(acceptedAt: acceptedAt) }
    }

    package func noteRead(trouble: String?, gap: Duration, fence: LeaderFence) throws(StoreError) {
        let now = clock()
        let leads = tables.withLock { tables in
            guard tables.leads(fence, now: now) else { return false }
            tables.feed.noteRead(trouble: trouble?.withoutNUL, gap: gap, now: now)
            return true
        }
        guard leads else { throw .deposed }
    }

    package func feed() throws(StoreError) -> FeedState {
        tables.withLock { $0.feed }
    }

    package func quarantined(queue: String) throws(StoreError) -> Int {
        tables.withLock { $0.listQuarantine(limit: .max) { $0.queue == queue }.count }
    }
}

extension StoreError {
    static let deposed = StoreError(.deposed, "the term is over")
}

extension InMemoryJobStore: DutyStore {
    package func begin(task: String, tick: Int64, fence: LeaderFence) throws(StoreError) -> Bool {
        try lead(fence) { $0.begin(JobTables.Tick(task: task, number: tick), now: $1) }
    }

    /// There is nothing to make room for in memory.
    package func maintainHistory(keepDays: Int, fence: LeaderFence?) throws(StoreError) -> [String] {
        let isAllowed = try lead(fence) { tables, now in
            if keepDays > 0 { tables.dropHistory(keepDays: keepDays, now: now) }
            return keepDays > 0
        }
        guard isAllowed else { throw StoreError(.rejected, "the history keeps at least one day, not \(keepDays)") }
        return []
    }

    package func forgetOld(_ age: Duration, fence: LeaderFence) throws(StoreError) -> Int {
        try lead(fence) { $0.forgetOld(age, now: $1) }
    }
}
