import Testing
import WaybillCore

@Suite struct PublishedMessageTests {
    @Test func anEnvelopeOfSNSGivesItsMessage() {
        let published = PublishedMessage(queueBody: Self.envelope(OrderTexts.valid))
        #expect(published.text == OrderTexts.valid)
        #expect(published.topicARN == "arn:aws:sns:us-east-1:123456789012:orders")
    }

    @Test func aRawMessageIsTakenAsItIs() {
        let published = PublishedMessage(queueBody: OrderTexts.valid)
        #expect(published.text == OrderTexts.valid)
        #expect(published.topicARN == nil)
    }

    @Test(arguments: [
        #"{"Type":"Notification"}"#,
        #"{"Type":"Notification","TopicArn":"arn","Message":{"orderId":"A"}}"#,
        #"{"Type":"Notification","TopicArn":7,"Message":"x"}"#,
        #"{"Type":"Notification","Message":"x"}"#,
        #"{"Type":"SubscriptionConfirmation","TopicArn":"arn","Message":"x"}"#,
        #"{"Type":"notification","TopicArn":"arn","Message":"x"}"#,
        #"[{"Type":"Notification","TopicArn":"arn","Message":"x"}]"#,
        "Notification", "",
    ])
    func whatOnlyResemblesAnEnvelopeIsRaw(_ body: String) {
        let published = PublishedMessage(queueBody: body)
        #expect(published.text == body)
        #expect(published.topicARN == nil)
    }

    @Test func aMessageThatIsNotJSONKeepsItsTextAndSaysWhy() {
        let published = PublishedMessage(queueBody: Self.envelope("not JSON"))
        #expect(published.text == "not JSON")
        #expect(throws: JSONSyntaxError.self) { try published.content.get() }
    }

    @Test func onlyTheOuterEnvelopeIsOpened() {
        let inner = Self.envelope("x")
        #expect(PublishedMessage(queueBody: Self.envelope(inner)).text == inner)
    }

    @Test func anOrderIsReadRawAndFromItsEnvelopeWithTheTextThatWasPublished() throws {
        let raw = try OrderReader.read(queueBody: OrderTexts.valid).get()
        #expect(raw.text == OrderTexts.valid)
        #expect(try OrderReader.read(queueBody: Self.envelope(OrderTexts.valid)).get() == raw)
    }

    @Test func theSizeLimitCountsTheOrderAndNotItsEnvelope() throws {
        let padding = Order.largestBytes - OrderTexts.valid.utf8.count
        let largest = OrderTexts.valid + String(repeating: "\n", count: padding)
        _ = try OrderReader.read(queueBody: Self.envelope(largest)).get()
        let violations = #expect(throws: OrderViolations.self) {
            try OrderReader.read(queueBody: Self.envelope(largest + "\n")).get()
        }
        #expect(violations?.code == .tooLarge)
    }

    @Test(arguments: ["not JSON", envelope("not JSON"), envelope(""), "", "\0"])
    func aBodyThatIsNoJSONIsAViolation(_ body: String) {
        let violations = #expect(throws: OrderViolations.self) { try OrderReader.read(queueBody: body).get() }
        #expect(violations?.code == .notJSON)
    }

    static func envelope(_ message: String) -> String {
        JSON.object([
            .init("Type", .string("Notification")),
            .init("MessageId", .string("63a3f6b6-d533-4a47-aef9-fcf5cf758c76")),
            .init("TopicArn", .string("arn:aws:sns:us-east-1:123456789012:orders")),
            .init("Message", .string(message)),
            .init("Timestamp", .string("2026-11-23T21:04:05.678Z")),
            .init("SignatureVersion", .string("1")),
        ]).description
    }
}
