/// What SES publishes of one email that carries our tags. Source: SES developer guide, "Contents of event data that
/// Amazon SES publishes to Amazon SNS".
package struct SESEvent: Hashable, Sendable {
    package var kind: Kind
    /// When it happened: the event's own time, or that of the email where the event has none.
    package var at: Timestamp
    /// SES's id of the email.
    package var messageID: String
    /// When SES accepted the email.
    package var sentAt: Timestamp
    package var destination: [String]
    /// From the tag `delivery`.
    package var delivery: DeliveryID
    /// From the tag `attempt`, if there is one.
    package var attempt: AttemptID?

    package enum Kind: Hashable, Sendable {
        case send
        case delivery
        /// The receiving server puts it off; the type is SES's word for why.
        case deliveryDelay(type: String)
        case bounce(Bounce)
        case complaint(Complaint)
        /// SES accepted the email and then found a virus in it.
        case reject(reason: String)
        /// A template of SES's own could not be filled in. Waybill renders here, so it never asks for one.
        case renderingFailure(message: String)
        /// Open, Click and Subscription say nothing about the delivery.
        case engagement(Engagement)

        /// The word of `eventType`.
        package var word: String {
            switch self {
            case .send: "Send"
            case .delivery: "Delivery"
            case .deliveryDelay: "DeliveryDelay"
            case .bounce: "Bounce"
            case .complaint: "Complaint"
            case .reject: "Reject"
            case .renderingFailure: "Rendering Failure"
            case .engagement(let engagement): engagement.rawValue
            }
        }
    }

    package enum Engagement: String, CaseIterable, Hashable, Sendable {
        case open = "Open"
        case click = "Click"
        case subscription = "Subscription"
    }

    package struct Bounce: Hashable, Sendable {
        package enum BounceType: String, CaseIterable, Hashable, Sendable {
            case permanent = "Permanent"
            case transient = "Transient"
            case undetermined = "Undetermined"
        }

        package var type: BounceType
        /// `General`, `NoEmail`, `MailboxFull`, ...: AWS adds new ones, so it is text.
        package var subtype: String
        package var recipients: [String]

        package init(type: BounceType, subtype: String, recipients: [String]) {
            self.type = type
            self.subtype = subtype
            self.recipients = recipients
        }
    }

    package struct Complaint: Hashable, Sendable {
        /// `abuse`, `fraud`, `not-spam`, ...; nil when the provider did not say.
        package var feedbackType: String?
        package var recipients: [String]

        package init(feedbackType: String?, recipients: [String]) {
            self.feedbackType = feedbackType
            self.recipients = recipients
        }

        /// The recipient took the message out of the spam folder: the opposite of a complaint.
        package var isNotSpam: Bool { feedbackType == "not-spam" }
    }

    package init(
        kind: Kind,
        at: Timestamp,
        messageID: String,
        sentAt: Timestamp,
        destination: [String],
        delivery: DeliveryID,
        attempt: AttemptID?
    ) {
        self.kind = kind
        self.at = at
        self.messageID = messageID
        self.sentAt = sentAt
        self.destination = destination
        self.delivery = delivery
        self.attempt = attempt
    }
}

/// An address that must not be written to any more, as SES's own list names the reasons.
package struct Suppression: Hashable, Sendable {
    package enum Reason: String, CaseIterable, Hashable, Sendable {
        case bounce = "BOUNCE"
        case complaint = "COMPLAINT"
    }

    package var email: String
    package var reason: Reason

    package init(email: String, reason: Reason) {
        self.email = email
        self.reason = reason
    }
}

extension SESEvent {
    /// What the event proves of its delivery: one fact, or none.
    package var evidence: [DeliveryEvidence] {
        guard let fact else { return [] }
        return [DeliveryEvidence(fact: fact, at: at, sentAt: sentAt, messageID: messageID)]
    }

    private var fact: DeliveryFact? {
        switch kind {
        case .send: .sent
        case .delivery: .delivered
        case .deliveryDelay: .delayed
        case .bounce(let bounce): bounce.type == .permanent ? .bouncedHard : .bouncedSoft
        case .complaint(let complaint): complaint.isNotSpam ? .notSpam : .complained
        case .reject, .renderingFailure: .rejected
        case .engagement: nil
        }
    }

    /// The addresses that go onto the suppression list.
    package var suppressions: [Suppression] {
        switch kind {
        case .bounce(let bounce) where bounce.suppresses:
            bounce.recipients.map { Suppression(email: $0, reason: .bounce) }
        case .complaint(let complaint) where !complaint.isNotSpam:
            complaint.recipients.map { Suppression(email: $0, reason: .complaint) }
        case .bounce, .complaint, .send, .delivery, .deliveryDelay, .reject, .renderingFailure, .engagement:
            []
        }
    }
}

extension SESEvent.Bounce {
    /// Subtypes of a permanent bounce that say that the address takes no mail. Those by which SES enforces a policy of
    /// this account or of a tenant (`OnTenantSuppressionList`, `EmailValidationSuppressed`, `UnsubscribedRecipient`) say
    /// nothing about the address, nor does one that AWS has yet to document.
    private static let final: Set<String> = ["General", "NoEmail", "Suppressed", "OnAccountSuppressionList"]

    var suppresses: Bool { type == .permanent && Self.final.contains(subtype) }
}
