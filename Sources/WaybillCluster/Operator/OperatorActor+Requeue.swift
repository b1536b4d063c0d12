import WaybillCore
import WaybillPorts

extension OperatorActor {
    /// Takes a message of the quarantine as if it had just arrived. It leaves the quarantine in the commit that ends the
    /// request, after what it says is durable: whoever performs the request again finds that.
    func requeue(_ entry: Int64) async throws -> OperatorResult {
        guard let message = try await store.entry(entry)?.message else {
            return .refused("there is no message \(entry) in quarantine any more")
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
