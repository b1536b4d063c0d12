package import WaybillCore
import WaybillPorts

/// The mirror of the account's suppression list.
package enum MirrorOperation: Sendable {
    case begin(SuppressionMirror.Kind, ago: Duration?, tick: Int?, term: Int)
    case page([Entry], next: String?, term: Int)
    case drop(limit: Int, term: Int)
    case trouble(String?, term: Int)
    case look

    package struct Entry: Sendable {
        var email: String
        var ago: Duration
    }

    static func draw(_ chance: inout ModelChance) -> MirrorOperation {
        switch chance.number(1...12) {
        case 1...3:
            .begin(
                chance.one(of: [.full, .full, .recent]),
                ago: chance.happens(oneIn: 2) ? nil : chance.wait(),
                tick: chance.happens(oneIn: 3) ? chance.number(1...4) : nil,
                term: chance.recent()
            )
        case 4...7:
            .page(
                chance.several(0...3) { Entry(email: $0.one(of: ModelAddress.all), ago: $0.wait()) },
                next: chance.happens(oneIn: 3) ? chance.one(of: ["t-1", "t-2", "n\0l"]) : nil,
                term: chance.recent()
            )
        case 8...9: .drop(limit: chance.number(1...3), term: chance.recent())
        case 10: .trouble(chance.happens(oneIn: 2) ? nil : chance.reason(), term: chance.recent())
        default: .look
        }
    }
}

extension JobModel {
    mutating func perform(_ operation: MirrorOperation) async throws -> ModelAnswer {
        let store = subject.mirror
        let now = try await subject.jobs.now()
        switch operation {
        case .begin(let kind, let ago, let tick, let term):
            guard let fence = fences.recent(term) else { return .nothingToAskAbout }
            let (since, tick) = (ago.map { now - $0 }, tick.map { Int64($0) })
            return ModelAnswer(try await store.beginMirrorRead(kind, since: since, tick: tick, fence: fence))
        case .page(let entries, let next, let term):
            guard let fence = fences.recent(term) else { return .nothingToAskAbout }
            let page = entries.map {
                AccountSuppressionPage.Entry(email: $0.email, reason: "BOUNCE", updatedAt: now - $0.ago)
            }
            try await store.keepMirrorPage(AccountSuppressionPage(entries: page, next: next?.withoutNUL), fence: fence)
            return .done
        case .drop(let limit, let term):
            guard let fence = fences.recent(term) else { return .nothingToAskAbout }
            return ModelAnswer(try await store.dropUnseen(limit: limit, fence: fence))
        case .trouble(let trouble, let term):
            guard let fence = fences.recent(term) else { return .nothingToAskAbout }
            try await store.noteMirrorTrouble(trouble, fence: fence)
            return .done
        case .look: return ModelAnswer(try await store.mirror())
        }
    }
}
