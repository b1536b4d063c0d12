import WaybillCore
import WaybillPorts

/// What happens to jobs between their order and their end.
package enum QueueOperation: Sendable {
    case enqueue([Draft])
    /// `after` is the job, counted back among those claimed, whose watermark is used.
    case claim(worker: Int, limit: Int, after: Int?)
    case claimOne(Int, worker: Int)
    /// Keeps so many of the newest jobs that were claimed.
    case recall(worker: Int, keeping: Int)
    /// By this worker, or by the one that claimed the first of them.
    case settle([Verdict], worker: Int?)
    case hint([Int])
    case raiseEpochs(past: Int64)
    case snapshot(Int)
    case counts

    package struct Draft: Sendable {
        var delivery: Int
        var payload: String
        var hash: UInt8
        var email: String
        var priority: Int
        var isReceiptKnown: Bool
    }

    package struct Verdict: Sendable {
        /// Counted back among those claimed.
        var job: Int
        var isEpochWrong: Bool
        var kind: Kind

        enum Kind: Sendable {
            case finished(String, String?)
            case released(Duration, String)
            case held(String)
            case inDoubt(Duration, String)
            case conflict(String)
        }
    }
}

extension QueueOperation {
    static func draw(_ chance: inout ModelChance) -> QueueOperation {
        switch chance.number(1...40) {
        case 1...8: .enqueue(chance.several(1...3) { .draw(&$0) })
        case 9...20:
            .claim(
                worker: chance.worker(),
                limit: chance.limit(),
                after: chance.happens(oneIn: 6) ? chance.recent() : nil
            )
        case 21: .claimOne(chance.delivery(), worker: chance.worker())
        case 22: .recall(worker: chance.worker(), keeping: chance.number(0...2))
        case 23...34:
            .settle(chance.several(1...4) { .draw(&$0) }, worker: chance.happens(oneIn: 6) ? chance.worker() : nil)
        case 35...37: .hint(chance.several(0...3) { $0.delivery() })
        case 38: .raiseEpochs(past: Int64(chance.number(0...120)))
        case 39: .snapshot(chance.delivery())
        default: .counts
        }
    }
}

extension QueueOperation.Draft {
    static func draw(_ chance: inout ModelChance) -> QueueOperation.Draft {
        let payload = chance.happens(oneIn: 20) ? "a\0b" : chance.one(of: ["order 1", "order 2 Zo\u{EB}"])
        return QueueOperation.Draft(
            delivery: chance.confirmation(),
            payload: payload,
            hash: chance.happens(oneIn: 5) ? 2 : 1,
            email: chance.happens(oneIn: 40) ? "\0@example.com" : chance.one(of: ModelAddress.all),
            priority: chance.happens(oneIn: 4) ? chance.number(-1...1) : 0,
            isReceiptKnown: chance.happens(oneIn: 2)
        )
    }
}

extension QueueOperation.Verdict {
    static func draw(_ chance: inout ModelChance) -> QueueOperation.Verdict {
        let kind: Kind =
            switch chance.number(1...11) {
            case 1...3: .finished(chance.ending(), chance.messageID())
            case 4: .released(chance.wait(), chance.reason())
            case 5: .held(chance.reason())
            case 6...10: .inDoubt(chance.wait(), chance.reason())
            default: .conflict(chance.reason())
            }
        return QueueOperation.Verdict(job: chance.recent(), isEpochWrong: chance.happens(oneIn: 8), kind: kind)
    }

    func verdict(now: Timestamp) -> JobSettlement.Verdict {
        switch kind {
        case .finished(let status, let messageID): .finished(status: status, messageID: messageID)
        case .released(let delay, let reason): .released(after: delay, reason: reason)
        case .held(let reason): .held(reason: reason)
        case .inDoubt(let wait, let reason):
            .inDoubt(attempt: AttemptID(high: 1, low: 2), until: now + wait, reason: reason)
        case .conflict(let reason): .conflict(reason: reason)
        }
    }
}

/// Two of them are the same to the suppression list.
enum ModelAddress {
    static let all = ["ann@example.com", "Ann@Example.com", "bob@example.com"]
}

extension JobModel {
    mutating func perform(_ operation: QueueOperation) async throws -> ModelAnswer {
        let jobs = subject.jobs
        switch operation {
        case .enqueue(let drafts): return try await enqueue(drafts)
        case .claim(let worker, let limit, let after):
            let watermark = after.flatMap { claims.recent($0)?.job.watermark }
            let worker = WorkerID.model(worker)
            return claimed(try await jobs.claim(worker: worker, limit: limit, watermark: watermark), by: worker)
        case .claimOne(let delivery, let worker):
            let worker = WorkerID.model(worker)
            let job = try await subject.operators.claim(ModelDelivery.all[delivery], worker: worker)
            return claimed(job.map { [$0] } ?? [], by: worker)
        case .recall(let worker, let count):
            let kept = claims.suffix(count).map(\.job.id)
            return ModelAnswer(try await jobs.recall(worker: .model(worker), except: kept))
        case .settle(let verdicts, let worker): return try await settle(verdicts, worker)
        case .hint(let deliveries):
            try await jobs.hint(deliveries.map { ModelDelivery.all[$0] })
            return .done
        case .raiseEpochs(let past):
            try await jobs.raiseEpochs(past: Epoch(past))
            return .done
        case .snapshot(let delivery):
            var snapshot = try await jobs.snapshot(ModelDelivery.all[delivery])
            if let found = snapshot {
                snapshot?.id = number(.job, found.id)
                snapshot?.epoch = ordered(found.epoch)
            }
            return ModelAnswer(snapshot)
        case .counts: return ModelAnswer(try await jobs.counts())
        }
    }

    private func enqueue(_ drafts: [QueueOperation.Draft]) async throws -> ModelAnswer {
        let now = try await subject.jobs.now()
        let jobs = drafts.map { draft in
            NewJob(
                delivery: ModelDelivery.all[draft.delivery],
                payload: draft.payload,
                payloadHash: .sample(draft.hash),
                email: draft.email,
                priority: draft.priority,
                receivedAt: draft.isReceiptKnown ? now : nil
            )
        }
        let outcomes = try await subject.jobs.enqueue(jobs)
        // Why is told in the store's own words.
        return ModelAnswer(outcomes.map { if case .rejected = $0 { EnqueueOutcome.rejected("") } else { $0 } })
    }

    private mutating func claimed(_ jobs: [ClaimedJob], by worker: WorkerID) -> ModelAnswer {
        claims += jobs.map { (worker, $0) }
        order(epochs: jobs.map(\.epoch))
        return ModelAnswer(
            jobs.map { job in
                var job = job
                job.id = number(.job, job.id)
                job.watermark.id = job.id
                job.epoch = ordered(job.epoch)
                return job
            }
        )
    }

    private func settle(_ verdicts: [QueueOperation.Verdict], _ worker: Int?) async throws -> ModelAnswer {
        let now = try await subject.jobs.now()
        let settled = verdicts.compactMap { verdict in claims.recent(verdict.job).map { ($0, verdict) } }
        guard let first = settled.first?.0 else { return .nothingToAskAbout }
        let settlements = settled.map { claim, verdict in
            JobSettlement(
                job: claim.job.id,
                epoch: verdict.isEpochWrong ? Epoch(claim.job.epoch.number + Self.farEpochs) : claim.job.epoch,
                verdict: verdict.verdict(now: now)
            )
        }
        let worker = worker.map { WorkerID.model($0) } ?? first.worker
        return ModelAnswer(try await subject.jobs.settle(settlements, worker: worker))
    }
}
