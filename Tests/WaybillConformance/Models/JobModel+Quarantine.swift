package import WaybillCore
import WaybillPorts

/// What could not be used, and who must not be written to.
package enum QuarantineOperation: Sendable {
    case keep([Draft])
    case list(queue: String?, limit: Int)
    case about(Int, limit: Int)
    case suppress(String, Suppression.Reason, ago: Duration)
    case suppression(of: String)
    case unsuppress(String)

    package struct Draft: Sendable {
        var queue: String
        var body: UInt8
        var code: String
        var reason: String
        var delivery: Int?
    }

    static let queues = ["orders", "feedback", QuarantinedMessage.jobsQueue]

    static func draw(_ chance: inout ModelChance) -> QuarantineOperation {
        switch chance.number(1...13) {
        case 1...4: .keep(chance.several(0...3) { .draw(&$0) })
        case 5...6: .list(queue: chance.happens(oneIn: 2) ? chance.one(of: queues) : nil, limit: chance.limit())
        case 7...8: .about(chance.delivery(), limit: chance.limit())
        case 9...10:
            .suppress(
                chance.one(of: ModelAddress.all),
                chance.one(of: Suppression.Reason.allCases),
                ago: chance.wait()
            )
        case 11...12: .suppression(of: chance.one(of: ModelAddress.all))
        default: .unsuppress(chance.one(of: ModelAddress.all))
        }
    }
}

extension QuarantineOperation.Draft {
    static func draw(_ chance: inout ModelChance) -> QuarantineOperation.Draft {
        QuarantineOperation.Draft(
            queue: chance.one(of: QuarantineOperation.queues),
            body: UInt8(chance.number(1...3)),
            code: chance.one(of: ["invalid-order", QuarantinedMessage.conflictCode]),
            reason: chance.reason(),
            delivery: chance.happens(oneIn: 3) ? nil : chance.delivery()
        )
    }
}

extension JobModel {
    mutating func perform(_ operation: QuarantineOperation) async throws -> ModelAnswer {
        let store = subject.quarantine
        switch operation {
        case .keep(let drafts):
            try await store.keep(
                drafts.map { draft in
                    QuarantinedMessage(
                        queue: draft.queue,
                        body: [draft.body, 0, 0xFF],
                        bodyHash: .sample(draft.body),
                        code: draft.code,
                        reason: draft.reason,
                        delivery: draft.delivery.map { ModelDelivery.all[$0] }
                    )
                }
            )
            return .done
        case .list(let queue, let limit): return listed(try await store.list(queue: queue, limit: limit))
        case .about(let delivery, let limit):
            return listed(try await store.about(ModelDelivery.all[delivery], limit: limit))
        case .suppress(let email, let reason, let ago):
            let at = try await subject.jobs.now() - ago
            try await subject.suppressions.suppress(Suppression(email: email, reason: reason), at: at)
            return .done
        case .suppression(let email): return ModelAnswer(try await subject.suppressions.suppression(of: email))
        case .unsuppress(let email): return ModelAnswer(try await subject.suppressions.unsuppress(email))
        }
    }

    private mutating func listed(_ entries: [QuarantineEntry]) -> ModelAnswer {
        ModelAnswer(
            entries.map { entry in
                var entry = entry
                entry.id = number(.quarantine, entry.id)
                return entry
            }
        )
    }
}
