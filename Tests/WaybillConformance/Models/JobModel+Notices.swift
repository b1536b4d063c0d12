import WaybillCore
import WaybillPorts

/// What the shop is told. Notices are counted back among those that were given out.
package enum NoticeOperation: Sendable {
    case note([Draft])
    case take(limit: Int)
    case mark([Int])
    case drop(olderThan: Duration)

    package struct Draft: Sendable {
        var delivery: Int
        var status: DeliveryStatus
        var messageID: String?
    }

    static func draw(_ chance: inout ModelChance) -> NoticeOperation {
        switch chance.number(1...10) {
        case 1...4: .note(chance.several(0...3) { .draw(&$0) })
        case 5...7: .take(limit: chance.limit())
        case 8...9: .mark(chance.several(0...3) { $0.recent() })
        default: .drop(olderThan: chance.happens(oneIn: 3) ? chance.wait() : .seconds(600))
        }
    }
}

extension NoticeOperation.Draft {
    static func draw(_ chance: inout ModelChance) -> NoticeOperation.Draft {
        NoticeOperation.Draft(
            delivery: chance.delivery(),
            status: chance.one(of: [.sent, .delivered, .bouncedSoft, .bouncedHard, .complaint, .failed]),
            messageID: chance.happens(oneIn: 20) ? "m\0" : chance.messageID()
        )
    }
}

extension JobModel {
    mutating func perform(_ operation: NoticeOperation) async throws -> ModelAnswer {
        let store = subject.notices
        switch operation {
        case .note(let drafts):
            let now = try await subject.jobs.now()
            // Which of two with the same id in one call is kept is nobody's promise.
            var places: Set<[Int]> = []
            let noted = drafts.filter { places.insert([$0.delivery, $0.status.rank]).inserted }.map { draft in
                StatusNotice(
                    delivery: ModelDelivery.all[draft.delivery],
                    status: draft.status,
                    at: now,
                    messageID: draft.messageID
                )
            }
            try await store.note(noted)
            return .done
        case .take(let limit):
            let taken = try await store.takeNotices(limit: limit)
            notices += taken.map(\.id)
            return ModelAnswer(taken.map { OutgoingNotice(id: number(.notice, $0.id), notice: $0.notice) })
        case .mark(let places):
            try await store.markPublished(places.compactMap { notices.recent($0) })
            return .done
        case .drop(let age): return ModelAnswer(try await store.dropNotices(olderThan: age))
        }
    }
}
