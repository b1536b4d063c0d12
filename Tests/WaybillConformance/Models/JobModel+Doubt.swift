import WaybillCore
import WaybillPorts

/// The sweep's side of jobs in doubt.
package enum DoubtOperation: Sendable {
    case due(limit: Int)
    /// Under a term, counted back among those that were won; nil is under none.
    case settle([Verdict], term: Int?)

    package struct Verdict: Sendable {
        /// Counted back among those that were found due.
        var job: Int
        var isEpochWrong: Bool
        var kind: Kind

        enum Kind: Sendable {
            case finished(String, String?)
            case ready
            case unconfirmed(String, Duration)
            case later(Duration)
        }
    }

    static func draw(_ chance: inout ModelChance) -> DoubtOperation {
        chance.happens(oneIn: 2)
            ? .due(limit: chance.limit())
            : .settle(
                chance.several(chance.happens(oneIn: 10) ? 0...0 : 1...3) { .draw(&$0) },
                term: chance.happens(oneIn: 2) ? chance.recent() : nil
            )
    }
}

extension DoubtOperation.Verdict {
    static func draw(_ chance: inout ModelChance) -> DoubtOperation.Verdict {
        let kind: Kind =
            switch chance.number(1...7) {
            case 1: .finished(chance.ending(), chance.messageID())
            case 2: .ready
            case 3...5: .unconfirmed(chance.reason(), chance.wait())
            default: .later(chance.wait())
            }
        return DoubtOperation.Verdict(job: chance.recent(), isEpochWrong: chance.happens(oneIn: 5), kind: kind)
    }

    func verdict(now: Timestamp) -> InDoubtVerdict.Verdict {
        switch kind {
        case .finished(let status, let messageID): .finished(status: status, messageID: messageID)
        case .ready: .ready
        case .unconfirmed(let reason, let wait): .unconfirmed(reason: reason, lookAgain: now + wait)
        case .later(let wait): .later(now + wait)
        }
    }
}

extension JobModel {
    mutating func perform(_ operation: DoubtOperation) async throws -> ModelAnswer {
        switch operation {
        case .due(let limit):
            let due = try await subject.jobs.dueInDoubt(limit: limit)
            doubts += due
            return ModelAnswer(
                due.map { job in
                    var job = job
                    job.id = number(.job, job.id)
                    job.epoch = ordered(job.epoch)
                    return job
                }
            )
        case .settle(let verdicts, let term):
            let now = try await subject.jobs.now()
            let settled = verdicts.compactMap { verdict -> InDoubtVerdict? in
                guard var job = doubts.recent(verdict.job) else { return nil }
                if verdict.isEpochWrong { job.epoch = Epoch(job.epoch.number + Self.farEpochs) }
                return InDoubtVerdict(job: job, verdict: verdict.verdict(now: now))
            }
            return ModelAnswer(try await subject.jobs.settleInDoubt(settled, fence: term.flatMap { fences.recent($0) }))
        }
    }
}
