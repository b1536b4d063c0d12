import Testing
import WaybillAWS
import WaybillCore
import WaybillPorts

@Suite struct AWSContractQueueTests {
    /// A receive may come back with fewer messages than there are, and with none.
    private static let mostReceives = 30

    @Test func aBatchOfTenIsDoneButForTheEntryThatFails() async throws {
        try await AWSContractEndpoint.run(.batchesFailInParts) { endpoint in
            let address = try await endpoint.makeQueue()
            let queue = endpoint.services.queue(url: address.url)
            for number in 0..<10 { try await queue.send("\(number)") }
            let received = try await Self.receive(10, from: queue)
            // Their visibility must outlast the receives.
            #expect(try await queue.extend(received.map(\.receipt), by: .seconds(30)).isEmpty)
            let spared = try #require(received.last)
            let handles = received.dropLast().map(\.receipt.handle) + ["no receipt"]
            let entries = handles.enumerated().map { index, handle -> JSON in
                ["Id": .string("\(index)"), "ReceiptHandle": .string(handle)]
            }
            let body: JSON = ["QueueUrl": .string(address.url), "Entries": .array(entries)]
            let answer = try await endpoint.call(.sqs, .json("AmazonSQS", "DeleteMessageBatch", body)).json()
            #expect(answer["Successful"]?.elements?.count == 9)
            #expect(answer["Failed"]?.elements?.map { $0["Id"]?.text } == ["9"])
            #expect(answer["Failed"]?.elements?.map { $0["SenderFault"]?.boolean } == [true])

            #expect(try await queue.extend([spared.receipt], by: .zero).isEmpty)
            #expect(try await Self.receive(1, from: queue).map(\.body) == [spared.body])
        }
    }

    @Test func aReceivedMessageHidesAndComesAgainWithAHigherCount() async throws {
        try await AWSContractEndpoint.run(.receivedMessagesHide) { endpoint in
            let queue = endpoint.services.queue(url: try await endpoint.makeQueue().url)
            try await queue.send("hidden")
            let first = try await Self.receive(1, from: queue)
            #expect(first.map(\.receiveCount) == [1])
            #expect(try await queue.extend(first.map(\.receipt), by: .seconds(600)).isEmpty)
            #expect(try await queue.receive(limit: 1, wait: AWSContractEndpoint.visibility + .seconds(1)).isEmpty)
            #expect(try await queue.extend(first.map(\.receipt), by: .zero).isEmpty)
            let second = try await Self.receive(1, from: queue)
            #expect(second.map(\.receiveCount) == [2])
            // Nobody extends it now: the queue's own timeout brings it back.
            let third = try await Self.receive(1, from: queue)
            #expect(third.map(\.receiveCount) == [3])
            #expect(third.map(\.id) == first.map(\.id))
            #expect(try await queue.delete(third.map(\.receipt)).isEmpty)
        }
    }

    @Test func aMessageReceivedTooOftenGoesToTheDeadLetters() async throws {
        try await AWSContractEndpoint.run(.poisonGoesAside) { endpoint in
            let dead = try await endpoint.makeQueue()
            let source = try await endpoint.makeQueue(deadLetters: .init(queueARN: dead.arn, maxReceiveCount: 2))
            let queue = endpoint.services.queue(url: source.url)
            try await queue.send("poison")
            for count in 1...2 {
                let messages = try await Self.receive(1, from: queue)
                #expect(messages.map(\.receiveCount) == [count])
                #expect(try await queue.extend(messages.map(\.receipt), by: .zero).isEmpty)
            }
            #expect(try await queue.receive(limit: 1, wait: .seconds(1)).isEmpty)
            let letters = try await Self.receive(1, from: endpoint.services.queue(url: dead.url))
            #expect(letters.map(\.body) == ["poison"])
        }
    }

    @Test(arguments: [true, false])
    func whatIsPublishedArrivesRawOrInAnEnvelope(_ raw: Bool) async throws {
        try await AWSContractEndpoint.run(.bodiesArriveUnchanged) { endpoint in
            let arn = try await endpoint.makeTopic()
            let dead = try await endpoint.makeQueue(topicARNs: [arn])
            let address = try await endpoint.makeQueue(topicARNs: [arn])
            _ = try await endpoint.services.setup().subscription(
                of: address.arn,
                to: arn,
                raw: raw,
                deadLetterQueueARN: dead.arn
            )
            let message = "{\"id\":\"ä & <b> +%20\"}"
            let topic = endpoint.services.topic(arn: arn)
            let batch = (0..<12).map { "batch \($0)" }
            let published = try await topic.publish(message)
            #expect(try await topic.publish(batch: batch).count == batch.count)

            let bodies = try await Self.receive(13, from: endpoint.services.queue(url: address.url)).map(\.body)
            let envelopes = try raw ? [] : bodies.map { try JSON.parse(Array($0.utf8)) }
            let texts = raw ? bodies : envelopes.compactMap { $0["Message"]?.text }
            #expect(texts.sorted() == ([message] + batch).sorted())
            let own = envelopes.first { $0["Message"]?.text == message }
            #expect(own?["MessageId"]?.text == (raw ? nil : published))
            #expect(own?["TopicArn"]?.text == (raw ? nil : arn))
        }
    }

    /// Receives until so many messages have come, each counted once however often it comes.
    private static func receive(_ count: Int, from queue: SQSMessageQueue) async throws -> [QueueMessage] {
        var messages: [String: QueueMessage] = [:]
        for _ in 1...mostReceives where messages.count < count {
            for message in try await queue.receive(limit: min(count, 10), wait: AWSContractEndpoint.wait) {
                messages[message.id] = message
            }
        }
        return messages.values.sorted { $0.body < $1.body }
    }
}
