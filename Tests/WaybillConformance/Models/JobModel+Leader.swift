import WaybillCore
import WaybillPorts

/// The leader's term, its feed and its duties. Terms are counted back among those that were won.
package enum LeaderOperation: Sendable {
    case campaign(Int, role: String, lease: Duration)
    case resign(Int)
    case noteSend(ago: Duration)
    case noteRead(trouble: String?, gap: Duration, term: Int)
    case feed
    case quarantined(queue: String)
    case begin(task: String, tick: Int, term: Int)
    /// What it says it made and dropped is the store's own.
    case maintainHistory(keepDays: Int)

    static func draw(_ chance: inout ModelChance) -> LeaderOperation {
        switch chance.number(1...18) {
        case 1...6:
            .campaign(chance.worker(), role: chance.happens(oneIn: 12) ? "other" : "leader", lease: chance.lease())
        case 7: .resign(chance.recent())
        case 8: .noteSend(ago: chance.wait())
        case 9...11:
            .noteRead(
                trouble: chance.happens(oneIn: 3) ? chance.reason() : nil,
                gap: chance.wait(),
                term: chance.recent()
            )
        case 12: .feed
        case 13: .quarantined(queue: chance.one(of: QuarantineOperation.queues))
        case 14: .maintainHistory(keepDays: chance.one(of: [0, 1, 1, 1, 2]))
        default: .begin(task: chance.one(of: ["quota", "history"]), tick: chance.number(1...4), term: chance.recent())
        }
    }
}

extension JobModel {
    mutating func perform(_ operation: LeaderOperation) async throws -> ModelAnswer {
        switch operation {
        case .campaign(let worker, let role, let lease):
            let fence = try await subject.leadership.campaign(role: role, holder: .model(worker), lease: lease)
            if let fence { fences.append(fence) }
            return ModelAnswer(fence)
        case .resign(let term):
            guard let fence = fences.recent(term) else { return .nothingToAskAbout }
            try await subject.leadership.resign(fence)
            return .done
        case .noteSend(let ago):
            let now = try await subject.jobs.now()
            try await subject.feed.noteSend(acceptedAt: now - ago)
            return .done
        case .noteRead(let trouble, let gap, let term):
            guard let fence = fences.recent(term) else { return .nothingToAskAbout }
            try await subject.feed.noteRead(trouble: trouble, gap: gap, fence: fence)
            return .done
        case .feed: return ModelAnswer(try await subject.feed.feed())
        case .quarantined(let queue): return ModelAnswer(try await subject.feed.quarantined(queue: queue))
        case .begin(let task, let tick, let term):
            guard let fence = fences.recent(term) else { return .nothingToAskAbout }
            return ModelAnswer(try await subject.duties.begin(task: task, tick: Int64(tick), fence: fence))
        case .maintainHistory(let days):
            _ = try await subject.duties.maintainHistory(keepDays: days, fence: nil)
            return .done
        }
    }
}
