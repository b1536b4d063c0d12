import Testing
import WaybillAWS
import WaybillCore
import WaybillPorts

@Suite struct SQSMessageQueueTests {
    private static let url = "https://sqs.eu-central-1.amazonaws.com/123456789012/orders"

    private func receipts(_ count: Int) -> [MessageReceipt] { (0..<count).map { MessageReceipt("handle-\($0)") } }

    @Test func messagesAreReceivedWithALongPollAndALongerTimeout() async throws {
        let body = """
            {"Messages":[{"MessageId":"m1","ReceiptHandle":"h1","Body":"{\\"a\\":1}",\
            "Attributes":{"ApproximateReceiveCount":"3","SentTimestamp":"1700000000123"}},{"MessageId":"broken"}]}
            """
        let fixture = AWSFixture(.answer(200, body))
        let queue = SQSMessageQueue(context: fixture.context, url: Self.url)
        let messages = try await queue.receive(limit: 10, wait: .seconds(20))
        let expected = QueueMessage(
            id: "m1",
            receipt: MessageReceipt("h1"),
            body: "{\"a\":1}",
            receiveCount: 3,
            sentAt: Timestamp(microseconds: 1_700_000_000_123_000)
        )
        #expect(messages == [expected])
        #expect(queue.name == "orders")
        let sent = try #require(fixture.transport.requests.first)
        #expect(sent.totalTimeout > .seconds(20))
        #expect(sent.header("X-Amz-Target") == "AmazonSQS.ReceiveMessage")
        #expect(try sent.json()["WaitTimeSeconds"] == .number(20))
        #expect(try sent.json()["QueueUrl"] == .string(Self.url))
    }

    @Test func aBatchIsTenAndWhatFailedComesBack() async throws {
        let failed = """
            {"Successful":[],"Failed":[{"Id":"0","SenderFault":false,"Code":"InternalError"},\
            {"Id":"1","SenderFault":true,"Code":"ReceiptHandleIsInvalid"}]}
            """
        let fixture = AWSFixture(.answer(200, #"{"Successful":[]}"#), .answer(200, failed))
        let queue = SQSMessageQueue(context: fixture.context, url: Self.url)
        let left = try await queue.delete(receipts(12))
        #expect(left == [MessageReceipt("handle-10")])
        let sizes = try fixture.transport.requests.map { try $0.json()["Entries"]?.elements?.count }
        #expect(sizes == [10, 2])

        let extending = AWSFixture(.answer(200, failed))
        let notExtended = try await SQSMessageQueue(context: extending.context, url: Self.url)
            .extend(receipts(3), by: .seconds(60))
        #expect(notExtended == [MessageReceipt("handle-0"), MessageReceipt("handle-1")])
        let entry = try extending.transport.requests.first?.json()["Entries"]?.elements?.first
        #expect(entry?["VisibilityTimeout"] == .number(60))
    }

    @Test func aFailureIsToldInTheQueuesWords() async {
        let rows: [(Result<HTTPResponse, HTTPError>, QueueError.Code)] = [
            (.lost(.timeout, .maybeSent), .unavailable), (.lost(.connect, .notSent), .unavailable),
            (.refusal("RequestThrottled", status: 403), .unavailable),
            (.refusal("QueueDoesNotExist"), .rejected), (.refusal("AccessDeniedException", status: 403), .rejected),
            (.answer(500, "", requestID: nil), .unavailable), (.answer(200, "<html>"), .unavailable),
            (.lost(.cancelled, .maybeSent), .cancelled),
        ]
        for (answer, code) in rows {
            let fixture = AWSFixture(answer, answer, answer)
            let error = await #expect(throws: QueueError.self) {
                try await SQSMessageQueue(context: fixture.context, url: Self.url).receive(limit: 1, wait: .zero)
            }
            #expect(error?.code == code)
            #expect(error?.message.contains("orders") == true)
        }
    }

    @Test func requestsAreMeteredByPayload() async throws {
        let large = String(repeating: "x", count: 70_000)
        let fixture = AWSFixture(.answer(200, "{}"), .answer(200, #"{"Messages":[],"Padding":"\#(large)"}"#))
        let queue = SQSMessageQueue(context: fixture.context, url: Self.url)
        _ = try await queue.receive(limit: 1, wait: .zero)
        _ = try await queue.receive(limit: 1, wait: .zero)
        #expect(fixture.usage[.sqsRequests] == [1000, 2000])
    }

    @Test func receivesThatBringNothingAreCounted() async throws {
        let message = #"{"Messages":[{"MessageId":"1","ReceiptHandle":"r","Body":"b"}]}"#
        let fixture = AWSFixture(.answer(200, "{}"), .answer(200, message), .answer(500, ""), .answer(500, ""))
        let queue = SQSMessageQueue(context: fixture.context, url: Self.url)
        _ = try await queue.receive(limit: 1, wait: .zero)
        _ = try await queue.receive(limit: 1, wait: .zero)
        await #expect(throws: QueueError.self) { try await queue.receive(limit: 1, wait: .zero) }
        #expect(fixture.usage[.receives, of: "orders"] == 2)
        #expect(fixture.usage[.emptyReceives, of: "orders"] == 1)
    }

    @Test func aDepthThatIsNotAnsweredIsNoDepthOfZero() async throws {
        let attributes = """
            {"Attributes":{"ApproximateNumberOfMessages":"3","ApproximateNumberOfMessagesNotVisible":"2",\
            "ApproximateNumberOfMessagesDelayed":"1"}}
            """
        let fixture = AWSFixture(.answer(200, attributes), .answer(200, #"{"Attributes":{}}"#))
        let queue = SQSMessageQueue(context: fixture.context, url: Self.url)
        #expect(try await queue.depth() == QueueDepth(visible: 3, inFlight: 2, delayed: 1))
        await #expect(throws: QueueError.self) { try await queue.depth() }
    }
}
