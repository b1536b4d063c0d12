import WaybillCore
import WaybillPorts

extension JobTables {
    /// A row of `admin_requests`.
    struct RequestRow {
        let request: TakenRequest
        var worker: WorkerID?
        var takenAt: Timestamp?
        var result: OperatorResult?
        /// The copy that was made for it.
        var copy: DeliveryID?
    }

    mutating func takeRequests(worker: WorkerID, limit: Int, now: Timestamp) -> [TakenRequest] {
        let free = requests.indices.filter { index in
            let row = requests[index]
            return row.result == nil && row.takenAt.map { now - $0 > .seconds(30) } ?? true
        }
        // Fresh ones first, then the one that was taken longest ago. Rows stand in order of their ids.
        let first = free.sorted { left, right in
            switch (requests[left].takenAt, requests[right].takenAt) {
            case (let left?, let right?) where left != right: left < right
            case (nil, .some): true
            case (.some, nil): false
            case (.some, .some), (nil, nil): left < right
            }
        }
        return first.prefix(max(0, limit)).sorted().map { index in
            requests[index].worker = worker
            requests[index].takenAt = now
            return requests[index].request
        }
    }

    mutating func finishRequest(_ id: Int64, worker: WorkerID, result: OperatorResult) -> Bool {
        guard let index = requests.firstIndex(where: { $0.request.id == id }), requests[index].worker == worker,
            requests[index].result == nil
        else { return false }
        requests[index].result = OperatorResult(isDone: result.isDone, result.outcome.withoutNUL)
        if result.isDone, case .requeue(let entry, _) = requests[index].request {
            quarantine = quarantine.filter { $0.value.id != entry }
        }
        return true
    }

    mutating func makeReady(_ delivery: DeliveryID, reason: String, anyway: String?, now: Timestamp) -> Bool {
        guard let id = idOfDelivery[delivery], var row = hot[id] else {
            return putBack(delivery, state: .ready, reason: reason, anyway: anyway, runAt: now, now: now)
        }
        switch row.state {
        case .leased, .finished: return anyway == nil
        case .ready where anyway == nil: return true
        case .ready, .held, .inDoubt, .unconfirmed:
            row.state = .ready
            row.reason = reason.withoutNUL
            row.runAt = now
            row.approvedAt = now
            row.anyway = anyway?.withoutNUL ?? row.anyway
            hot[id] = row
            return true
        }
    }

    /// From the newest row of the history, unless a hot job is there.
    mutating func putBack(
        _ delivery: DeliveryID,
        state: JobState,
        reason: String,
        anyway: String? = nil,
        runAt: Timestamp,
        now: Timestamp
    ) -> Bool {
        guard idOfDelivery[delivery] == nil, let index = history.lastIndex(where: { $0.delivery == delivery }) else {
            return false
        }
        lastID += 1
        var row = Row(id: lastID, job: historyJobs[index], enqueuedAt: now, state: state, runAt: runAt)
        row.attempts = history[index].attempts
        row.reason = reason.withoutNUL
        row.approvedAt = now
        row.anyway = anyway?.withoutNUL
        hot[lastID] = row
        idOfDelivery[delivery] = lastID
        return true
    }

    mutating func finishUndecided(_ delivery: DeliveryID, status: String, now: Timestamp) -> Bool {
        guard let id = idOfDelivery[delivery], let row = hot[id], row.state == .inDoubt || row.state == .unconfirmed
        else { return false }
        if let notice = finish(row, status: status, messageID: nil, now: now) { note([notice], now: now) }
        return true
    }

    mutating func claim(_ delivery: DeliveryID, worker: WorkerID, now: Timestamp) -> ClaimedJob? {
        guard isLive(worker, now: now), let id = idOfDelivery[delivery], var row = hot[id],
            row.state == .ready || row.state == .held
        else { return nil }
        lastEpoch += 1
        row.state = .leased
        row.worker = worker
        row.epoch = Epoch(lastEpoch)
        row.attempts += 1
        hot[id] = row
        return ClaimedJob(row, suppression: suppression(of: row))
    }
}

extension JobTables {
    /// A row of `leadership`.
    struct LeadershipRow {
        var holder: WorkerID
        var term: Int64
        var expiresAt: Timestamp
    }

    /// The roles that the migrations make.
    static let roles: Set<String> = ["leader"]

    mutating func campaign(role: String, holder: WorkerID, lease: Duration, now: Timestamp) -> LeaderFence? {
        guard Self.roles.contains(role) else { return nil }
        var row = leadership[role] ?? LeadershipRow(holder: holder, term: 0, expiresAt: Timestamp(microseconds: .min))
        guard row.holder == holder || row.expiresAt <= now else { return nil }
        if row.expiresAt <= now { row.term += 1 }
        row.holder = holder
        row.expiresAt = now + lease
        leadership[role] = row
        return LeaderFence(role: role, holder: holder, term: Term(row.term))
    }

    func leads(_ fence: LeaderFence, now: Timestamp) -> Bool {
        guard let row = leadership[fence.role] else { return false }
        return row.holder == fence.holder && row.term == fence.term.number && row.expiresAt > now
    }

    mutating func resign(_ fence: LeaderFence) {
        guard let row = leadership[fence.role], row.holder == fence.holder, row.term == fence.term.number else {
            return
        }
        leadership[fence.role]?.expiresAt = Timestamp(microseconds: .min)
    }
}
