import WaybillCore
import WaybillPorts

/// What SES publishes about one email, as JSON.
struct SimulatedEvent {
    enum Kind: String, Hashable, Sendable, CaseIterable {
        case send, delivery, delay, softBounce, hardBounce, complaint, notSpam, reject

        var fact: DeliveryFact {
            switch self {
            case .send: .sent
            case .delivery: .delivered
            case .delay: .delayed
            case .softBounce: .bouncedSoft
            case .hardBounce: .bouncedHard
            case .complaint: .complained
            case .notSpam: .notSpam
            case .reject: .rejected
            }
        }
    }

    let kind: Kind
    let email: OutgoingEmail
    let messageID: String
    let sentAt: Timestamp

    /// The event happened at `time`.
    func json(at time: Timestamp) -> String {
        let delivery = Base64URL.encode(email.delivery.description.utf8)
        return """
            {"eventType":"\(type)","mail":{"timestamp":"\(sentAt.rfc3339)","messageId":"\(messageID)",\
            "destination":["\(email.recipient)"],"tags":{"delivery":["\(delivery)"],"attempt":["\(email.attempt)"]}},\
            \(detail(at: time.rfc3339))}
            """
    }

    private var type: String {
        switch kind {
        case .send: "Send"
        case .delivery: "Delivery"
        case .delay: "DeliveryDelay"
        case .softBounce, .hardBounce: "Bounce"
        case .complaint, .notSpam: "Complaint"
        case .reject: "Reject"
        }
    }

    private func detail(at time: String) -> String {
        let bounced = "\"bouncedRecipients\":[{\"emailAddress\":\"\(email.recipient)\"}],\"timestamp\":\"\(time)\""
        let complained =
            "\"complainedRecipients\":[{\"emailAddress\":\"\(email.recipient)\"}],\"timestamp\":\"\(time)\""
        return switch kind {
        case .send: "\"send\":{}"
        case .delivery: "\"delivery\":{\"timestamp\":\"\(time)\"}"
        case .delay: "\"deliveryDelay\":{\"delayType\":\"MailboxFull\",\"timestamp\":\"\(time)\"}"
        case .softBounce: "\"bounce\":{\"bounceType\":\"Transient\",\"bounceSubType\":\"General\",\(bounced)}"
        case .hardBounce: "\"bounce\":{\"bounceType\":\"Permanent\",\"bounceSubType\":\"General\",\(bounced)}"
        case .complaint: "\"complaint\":{\(complained)}"
        case .notSpam: "\"complaint\":{\"complaintFeedbackType\":\"not-spam\",\(complained)}"
        case .reject: "\"reject\":{\"reason\":\"Bad content\"}"
        }
    }
}
