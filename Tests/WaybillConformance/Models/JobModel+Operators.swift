package import WaybillCore
import WaybillPorts

/// What operators ask for, and the jobs' side of it. Requests are counted back among those that were made.
package enum OperatorOperation: Sendable {
    case ask(OperatorAction, Int)
    case askForCopy(Int, to: String)
    case take(worker: Int, limit: Int)
    case finish(Int, worker: Int, isDone: Bool, outcome: String)
    case result(Int)
    case makeReady(Int, reason: String)
    case finishUndecided(Int, status: String)
    case restoreInDoubt(Int, after: Duration)
    case payload(Int)
    case makeCopy(request: Int, of: Int, leastNumber: Int)
    case copies(Int)

    static func draw(_ chance: inout ModelChance) -> OperatorOperation {
        switch chance.number(1...24) {
        case 1...2: .ask(chance.one(of: [.resend, .close, .retry, .cancel, .release]), chance.delivery())
        case 3...5: .askForCopy(confirmation(&chance), to: chance.one(of: ModelAddress.all))
        case 6...8: .take(worker: chance.worker(), limit: chance.limit())
        case 9:
            .finish(
                chance.recent(),
                worker: chance.worker(),
                isDone: chance.happens(oneIn: 2),
                outcome: chance.reason()
            )
        case 10: .result(chance.recent())
        case 11...13: .makeReady(chance.delivery(), reason: chance.reason())
        case 14...15: .finishUndecided(chance.delivery(), status: chance.ending())
        case 16...17: .restoreInDoubt(chance.delivery(), after: chance.wait())
        case 18: .payload(chance.delivery())
        case 19...23:
            .makeCopy(
                request: chance.recent(),
                of: confirmation(&chance),
                leastNumber: chance.one(of: [2, 2, 2, 5, 19, 20])
            )
        default: .copies(chance.delivery())
        }
    }

    private static func confirmation(_ chance: inout ModelChance) -> Int { chance.number(0...1) }
}

extension JobModel {
    mutating func perform(_ operation: OperatorOperation) async throws -> ModelAnswer {
        let operators = subject.operators
        switch operation {
        case .ask(let action, let delivery):
            return asked(try await subject.requests.ask(action, ModelDelivery.all[delivery], "why"))
        case .askForCopy(let delivery, let address):
            return asked(try await subject.requests.askForCopy(ModelDelivery.all[delivery], address, "why"))
        case .take(let worker, let limit):
            return taken(try await operators.takeRequests(worker: .model(worker), limit: limit))
        case .finish(let request, let worker, let isDone, let outcome):
            guard let id = requests.recent(request) else { return .nothingToAskAbout }
            let result = OperatorResult(isDone: isDone, outcome)
            return ModelAnswer(try await operators.finishRequest(id, worker: .model(worker), result: result))
        case .result(let request):
            guard let id = requests.recent(request) else { return .nothingToAskAbout }
            return ModelAnswer(try await subject.requests.result(id))
        case .makeReady(let delivery, let reason):
            return ModelAnswer(try await operators.makeReady(ModelDelivery.all[delivery], reason: reason))
        case .finishUndecided(let delivery, let status):
            let id = ModelDelivery.all[delivery]
            return ModelAnswer(try await operators.finishUndecided(id, status: status, reason: "why"))
        case .restoreInDoubt(let delivery, let wait):
            let until = try await subject.jobs.now() + wait
            let attempt = AttemptID(high: 3, low: 4)
            let id = ModelDelivery.all[delivery]
            return ModelAnswer(try await operators.restoreInDoubt(id, attempt: attempt, until: until))
        case .payload(let delivery):
            return ModelAnswer(try await subject.copies.payload(of: ModelDelivery.all[delivery]))
        case .makeCopy(let request, let delivery, let leastNumber):
            return try await makeCopy(request, ModelDelivery.all[delivery], leastNumber)
        case .copies(let delivery):
            return ModelAnswer(try await subject.copies.copies(of: ModelDelivery.all[delivery]))
        }
    }

    private mutating func asked(_ id: Int64) -> ModelAnswer {
        requests.append(id)
        return ModelAnswer(number(.request, id))
    }

    private mutating func taken(_ requests: [TakenRequest]) -> ModelAnswer {
        ModelAnswer(
            requests.compactMap { request -> OperatorRequest? in
                // The model asks about deliveries.
                guard var request = request.operatorRequest else { return nil }
                request.id = number(.request, request.id)
                // Whoever is connected to the database.
                request.name = ""
                return request
            }
        )
    }

    private func makeCopy(_ request: Int, _ delivery: DeliveryID, _ leastNumber: Int) async throws -> ModelAnswer {
        guard let id = requests.recent(request) else { return .nothingToAskAbout }
        let copy = NewCopy(
            request: id,
            confirmation: delivery,
            payload: "the order again",
            payloadHash: .sample(3),
            email: "Ann@Example.com",
            note: "why"
        )
        let outcome = try await subject.copies.makeCopy(copy, leastNumber: leastNumber)
        // An operator can have two copies sent again: either may be named as the one that is under way.
        if case .busy = outcome { return ModelAnswer("busy") }
        return ModelAnswer(outcome)
    }
}
