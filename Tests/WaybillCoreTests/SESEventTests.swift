import Testing
import WaybillCore

@Suite struct SESEventTests {
    private static let sentAt = Timestamp(seconds: 1_795_467_845) + .microseconds(240_000)

    @Test func aSendIsReadCompletely() throws {
        let event = try read(SESEventTexts.send)
        #expect(event.kind == .send)
        #expect(event.messageID == "0100018f-000000")
        #expect(event.sentAt == Self.sentAt)
        #expect(event.destination == ["zoe@example.com"])
        #expect(event.delivery.description == "order-confirmation/A-1")
        #expect(event.attempt?.description == SESEventTexts.attempt)
    }

    @Test(arguments: [
        (SESEventTexts.send, DeliveryFact.sent, "2026-11-23T21:04:05.240Z"),
        (SESEventTexts.delivered, .delivered, "2026-11-23T21:04:09.413Z"),
        (SESEventTexts.delay, .delayed, "2026-11-23T22:00:00.095Z"),
        (SESEventTexts.bounce("Permanent", "General"), .bouncedHard, "2026-11-23T21:05:02.012Z"),
        (SESEventTexts.bounce("Permanent", "SomethingNew"), .bouncedHard, "2026-11-23T21:05:02.012Z"),
        (SESEventTexts.bounce("Transient", "MailboxFull"), .bouncedSoft, "2026-11-23T21:05:02.012Z"),
        (SESEventTexts.bounce("Undetermined", "Undetermined"), .bouncedSoft, "2026-11-23T21:05:02.012Z"),
        (SESEventTexts.complaint("\"abuse\""), .complained, "2026-11-24T00:41:02.669Z"),
        (SESEventTexts.complaint("null"), .complained, "2026-11-24T00:41:02.669Z"),
        (SESEventTexts.complaint("\"not-spam\""), .notSpam, "2026-11-24T00:41:02.669Z"),
        (SESEventTexts.reject, .rejected, "2026-11-23T21:04:05.240Z"),
        (SESEventTexts.renderingFailure, .rejected, "2026-11-23T21:04:05.240Z"),
    ])
    func anEventProvesOneFactAtItsOwnTime(text: String, fact: DeliveryFact, at: String) throws {
        let event = try read(text)
        let time = try #require(Timestamp(rfc3339: at))
        #expect(
            event.evidence == [
                DeliveryEvidence(fact: fact, at: time, sentAt: Self.sentAt, messageID: "0100018f-000000")
            ]
        )
    }

    @Test(arguments: [
        (SESEventTexts.open, SESEvent.Engagement.open), (SESEventTexts.click, .click),
        (SESEventTexts.subscription, .subscription),
    ])
    func whatARecipientDoesWithTheEmailProvesNothing(_ text: String, engagement: SESEvent.Engagement) throws {
        let event = try read(text)
        #expect(event.kind == .engagement(engagement))
        #expect(event.kind.word == engagement.rawValue)
        #expect(event.evidence.isEmpty)
        #expect(event.suppressions.isEmpty)
    }

    @Test(arguments: [
        ("Permanent", "General", true), ("Permanent", "NoEmail", true), ("Permanent", "Suppressed", true),
        ("Permanent", "OnAccountSuppressionList", true), ("Permanent", "OnTenantSuppressionList", false),
        ("Permanent", "EmailValidationSuppressed", false), ("Permanent", "UnsubscribedRecipient", false),
        ("Permanent", "SomethingNew", false), ("Transient", "General", false), ("Transient", "MailboxFull", false),
        ("Undetermined", "Undetermined", false),
    ])
    func onlyABounceThatBlamesTheAddressSuppressesIt(type: String, subtype: String, suppresses: Bool) throws {
        let expected = suppresses ? [Suppression(email: "zoe@example.com", reason: .bounce)] : []
        #expect(try read(SESEventTexts.bounce(type, subtype)).suppressions == expected)
    }

    @Test(arguments: [("\"abuse\"", true), ("\"fraud\"", true), ("null", true), ("\"not-spam\"", false)])
    func aComplaintSuppressesItsRecipientsUnlessItIsNone(type: String, suppresses: Bool) throws {
        let suppressions = try read(SESEventTexts.complaint(type)).suppressions
        let expected = ["zoe@example.com", "x@example.com"].map { Suppression(email: $0, reason: .complaint) }
        #expect(suppressions == (suppresses ? expected : []))
    }

    @Test(arguments: [SESEventTexts.send, SESEventTexts.delivered, SESEventTexts.delay, SESEventTexts.reject])
    func whatIsNeitherBounceNorComplaintSuppressesNobody(_ text: String) throws {
        #expect(try read(text).suppressions.isEmpty)
    }

    @Test(arguments: ["true", "false", "\"true\"", "\"false\"", "null"])
    func headersTruncatedMayBeTextOrBoolean(_ value: String) throws {
        let text = SESEventTexts.event("Send", #""send":{}"#, headersTruncated: value)
        #expect(try read(text) == read(SESEventTexts.send))
    }

    @Test func fieldsThatSESAddsAreIgnored() throws {
        let text = SESEventTexts.send.replacing("\"mail\":{", with: "\"new\":[1],\"mail\":{\"new\":{},")
        #expect(try read(text) == read(SESEventTexts.send))
    }

    @Test func theNoticeOfANewDestinationIsNoFault() throws {
        for body in [SESEventReader.validationNotice, PublishedMessageTests.envelope(SESEventReader.validationNotice)] {
            #expect(try SESEventReader.read(queueBody: body).get() == .validationNotice)
        }
    }

    @Test func anEventIsReadRawAndFromItsEnvelope() throws {
        let event = try read(SESEventTexts.delivered)
        #expect(try SESEventReader.read(queueBody: SESEventTexts.delivered).get() == .event(event))
        let enveloped = PublishedMessageTests.envelope(SESEventTexts.delivered)
        #expect(try SESEventReader.read(queueBody: enveloped).get() == .event(event))
    }

    @Test(arguments: [
        ("", SESEventViolations.Code.untagged),
        (#""delivery":null"#, .untagged),
        (#""delivery":["not base64url!"]"#, .undecodableTag),
        (#""delivery":["QQ"]"#, .undecodableTag),
        (#""delivery":[]"#, .undecodableTag),
        (#""delivery":[7]"#, .undecodableTag),
        (#""delivery":"b3JkZXItY29uZmlybWF0aW9uL0EtMQ""#, .undecodableTag),
        (#""delivery":["b3JkZXItY29uZmlybWF0aW9uL0EtMQ","b3JkZXItY29uZmlybWF0aW9uL0EtMQ"]"#, .undecodableTag),
        (#""delivery":["b3JkZXItY29uZmlybWF0aW9uL0EtMQ"],"attempt":["x"]"#, .undecodableTag),
    ])
    func anEventWithoutAUsableTagHasAReasonOfItsOwn(tags: String, code: SESEventViolations.Code) {
        let text = SESEventTexts.event("Send", #""send":{}"#, tags: tags.isEmpty ? "\"x\":[]" : tags)
        #expect(violations(text)?.code == code)
    }

    @Test func anEventWithoutAttemptTagIsStillEvidence() throws {
        let tags = "\"delivery\":[\"\(SESEventTexts.delivery)\"]"
        let event = try read(SESEventTexts.event("Send", #""send":{}"#, tags: tags))
        #expect(event.attempt == nil)
        #expect(event.evidence.count == 1)
    }

    @Test(arguments: [
        ("{}", ["$.mail"]),
        ("[]", ["$"]),
        (
            #"{"eventType":"Send","mail":{}}"#,
            ["$.mail.messageId", "$.mail.timestamp", "$.mail.destination", "$.mail.tags.delivery"]
        ),
        (SESEventTexts.event("Sent", #""send":{}"#), ["$.eventType"]),
        (SESEventTexts.event("Delivery", #""delivery":{}"#), ["$.delivery.timestamp"]),
        (SESEventTexts.event("Bounce", #""x":1"#), ["$.bounce", "$.bounce.timestamp"]),
        (
            SESEventTexts.event("Bounce", #""bounce":{"bounceType":"Soft","bouncedRecipients":[{}]}"#),
            [
                "$.bounce.bounceType", "$.bounce.bounceSubType", "$.bounce.bouncedRecipients[0].emailAddress",
                "$.bounce.timestamp",
            ]
        ),
        (
            SESEventTexts.event("Complaint", #""complaint":{}"#),
            ["$.complaint.complainedRecipients", "$.complaint.timestamp"]
        ),
    ])
    func everyViolationOfAnEventIsReportedWithItsPath(text: String, paths: [String]) {
        let violations = violations(text)
        #expect(violations?.code == .invalid)
        #expect(violations?.violations.map(\.path) == paths)
    }

    @Test(arguments: ["", "nonsense", PublishedMessageTests.envelope("nonsense")])
    func whatIsNoJSONIsReported(_ body: String) {
        let violations = #expect(throws: SESEventViolations.self) { try SESEventReader.read(queueBody: body).get() }
        #expect(violations?.code == .notJSON)
    }

    private func read(_ text: String) throws -> SESEvent { try SESEventReader.read(JSON.parse(text.utf8)).get() }

    private func violations(_ text: String) -> SESEventViolations? {
        guard case .failure(let violations) = SESEventReader.read(queueBody: text) else { return nil }
        return violations
    }
}
