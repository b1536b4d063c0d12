import WaybillCore
package import WaybillPorts

/// A standard SQS queue.
package struct SQSMessageQueue: MessageQueue {
    /// SQS takes at most ten messages at a time.
    package static let batchSize = 10
    /// SQS waits at most 20 s for the first message.
    package static let longestWait = Duration.seconds(20)
    /// What an answer may take beyond the wait that was asked for.
    private static let answerTimeout = Duration.seconds(10)

    package let name: String
    private let url: String
    private let client: AWSClient
    private let usage: any UsageSink

    /// `url` is the queue's URL as SQS gives it; its last part is the queue's name.
    package init(context: AWSContext, url: String) {
        client = AWSClient(.sqs, context: context)
        usage = context.usage
        self.url = url
        name = SQSCalls.name(ofQueueAt: url)
    }

    package func receive(limit: Int, wait: Duration) async throws(QueueError) -> [QueueMessage] {
        guard (1...Self.batchSize).contains(limit), wait >= .zero, wait <= Self.longestWait else {
            throw QueueError(.rejected, "1 to 10 messages within 0 to 20 s, not \(limit) within \(wait)")
        }
        let request = SQSCalls.request(
            "ReceiveMessage",
            queue: name,
            [
                "QueueUrl": .string(url),
                "MaxNumberOfMessages": .number(limit),
                "WaitTimeSeconds": .number(wait.wholeSeconds),
                "MessageSystemAttributeNames": ["ApproximateReceiveCount", "SentTimestamp"],
            ]
        )
        let answer = try await call(request.with { $0.totalTimeout = wait + Self.answerTimeout })
        let messages = answer["Messages"]?.elements ?? []
        usage.saw(.receives, of: name, 1)
        if messages.isEmpty { usage.saw(.emptyReceives, of: name, 1) }
        return messages.compactMap { QueueMessage($0) }
    }

    package func delete(_ receipts: [MessageReceipt]) async throws(QueueError) -> [MessageReceipt] {
        let failures = try await batches(receipts, "DeleteMessageBatch")
        // A receipt that SQS calls invalid stays so: the message comes again under another.
        return failures.filter { !$0.isSendersFault }.map(\.receipt)
    }

    package func extend(
        _ receipts: [MessageReceipt],
        by visibility: Duration
    ) async throws(QueueError) -> [MessageReceipt] {
        let timeout = JSON.Member("VisibilityTimeout", .number(visibility.wholeSeconds))
        return try await batches(receipts, "ChangeMessageVisibilityBatch", [timeout]).map(\.receipt)
    }

    package func depth() async throws(QueueError) -> QueueDepth {
        let names = [
            "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
        ]
        let body: JSON = ["QueueUrl": .string(url), "AttributeNames": .array(names.map { .string($0) })]
        let attributes = try await call(SQSCalls.request("GetQueueAttributes", queue: name, body))["Attributes"]
        let numbers = names.map { attributes?[$0]?.text.flatMap { Int($0) } }
        guard let visible = numbers[0], let inFlight = numbers[1], let delayed = numbers[2] else {
            throw QueueError(.unavailable, "GetQueueAttributes of \(name) without the numbers of messages")
        }
        return QueueDepth(visible: visible, inFlight: inFlight, delayed: delayed)
    }

    /// Puts a message into the queue, past SNS.
    package func send(_ body: String) async throws(QueueError) {
        let message: JSON = ["QueueUrl": .string(url), "MessageBody": .string(body)]
        _ = try await call(SQSCalls.request("SendMessage", queue: name, message))
    }

    private struct Failure {
        let receipt: MessageReceipt
        let isSendersFault: Bool
    }

    /// Ten receipts at a time. A batch answers 200 and names the entries that failed.
    private func batches(
        _ receipts: [MessageReceipt],
        _ operation: String,
        _ more: [JSON.Member] = []
    ) async throws(QueueError) -> [Failure] {
        var failures: [Failure] = []
        for start in stride(from: 0, to: receipts.count, by: Self.batchSize) {
            let batch = Array(receipts[start..<min(start + Self.batchSize, receipts.count)])
            let entries = batch.enumerated().map { index, receipt in
                JSON.object(
                    [
                        JSON.Member("Id", .string(String(index))),
                        JSON.Member("ReceiptHandle", .string(receipt.handle)),
                    ] + more
                )
            }
            let body: JSON = ["QueueUrl": .string(url), "Entries": .array(entries)]
            let answer = try await call(SQSCalls.request(operation, queue: name, body))
            for failed in answer["Failed"]?.elements ?? [] {
                guard let index = failed["Id"]?.text.flatMap({ Int($0) }), batch.indices.contains(index) else {
                    throw QueueError(.unavailable, "\(operation) of \(name) failed for an entry that was not sent")
                }
                let isSendersFault = failed["SenderFault"]?.boolean ?? false
                failures.append(Failure(receipt: batch[index], isSendersFault: isSendersFault))
            }
        }
        return failures
    }

    private func call(_ request: AWSRequest) async throws(QueueError) -> JSON {
        do throws(AWSError) {
            return try await client.call(request).json()
        } catch {
            throw QueueError(error, queue: name)
        }
    }
}

enum SQSCalls {
    /// Every action is a request that is billed, a receive that finds nothing too.
    static func request(_ operation: String, queue: String, _ body: JSON) -> AWSRequest {
        AWSRequest.json("AmazonSQS", operation, body).with { $0.charge = RequestCharge(.sqsRequests, of: queue) }
    }

    /// The last part of a queue's URL.
    static func name(ofQueueAt url: String) -> String { url.split(separator: "/").last.map { String($0) } ?? url }
}

extension QueueMessage {
    /// A message of ReceiveMessage. One without a body or a receipt cannot be used, and comes again.
    fileprivate init?(_ json: JSON) {
        guard let id = json["MessageId"]?.text, let receipt = json["ReceiptHandle"]?.text,
            let body = json["Body"]?.text
        else { return nil }
        let attributes = json["Attributes"]
        let milliseconds = attributes?["SentTimestamp"]?.text.flatMap { Int64($0) }
        self.init(
            id: id,
            receipt: MessageReceipt(receipt),
            body: body,
            receiveCount: attributes?["ApproximateReceiveCount"]?.text.flatMap { Int($0) } ?? 1,
            sentAt: milliseconds.map { Timestamp(microseconds: $0 * 1000) }
        )
    }
}

extension QueueError {
    init(_ error: AWSError, queue: String) {
        let code: Code =
            switch error.code {
            case .cancelled: .cancelled
            case .unanswered, .notSent, .credentials: .unavailable
            case .configuration: .rejected
            case .refused:
                switch error.kind {
                case .throttled, .signatureTime, .expiredCredentials: .unavailable
                case .accessDenied, .other: .rejected
                }
            }
        self.init(code, "\(queue): \(error)")
    }
}
