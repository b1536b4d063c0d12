import Crypto
import WaybillCore
import WaybillPorts

extension JobTables {
    /// What a commit writes beside the jobs, once it is known whole.
    private struct Aftermath {
        var notices: [StatusNotice] = []
        var conflicts: [QuarantinedMessage] = []
    }

    /// One commit. Of several settlements of one job the first counts. Without the fence it is a mistake that the simulation
    /// must catch.
    mutating func settle(
        _ settlements: [JobSettlement],
        worker: WorkerID,
        now: Timestamp,
        isFenced: Bool = true
    ) -> [Bool] {
        var settled = [Bool](repeating: false, count: settlements.count)
        let order = settlements.indices.sorted { settlements[$0].job < settlements[$1].job }
        var seen: Set<Int64> = []
        var aftermath = Aftermath()
        for index in order where seen.insert(settlements[index].job).inserted {
            settled[index] = settle(settlements[index], worker: worker, now: now, isFenced: isFenced, &aftermath)
        }
        write(aftermath, now: now)
        return settled
    }

    /// The same for the sweep's verdicts.
    mutating func settleInDoubt(_ verdicts: [InDoubtVerdict], now: Timestamp) -> [Bool] {
        var settled = [Bool](repeating: false, count: verdicts.count)
        let order = verdicts.indices.sorted { verdicts[$0].job.id < verdicts[$1].job.id }
        var seen: Set<Int64> = []
        var aftermath = Aftermath()
        for index in order where seen.insert(verdicts[index].job.id).inserted {
            settled[index] = settleInDoubt(verdicts[index], now: now, &aftermath)
        }
        write(aftermath, now: now)
        return settled
    }

    private mutating func write(_ aftermath: Aftermath, now: Timestamp) {
        note(aftermath.notices, now: now)
        // Of equal payloads the oldest job's reason is kept: it has to come last.
        keep(aftermath.conflicts.reversed(), now: now)
    }

    /// False when the lease was no longer this worker's: the fence of every completion.
    private mutating func settle(
        _ settlement: JobSettlement,
        worker: WorkerID,
        now: Timestamp,
        isFenced: Bool,
        _ aftermath: inout Aftermath
    ) -> Bool {
        guard var row = hot[settlement.job] else { return false }
        let isHeld = row.state == .leased && row.worker == worker && row.epoch == settlement.epoch
        guard isHeld || !isFenced else { return false }
        switch settlement.verdict {
        case .finished(let status, let messageID):
            if let notice = finish(row, status: status, messageID: messageID, now: now) {
                aftermath.notices.append(notice)
            }
            return true
        case .conflict(let reason):
            aftermath.conflicts.append(takeOut(row, reason: reason))
            return true
        case .released(let delay, let reason):
            row.state = .ready
            row.runAt = now + delay
            row.reason = reason.withoutNUL
        case .held(let reason):
            row.state = .held
            row.reason = reason.withoutNUL
        case .inDoubt(_, let until, let reason):
            row.state = .inDoubt
            row.runAt = until
            row.reason = reason.withoutNUL
        }
        row.worker = nil
        hot[row.id] = row
        return true
    }

    mutating func hint(_ delivery: DeliveryID, now: Timestamp) {
        guard let id = idOfDelivery[delivery], var row = hot[id] else { return }
        switch row.state {
        case .ready, .held, .leased, .finished: return
        case .inDoubt, .unconfirmed: row.runAt = min(row.runAt, now)
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

    private mutating func settleInDoubt(
        _ verdict: InDoubtVerdict,
        now: Timestamp,
        _ aftermath: inout Aftermath
    ) -> Bool {
        guard var row = hot[verdict.job.id], row.isDoubtful, row.epoch == verdict.job.epoch else { return false }
        switch verdict.verdict {
        case .finished(let status, let messageID):
            if let notice = finish(row, status: status, messageID: messageID, now: now) {
                aftermath.notices.append(notice)
            }
            return true
        case .ready:
            row.state = .ready
            row.runAt = now
        case .unconfirmed(let reason, let lookAgain):
            row.state = .unconfirmed
            row.runAt = lookAgain
            row.reason = reason.withoutNUL
        case .later(let time):
            row.state = .inDoubt
            row.runAt = time
        }
        hot[row.id] = row
        return true
    }

    /// To the history; what the shop is to be told of it.
    mutating func finish(_ row: Row, status: String, messageID: String?, now: Timestamp) -> StatusNotice? {
        remove(row)
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
        return StatusNotice.settled(row.job.delivery, status: status, messageID: messageID, at: now)
    }

    private mutating func takeOut(_ row: Row, reason: String) -> QuarantinedMessage {
        remove(row)
        let body = Array(row.job.payload.utf8)
        guard let bodyHash = PayloadHash(Array(SHA256.hash(data: body))) else {
            preconditionFailure("a SHA-256 has 32 bytes")
        }
        return QuarantinedMessage(
            queue: QuarantinedMessage.jobsQueue,
            body: body,
            bodyHash: bodyHash,
            code: QuarantinedMessage.conflictCode,
            reason: reason,
            delivery: row.job.delivery
        )
    }

    /// Whole days of UTC, as PostgreSQL's partitions are.
    mutating func dropHistory(keepDays: Int, now: Timestamp) {
        func day(_ time: Timestamp?) -> Int64 { (time?.microseconds ?? 0) / 86_400_000_000 }
        let kept = history.indices.filter { day(history[$0].finishedAt) >= day(now) - Int64(keepDays) }
        historyJobs = kept.map { historyJobs[$0] }
        history = kept.map { history[$0] }
    }

    private mutating func remove(_ row: Row) {
        hot[row.id] = nil
        idOfDelivery[row.job.delivery] = nil
    }
}
