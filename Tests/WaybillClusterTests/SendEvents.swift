import WaybillCore
import WaybillPorts
import WaybillSimulation

extension TestWorld {
    /// SES publishes the Send event of an acceptance.
    func publishSend(_ acceptance: InMemoryMailer.Acceptance) {
        let email = acceptance.email
        publishSend(of: email.delivery, email.attempt, message: acceptance.messageID, to: email.recipient)
    }

    /// A Send event of a delivery that has no record.
    func publishSendOfNobody() {
        publishSend(of: delivery("A-404"), AttemptID(high: 4, low: 4), message: "0100-404", to: "ann@example.com")
    }

    private func publishSend(of delivery: DeliveryID, _ attempt: AttemptID, message: String, to recipient: String) {
        let tag = Base64URL.encode(delivery.description.utf8)
        feedback.send(
            """
            {"eventType":"Send","mail":{"timestamp":"\(loop.wallNow().rfc3339)","messageId":"\(message)",
             "destination":["\(recipient)"],
             "tags":{"delivery":["\(tag)"],"attempt":["\(attempt)"]}},"send":{}}
            """
        )
    }

    func result(_ request: Int64) async -> OperatorResult? {
        let isThere = await eventually(within: .seconds(10)) { store.result(ofRequest: request) != nil }
        return isThere ? store.result(ofRequest: request) : nil
    }

    func delivery(_ order: String) -> DeliveryID {
        guard let order = OrderID(order) else { preconditionFailure("\(order) is no order id") }
        return DeliveryID(order: order)
    }
}
