import WaybillCore
import WaybillPorts
import WaybillSimulation

extension TestWorld {
    /// SES publishes the Send event of an acceptance.
    func publishSend(_ acceptance: InMemoryMailer.Acceptance) {
        let email = acceptance.email
        let delivery = Base64URL.encode(email.delivery.description.utf8)
        feedback.send(
            """
            {"eventType":"Send","mail":{"timestamp":"\(loop.wallNow().rfc3339)","messageId":"\(acceptance.messageID)",
             "destination":["\(email.recipient)"],
             "tags":{"delivery":["\(delivery)"],"attempt":["\(email.attempt)"]}},"send":{}}
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
