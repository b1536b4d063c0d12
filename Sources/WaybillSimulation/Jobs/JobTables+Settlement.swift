import Crypto
import WaybillCore
import WaybillPorts

extension JobTables {
    /// False when the lease was no longer this worker's: the fence of every completion.
    mutating func settle(_ settlement: JobSettlement, worker: WorkerID, now: Timestamp) -> Bool {
        guard var row = hot[settlement.job], row.state == .leased, row.worker == worker,
            row.epoch == settlement.epoch
        else { return false }
        switch settlement.verdict {
        case .finished(let status, let messageID):
            finish(row, status: status, messageID: messageID, now: now)
            return true
        case .conflict(let reason):
            moveToQuarantine(row, reason: reason, now: now)
            return true
        case .released(let delay, let reason):
            row.state = .ready
            row.runAt = now + delay
            row.reason = reason
        case .held(let reason):
            row.state = .held
            row.reason = reason
        case .inDoubt(_, let until, let reason):
            row.state = .inDoubt
            row.runAt = until
            row.reason = reason
        }
        row.worker = nil
        hot[row.id] = row
        return true
    }

    mutating func hint(_ delivery: DeliveryID, now: Timestamp) {
        guard let id = idOfDelivery[delivery], var row = hot[id] else { return }
        switch row.state {
        case .ready, .held, .leased, .finished: return
        case .inDoubt: row.runAt = min(row.runAt, now)
        case .unconfirmed: row.runAt = now
        }
        row.state = .inDoubt
        hot[id] = row
    }

    func dueInDoubt(limit: Int, now: Timestamp) -> [InDoubtJob] {
        let due = hot.values.filter { $0.isDoubtful && $0.runAt <= now }
        return due.sorted { ($0.runAt, $0.id) < ($1.runAt, $1.id) }.prefix(max(0, limit)).map {
            InDoubtJob(
                id: $0.id,
                delivery: $0.job.delivery,
                epoch: $0.epoch,
                isUnconfirmed: $0.state == .unconfirmed
            )
        }
    }

    mutating func settleInDoubt(_ verdict: InDoubtVerdict, now: Timestamp) -> Bool {
        guard var row = hot[verdict.job.id], row.isDoubtful, row.epoch == verdict.job.epoch else { return false }
        switch verdict.verdict {
        case .finished(let status, let messageID):
            finish(row, status: status, messageID: messageID, now: now)
            return true
        case .ready:
            row.state = .ready
            row.runAt = now
        case .unconfirmed(let reason, let lookAgain):
            row.state = .unconfirmed
            row.runAt = lookAgain
            row.reason = reason
        case .later(let time):
            row.state = .inDoubt
            row.runAt = time
        }
        hot[row.id] = row
        return true
    }

    mutating func finish(_ row: Row, status: String, messageID: String?, now: Timestamp) {
        remove(row)
        let notice = StatusNotice.settled(row.job.delivery, status: status, messageID: messageID, at: now)
        if let notice { note(notice, now: now) }
        historyJobs.append(row.job)
        history.append(
            JobSnapshot(
                id: row.id,
                delivery: row.job.delivery,
                state: .finished,
                epoch: row.epoch,
                worker: row.worker,
                attempts: row.attempts,
                runAt: row.runAt,
                enqueuedAt: row.enqueuedAt,
                finishedAt: now,
                status: status,
                reason: row.reason
            )
        )
    }

    private mutating func moveToQuarantine(_ row: Row, reason: String, now: Timestamp) {
        remove(row)
        let body = Array(row.job.payload.utf8)
        guard let bodyHash = PayloadHash(Array(SHA256.hash(data: body))) else {
            preconditionFailure("a SHA-256 has 32 bytes")
        }
        let message = QuarantinedMessage(
            queue: QuarantinedMessage.jobsQueue,
            body: body,
            bodyHash: bodyHash,
            code: QuarantinedMessage.conflictCode,
            reason: reason,
            delivery: row.job.delivery
        )
        keep(message, now: now)
    }

    private mutating func remove(_ row: Row) {
        hot[row.id] = nil
        idOfDelivery[row.job.delivery] = nil
    }
}
