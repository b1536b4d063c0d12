package import WaybillCore
package import WaybillPorts

extension IngestActor: Intake {
    package nonisolated var queueName: String { consumer.queue.name }

    /// Also asks the record, which says more than a job: an order that went out with other contents would only come back
    /// into the quarantine when its job is claimed.
    package func takeAgain(_ body: String, ledger: any DeliveryLedger) async throws -> OperatorResult {
        switch rule.decide(body, now: clock.now()) {
        case .quarantine(let code, let reason, _):
            return .refused("it is still bad: \(code): \(reason)")
        case .accept(let order, let payload):
            let job = job(order, payload: payload, receivedAt: nil)
            if let record = try await ledger.read(job.delivery, now: clock.now()) {
                guard record.payloadHash == job.payloadHash else {
                    let first = "the order \(order.id) is \(record.status.name) with other contents"
                    return .refused("it is still bad: conflict: \(first); a corrected one needs an id of its own")
                }
            }
            return result(try await store.enqueue([job]), order)
        }
    }

    private func result(_ outcomes: [EnqueueOutcome], _ order: Order) -> OperatorResult {
        switch outcomes.first {
        case .inserted:
            jobsReady.wake()
            return .done("the order \(order.id) is a job now")
        case .duplicate:
            return .done("the order \(order.id) is a job already, with the same contents")
        case .conflict:
            return .refused("it is still bad: conflict: the order \(order.id) is a job already, with other contents")
        case .rejected(let reason):
            return .refused("it is still bad: not-storable: \(reason)")
        case nil:
            preconditionFailure("one job, one outcome")
        }
    }
}
