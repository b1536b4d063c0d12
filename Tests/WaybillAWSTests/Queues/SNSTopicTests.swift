import Testing
import WaybillAWS
import WaybillCore
import WaybillPorts

@Suite struct SNSTopicTests {
    private static let arn = "arn:aws:sns:eu-central-1:123456789012:orders"

    private func answer(successful: [Int], failed: [(Int, senderFault: Bool)] = []) -> String {
        let good = successful.map { "<member><MessageId>m\($0)</MessageId><Id>\($0)</Id></member>" }.joined()
        let bad = failed.map {
            "<member><Id>\($0.0)</Id><Code>Bad</Code><Message>no</Message>"
                + "<SenderFault>\($0.senderFault)</SenderFault></member>"
        }.joined()
        return "<PublishBatchResponse><PublishBatchResult><Successful>\(good)</Successful><Failed>\(bad)</Failed>"
            + "</PublishBatchResult></PublishBatchResponse>"
    }

    @Test func aMessageIsPublishedAsAForm() async throws {
        let fixture = AWSFixture(
            .answer(200, "<PublishResponse><PublishResult><MessageId>m1</MessageId></PublishResult></PublishResponse>")
        )
        let id = try await SNSTopic(context: fixture.context, arn: Self.arn).publish("{\"a\": \"ä+&=\"}")
        #expect(id == "m1")
        let sent = try #require(fixture.transport.requests.first)
        #expect(sent.url == "https://sns.eu-central-1.amazonaws.com/")
        #expect(
            sent.text == "Action=Publish&Version=2010-03-31"
                + "&TopicArn=arn%3Aaws%3Asns%3Aeu-central-1%3A123456789012%3Aorders&Message=%7B%22a%22%3A%20%22%C3%A4%2B%26%3D%22%7D"
        )
        #expect(fixture.usage[.snsRequests] == [1000])
    }

    @Test func aBatchIsSplitByCountAndByBytesAndAnsweredInOrder() async throws {
        let large = String(repeating: "x", count: 200_000)
        let fixture = AWSFixture(
            .answer(200, answer(successful: Array(0..<10))),
            .answer(200, answer(successful: [0, 1])),
            .answer(200, answer(successful: [0]))
        )
        let messages = (0..<11).map { "message \($0)" } + [large, large]
        let outcomes = try await SNSTopic(context: fixture.context, arn: Self.arn).publish(batch: messages)
        let expected = (Array(0..<10) + [0, 1, 0]).map { SNSTopic.Outcome.published(messageID: "m\($0)") }
        #expect(outcomes == expected)
        #expect(fixture.transport.requests.count == 3)
        #expect(fixture.usage[.snsRequests] == [1000, 4000, 4000])
    }

    @Test func whatFailedSaysWhetherItMayBeTriedAgain() async throws {
        let fixture = AWSFixture(
            .answer(200, answer(successful: [1], failed: [(0, senderFault: true), (2, senderFault: false)]))
        )
        let outcomes = try await SNSTopic(context: fixture.context, arn: Self.arn).publish(batch: ["a", "b", "c"])
        #expect(
            outcomes == [
                .failed("Bad: no", mayBeTriedAgain: false), .published(messageID: "m1"),
                .failed("Bad: no", mayBeTriedAgain: true),
            ]
        )
    }

    @Test func aMessageThatIsTooLargeFailsAloneAndIsNotSent() async throws {
        let huge = String(repeating: "x", count: SNSTopic.largestBytes + 1)
        let fixture = AWSFixture(.answer(200, answer(successful: [0])), .answer(200, answer(successful: [0])))
        let outcomes = try await SNSTopic(context: fixture.context, arn: Self.arn).publish(batch: ["a", huge, "b"])
        #expect(outcomes.count == 3)
        #expect(outcomes[0] == .published(messageID: "m0"))
        guard case .failed(_, mayBeTriedAgain: false) = outcomes[1] else {
            Issue.record("not refused")
            return
        }
        #expect(fixture.transport.requests.count == 2)
    }

    @Test func anAnswerThatForgetsAMessageIsAnError() async {
        let text = answer(successful: [0])
        let fixture = AWSFixture(.answer(200, text), .answer(200, text), .answer(200, text))
        await #expect(throws: AWSError.self) {
            try await SNSTopic(context: fixture.context, arn: Self.arn).publish(batch: ["a", "b"])
        }
    }
}
