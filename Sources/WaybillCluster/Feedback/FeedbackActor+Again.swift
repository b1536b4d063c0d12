package import WaybillCore
package import WaybillPorts

extension FeedbackActor: Intake {
    package nonisolated var queueName: String { consumer.queue.name }

    package func takeAgain(_ body: String, ledger: any DeliveryLedger) async throws -> OperatorResult {
        // It was received before: its first receipt was counted.
        let message = QueueMessage(id: "", receipt: MessageReceipt(""), body: body, receiveCount: 2, sentAt: nil)
        switch await handle(message) {
        case .done: return .done("the event is applied")
        case .quarantine(let code, let reason, _): return .refused("it is still bad: \(code): \(reason)")
        case .later: throw OutOfReach()
        }
    }
}
