import WaybillCore

/// Publishes to an SNS topic.
package struct SNSTopic: Sendable {
    /// SNS takes at most ten messages, and 262,144 bytes, in one request (SNS API, `PublishBatch`).
    package static let batchSize = 10
    package static let largestBytes = 262_144

    /// What became of one message of a batch.
    package enum Outcome: Hashable, Sendable {
        case published(messageID: String)
        /// `mayBeTriedAgain` is false when the message itself is at fault.
        case failed(String, mayBeTriedAgain: Bool)
    }

    package let arn: String
    private let name: String
    private let client: AWSClient

    package init(context: AWSContext, arn: String) {
        client = AWSClient(.sns, context: context)
        self.arn = arn
        name = SNSCalls.name(ofTopic: arn)
    }

    /// Gives the message's id. The message may be published twice when an answer was lost.
    package func publish(_ message: String) async throws(AWSError) -> String {
        let request = SNSCalls.request("Publish", topic: name, [("TopicArn", arn), ("Message", message)])
        let answer = try await client.call(request.with { $0.payloadBytes = message.utf8.count })
        let result = try answer.xml()["PublishResult"]
        guard let id = result?["MessageId"]?.text else { throw answer.undecodable("Publish without a MessageId") }
        return id
    }

    /// One outcome for each message, in order. The messages go out in as many requests as SNS's limits demand; one that
    /// is larger than SNS takes fails alone.
    package func publish(batch messages: [String]) async throws(AWSError) -> [Outcome] {
        var outcomes: [Outcome] = []
        var batch: [String] = []
        var bytes = 0
        for message in messages {
            let size = message.utf8.count
            if batch.count == Self.batchSize || bytes + size > Self.largestBytes {
                outcomes += try await send(batch)
                (batch, bytes) = ([], 0)
            }
            batch.append(message)
            bytes += size
        }
        return outcomes + (try await send(batch))
    }

    private func send(_ batch: [String]) async throws(AWSError) -> [Outcome] {
        guard !batch.isEmpty else { return [] }
        if batch.count == 1, batch[0].utf8.count > Self.largestBytes {
            return [.failed("SNS takes \(Self.largestBytes) bytes, not \(batch[0].utf8.count)", mayBeTriedAgain: false)]
        }
        var parameters = [(name: "TopicArn", value: arn)]
        for (index, message) in batch.enumerated() {
            let entry = "PublishBatchRequestEntries.member.\(index + 1)"
            parameters.append(("\(entry).Id", String(index)))
            parameters.append(("\(entry).Message", message))
        }
        let bytes = batch.reduce(0) { $0 + $1.utf8.count }
        let request = SNSCalls.request("PublishBatch", topic: name, parameters).with { $0.payloadBytes = bytes }
        let answer = try await client.call(request)
        return try outcomes(of: batch.count, in: answer)
    }

    private func outcomes(of count: Int, in answer: AWSAnswer) throws(AWSError) -> [Outcome] {
        let result = try answer.xml()["PublishBatchResult"]
        var outcomes: [Int: Outcome] = [:]
        for entry in result?["Successful"]?.memberElements ?? [] {
            guard let index = entry["Id"].flatMap({ Int($0.text) }), let id = entry["MessageId"]?.text else { continue }
            outcomes[index] = .published(messageID: id)
        }
        for entry in result?["Failed"]?.memberElements ?? [] {
            guard let index = entry["Id"].flatMap({ Int($0.text) }) else { continue }
            let reason = "\(entry["Code"]?.text ?? "unknown"): \(entry["Message"]?.text ?? "")"
            outcomes[index] = .failed(reason, mayBeTriedAgain: entry["SenderFault"]?.text != "true")
        }
        guard outcomes.count == count, outcomes.keys.allSatisfy({ (0..<count).contains($0) }) else {
            throw answer.undecodable("PublishBatch speaks of \(outcomes.count) of \(count) messages")
        }
        return outcomes.sorted { $0.key < $1.key }.map(\.value)
    }
}

enum SNSCalls {
    /// What is published counts by its bytes, a batch's together; what SNS hands on to SQS costs nothing.
    static func request(
        _ operation: String,
        topic: String,
        _ parameters: [(name: String, value: String)]
    ) -> AWSRequest {
        AWSRequest.query(operation, version: "2010-03-31", parameters).with {
            $0.charge = RequestCharge(.snsRequests, of: topic)
        }
    }

    /// The sixth part of a topic's ARN; a subscription's has one more.
    static func name(ofTopic arn: String) -> String {
        let parts = arn.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count > 5 ? String(parts[5]) : arn
    }
}
