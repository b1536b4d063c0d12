import WaybillCore
import WaybillPorts

package enum WorkerOperation: Sendable {
    case register(Int, lease: Duration)
    case renew(Int, lease: Duration)
    case deregister(Int)
    case reap
    case live

    static func draw(_ chance: inout ModelChance) -> WorkerOperation {
        switch chance.number(1...16) {
        case 1...8: .register(chance.worker(), lease: chance.lease())
        case 9...11: .renew(chance.worker(), lease: chance.lease())
        case 12: .deregister(chance.worker())
        case 13...15: .reap
        default: .live
        }
    }
}

extension JobModel {
    mutating func perform(_ operation: WorkerOperation) async throws -> ModelAnswer {
        let workers = subject.workers
        switch operation {
        case .register(let worker, let lease):
            try await workers.register(.model(worker), about: .sample, lease: lease)
            return .done
        case .renew(let worker, let lease):
            return ModelAnswer(try await workers.renew(.model(worker), lease: lease, jobsInHand: worker))
        case .deregister(let worker):
            try await workers.deregister(.model(worker))
            return .done
        case .reap: return ModelAnswer(try await workers.reap())
        case .live: return ModelAnswer(try await workers.live())
        }
    }
}
