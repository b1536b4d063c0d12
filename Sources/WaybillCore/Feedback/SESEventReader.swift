/// Reads what SES publishes. Members it does not know are passed over: "SES reserves the right to add fields".
package enum SESEventReader {
    /// What SES sends once to a topic that becomes an event destination: no event, and nothing to keep.
    package static let validationNotice = "Successfully validated SNS topic for Amazon SES event publishing."

    /// Reads the body of a message of the feedback queue, in SNS's envelope or raw.
    package static func read(queueBody body: String) -> Result<SESFeedback, SESEventViolations> {
        let published = PublishedMessage(queueBody: body)
        if published.text == validationNotice { return .success(.validationNotice) }
        switch published.content {
        case .success(let json): return read(json).map(SESFeedback.event)
        case .failure(let error): return .failure(.notJSON(error))
        }
    }

    package static func read(_ json: JSON) -> Result<SESEvent, SESEventViolations> {
        var reading = SESEventReading()
        let event = reading.event(JSONField(value: json))
        guard let event, reading.reader.violations.isEmpty else {
            return .failure(SESEventViolations(code: reading.code, violations: reading.reader.violations))
        }
        return .success(event)
    }
}

package enum SESFeedback: Hashable, Sendable {
    case event(SESEvent)
    case validationNotice
}

/// Why a message of the feedback queue cannot be used.
package struct SESEventViolations: Error, Hashable, Sendable, CustomStringConvertible {
    /// Constant per kind of fault, for the quarantine and for metrics.
    package enum Code: String, Hashable, Sendable, CaseIterable {
        case notJSON = "event-not-json"
        case invalid = "invalid-event"
        /// An email that Waybill did not send, or a notification of an identity, which carries no tags.
        case untagged = "event-without-delivery-tag"
        case undecodableTag = "event-with-undecodable-tag"
    }

    package let code: Code
    package let violations: [JSONViolation]

    package init(code: Code, violations: [JSONViolation]) {
        self.code = code
        self.violations = violations
    }

    package static func notJSON(_ error: JSONSyntaxError) -> SESEventViolations {
        let violation = JSONViolation(path: "$", expected: "JSON (RFC 8259)", found: "a fault at \(error)")
        return SESEventViolations(code: .notJSON, violations: [violation])
    }

    /// One violation a line.
    package var description: String { violations.map(\.description).joined(separator: "\n") }
}

private struct SESEventReading {
    /// SES takes 50 recipients in a message.
    private static let mostRecipients = 50
    private static let longestText = 1000

    var reader = JSONReader()
    var code = SESEventViolations.Code.invalid

    mutating func event(_ root: JSONField) -> SESEvent? {
        guard let root = reader.object(root), let mail = reader.object(root["mail"]) else { return nil }
        let messageID = text(mail["messageId"])
        let sentAt = reader.timestamp(mail["timestamp"])
        let destination = reader.array(mail["destination"], count: 0...Self.mostRecipients)?.compactMap { text($0) }
        let kind = kind(root)
        let at = sentAt.flatMap { time(root, otherwise: $0) }
        let delivery = delivery(mail["tags"])
        let attempt = attempt(mail["tags"])
        guard let kind, let at, let messageID, let sentAt, let destination, let delivery else { return nil }
        return SESEvent(
            kind: kind,
            at: at,
            messageID: messageID,
            sentAt: sentAt,
            destination: destination,
            delivery: delivery,
            attempt: attempt
        )
    }

    private mutating func kind(_ root: JSONField) -> SESEvent.Kind? {
        switch root["eventType"].value?.text {
        case "Send": .send
        case "Delivery": .delivery
        case "DeliveryDelay": text(root["deliveryDelay"]["delayType"]).map { .deliveryDelay(type: $0) }
        case "Bounce": bounce(root["bounce"]).map(SESEvent.Kind.bounce)
        case "Complaint": complaint(root["complaint"]).map(SESEvent.Kind.complaint)
        case "Reject": text(root["reject"]["reason"]).map { .reject(reason: $0) }
        case "Rendering Failure": text(root["failure"]["errorMessage"]).map { .renderingFailure(message: $0) }
        case "Open": .engagement(.open)
        case "Click": .engagement(.click)
        case "Subscription": .engagement(.subscription)
        default: reader.refused(root["eventType"], "an event type of SES")
        }
    }

    /// The event's own time, where SES gives it one.
    private mutating func time(_ root: JSONField, otherwise sentAt: Timestamp) -> Timestamp? {
        switch root["eventType"].value?.text {
        case "Delivery": reader.timestamp(root["delivery"]["timestamp"])
        case "DeliveryDelay": reader.timestamp(root["deliveryDelay"]["timestamp"])
        case "Bounce": reader.timestamp(root["bounce"]["timestamp"])
        case "Complaint": reader.timestamp(root["complaint"]["timestamp"])
        default: sentAt
        }
    }

    private mutating func bounce(_ field: JSONField) -> SESEvent.Bounce? {
        guard let field = reader.object(field) else { return nil }
        let type = field["bounceType"].value?.text.flatMap(SESEvent.Bounce.BounceType.init)
        if type == nil { reader.refuse(field["bounceType"], expected: "Permanent, Transient or Undetermined") }
        let subtype = text(field["bounceSubType"])
        let recipients = recipients(field["bouncedRecipients"])
        guard let type, let subtype, let recipients else { return nil }
        return SESEvent.Bounce(type: type, subtype: subtype, recipients: recipients)
    }

    private mutating func complaint(_ field: JSONField) -> SESEvent.Complaint? {
        guard let field = reader.object(field) else { return nil }
        let type = field["complaintFeedbackType"]
        let feedbackType = type.isGiven ? text(type) : nil
        guard let recipients = recipients(field["complainedRecipients"]) else { return nil }
        return SESEvent.Complaint(feedbackType: feedbackType, recipients: recipients)
    }

    private mutating func recipients(_ field: JSONField) -> [String]? {
        reader.array(field, count: 0...Self.mostRecipients)?.compactMap { text($0["emailAddress"]) }
    }

    private mutating func text(_ field: JSONField) -> String? {
        guard let text = field.value?.text else { return reader.refused(field, "a string") }
        guard text.unicodeScalars.count <= Self.longestText else {
            return reader.refused(field, "at most \(Self.longestText) characters")
        }
        return text
    }

    private mutating func delivery(_ tags: JSONField) -> DeliveryID? {
        let field = tags["delivery"]
        guard field.isGiven else {
            if reader.violations.isEmpty { code = .untagged }
            return reader.refused(field, "the tag that every email of Waybill carries")
        }
        guard let tag = single(field), let delivery = DeliveryID(tag: tag) else {
            if reader.violations.isEmpty { code = .undecodableTag }
            return reader.refused(field, "one delivery in base64url")
        }
        return delivery
    }

    private mutating func attempt(_ tags: JSONField) -> AttemptID? {
        let field = tags["attempt"]
        guard field.isGiven else { return nil }
        guard let tag = single(field), let attempt = AttemptID(tag) else {
            if reader.violations.isEmpty { code = .undecodableTag }
            return reader.refused(field, "one attempt, 32 hexadecimal digits")
        }
        return attempt
    }

    /// SES gives every tag as a list of values.
    private func single(_ field: JSONField) -> String? {
        guard let values = field.value?.elements, values.count == 1 else { return nil }
        return values[0].text
    }
}
