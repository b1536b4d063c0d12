import WaybillCore

/// A message in SNS's envelope says what it says without; what is no order is quarantined with a reason.
enum EnvelopeProperties {
    private static let topic = "arn:aws:sns:us-east-1:123456789012:orders"
    private static let rule = IntakeRule(retention: .seconds(400 * 86_400))
    private static let now = Timestamp(seconds: 1_795_467_845)

    static func check(_ bytes: [UInt8]) {
        let body = String(decoding: bytes, as: UTF8.self)
        let raw = PublishedMessage(queueBody: body)
        require(raw == PublishedMessage(queueBody: body), "reading a message twice gives the same")
        if raw.topicARN == nil { require(raw.text.utf8.elementsEqual(body.utf8), "a raw message is the body") }
        let envelope: JSON = [
            "Type": "Notification", "MessageId": "m", "TopicArn": .string(topic), "Message": .string(raw.text),
        ]
        let wrapped = PublishedMessage(queueBody: envelope.description)
        require(wrapped.topicARN == topic, "an envelope is known", body)
        require(wrapped.text.utf8.elementsEqual(raw.text.utf8), "an envelope keeps the text", body)
        require(wrapped.content == raw.content, "an envelope keeps the content", body)
        checkIntake(body, raw: raw, envelope: envelope.description)
    }

    private static func checkIntake(_ body: String, raw: PublishedMessage, envelope: String) {
        let decision = rule.decide(body, now: now)
        require(decision == rule.decide(envelope, now: now), "an order is the same in an envelope", body)
        switch decision {
        case .accept(_, let payload):
            require(payload.utf8.elementsEqual(raw.text.utf8), "a job keeps the order as it was published", body)
        case .quarantine(let code, let reason, _):
            require(!code.isEmpty && reason.hasPrefix("$"), "the quarantine keeps a reason with a path", reason)
        }
    }
}
