package import WaybillCore
package import WaybillPorts

extension PostgresJobStore {
    package func settle(_ settlements: [JobSettlement], worker: WorkerID) async throws(StoreError) -> [Bool] {
        var batch = SettlementBatch()
        for settlement in settlements.sorted(by: { $0.job < $1.job }) {
            let (job, epoch) = (settlement.job, settlement.epoch)
            guard batch.admit(job) else { continue }
            switch settlement.verdict {
            case .finished(let status, let messageID): batch.finish(job, epoch, status, messageID)
            case .released(let delay, let reason): batch.release(job, epoch, delay, reason)
            case .held(let reason): batch.hold(job, epoch, reason)
            case .inDoubt(let attempt, let until, let reason): batch.doubt(job, epoch, until, attempt, reason)
            case .conflict(let reason): batch.conflict(job, epoch, reason)
            }
        }
        return try await perform(batch, for: settlements.map { $0.job }, worker: worker, fence: nil)
    }

    package func recall(worker: WorkerID, except held: [Int64]) async throws(StoreError) -> Int {
        let statement = PostgresStatement(JobStoreSQL.recall).bind(worker).bind(array: held)
        return try await pool.perform([statement]) { $0.count() }
    }

    package func settleInDoubt(
        _ verdicts: [InDoubtVerdict],
        fence: LeaderFence?
    ) async throws(StoreError) -> [Bool] {
        var batch = SettlementBatch()
        for verdict in verdicts.sorted(by: { $0.job.id < $1.job.id }) {
            let (job, epoch) = (verdict.job.id, verdict.job.epoch)
            guard batch.admit(job) else { continue }
            switch verdict.verdict {
            case .finished(let status, let messageID): batch.finish(job, epoch, status, messageID)
            case .ready: batch.release(job, epoch, .zero, nil)
            case .unconfirmed(let reason, let lookAgain): batch.unconfirm(job, epoch, reason, lookAgain)
            case .later(let time): batch.doubt(job, epoch, time, nil, nil)
            }
        }
        return try await perform(batch, for: verdicts.map { $0.job.id }, worker: nil, fence: fence)
    }

    /// One transaction. Of several verdicts about one job the first counts.
    private func perform(
        _ batch: SettlementBatch,
        for jobs: [Int64],
        worker: WorkerID?,
        fence: LeaderFence?
    ) async throws(StoreError) -> [Bool] {
        let settlements = batch.statements(worker: worker, notesStatuses: notesStatuses)
        guard !settlements.isEmpty else { return [] }
        let fences = fence.map { [PostgresStatement.lead($0)] } ?? []
        let range = fences.count..<fences.count + settlements.count
        var settled = try await pool.perform(fences + settlements) { results throws(StoreError) in
            var settled: Set<Int64> = []
            for statement in range {
                settled.formUnion(try results.map(statement: statement) { row throws(StoreError) in try row.int64() })
            }
            return settled
        }
        return jobs.map { settled.remove($0) != nil }
    }
}

/// Verdicts by kind, as the arrays of their statements.
private struct SettlementBatch {
    private struct Kind {
        var jobs: [Int64?] = []
        var epochs: [Int64?] = []
        var texts: [String?] = []
        var messageIDs: [String?] = []
        var delays: [Int64?] = []
        var times: [Timestamp?] = []
        var attempts: [AttemptID?] = []

        mutating func add(_ job: Int64, _ epoch: Epoch, _ text: String?) {
            jobs.append(job)
            epochs.append(epoch.number)
            texts.append(text?.withoutNUL)
        }
    }

    private var seen: Set<Int64> = []
    private var finished = Kind()
    private var released = Kind()
    private var held = Kind()
    private var doubted = Kind()
    private var unconfirmed = Kind()
    private var conflicts = Kind()

    /// False when there is a verdict about the job already.
    mutating func admit(_ job: Int64) -> Bool { seen.insert(job).inserted }

    mutating func finish(_ job: Int64, _ epoch: Epoch, _ status: String, _ messageID: String?) {
        finished.add(job, epoch, status)
        finished.messageIDs.append(messageID?.withoutNUL)
    }

    mutating func release(_ job: Int64, _ epoch: Epoch, _ delay: Duration, _ reason: String?) {
        released.add(job, epoch, reason)
        released.delays.append(delay.wholeMicroseconds)
    }

    mutating func hold(_ job: Int64, _ epoch: Epoch, _ reason: String) {
        held.add(job, epoch, reason)
    }

    mutating func doubt(_ job: Int64, _ epoch: Epoch, _ until: Timestamp, _ attempt: AttemptID?, _ reason: String?) {
        doubted.add(job, epoch, reason)
        doubted.times.append(until)
        doubted.attempts.append(attempt)
    }

    mutating func unconfirm(_ job: Int64, _ epoch: Epoch, _ reason: String, _ lookAgain: Timestamp) {
        unconfirmed.add(job, epoch, reason)
        unconfirmed.times.append(lookAgain)
    }

    mutating func conflict(_ job: Int64, _ epoch: Epoch, _ reason: String) {
        conflicts.add(job, epoch, reason)
    }

    /// One statement for each kind that there is. Without a worker the fence is that it is in doubt or unconfirmed.
    func statements(worker: WorkerID?, notesStatuses: Bool) -> [PostgresStatement] {
        func statement(_ kind: Kind, _ sql: (SettlementSQL) -> String, parameters: Int) -> PostgresStatement {
            let fence = worker == nil ? SettlementSQL.doubtful : .leased(worker: parameters + 1)
            return PostgresStatement(sql(fence)).bind(array: kind.jobs).bind(array: kind.epochs)
        }
        var statements: [PostgresStatement] = []
        if !finished.jobs.isEmpty {
            statements.append(
                statement(finished, notesStatuses ? \.finishAndNote : \.finish, parameters: 4)
                    .bind(array: finished.texts).bind(array: finished.messageIDs)
            )
        }
        if !released.jobs.isEmpty {
            statements.append(
                statement(released, \.release, parameters: 4)
                    .bind(array: released.delays).bind(array: released.texts)
            )
        }
        if !held.jobs.isEmpty {
            statements.append(statement(held, \.hold, parameters: 3).bind(array: held.texts))
        }
        if !doubted.jobs.isEmpty {
            statements.append(
                statement(doubted, \.doubt, parameters: 5)
                    .bind(array: doubted.times).bind(array: doubted.attempts).bind(array: doubted.texts)
            )
        }
        if !unconfirmed.jobs.isEmpty {
            statements.append(
                statement(unconfirmed, \.unconfirm, parameters: 4)
                    .bind(array: unconfirmed.texts).bind(array: unconfirmed.times)
            )
        }
        if !conflicts.jobs.isEmpty {
            statements.append(
                statement(conflicts, \.conflict, parameters: 5).bind(array: conflicts.texts)
                    .bind(QuarantinedMessage.jobsQueue).bind(QuarantinedMessage.conflictCode)
            )
        }
        guard let worker else { return statements }
        return statements.map { $0.bind(worker) }
    }
}
