import Logging
import WaybillCore
import WaybillPorts

extension OperatorActor {
    /// Messages of the quarantine that are to be taken as if they had just arrived. A message leaves the quarantine in the
    /// commit that ends its request, after what it says is durable: whoever performs it again finds that.
    func requeue(worker: WorkerID) async throws {
        for request in try await store.takeRequeues(worker: worker, limit: Self.limit) {
            guard board.trusted(now: environment.monotonicNow()) == worker else { return }
            let result = try await take(request)
            guard try await store.finishRequeue(request, worker: worker, result: result) else { continue }
            outcomes.add(result.isDone ? .requestsDone : .requestsRefused)
            let metadata: Logger.Metadata = [
                "request": "\(request.id)", "quarantine": "\(request.entry)", "by": "\(request.name)",
                "reason": "\(request.reason)", "done": "\(result.isDone)",
            ]
            logger.notice("message of the quarantine looked at again", metadata: metadata)
        }
    }

    private func take(_ request: RequeueRequest) async throws -> OperatorResult {
        guard let message = try await store.quarantined(request.entry)?.message else {
            return .refused("there is no message \(request.entry) in quarantine any more")
        }
        guard let body = String(validating: message.body, as: UTF8.self) else {
            return .refused("it is still bad: expected UTF-8 text")
        }
        switch message.queue {
        case intakes.orders.queueName, QuarantinedMessage.jobsQueue:
            return try await intakes.orders.takeAgain(body, ledger: ledger)
        case intakes.feedback.queueName:
            return try await intakes.feedback.takeAgain(body, ledger: ledger)
        default:
            let known = [intakes.orders.queueName, intakes.feedback.queueName, QuarantinedMessage.jobsQueue]
            return .refused(
                "it came from the queue \(message.queue), and this cluster reads \(known.joined(separator: ", "))"
            )
        }
    }
}
