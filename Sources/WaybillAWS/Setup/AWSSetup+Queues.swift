import WaybillCore

/// A queue that is there.
package struct QueueAddress: Hashable, Sendable {
    package let url: String
    package let arn: String

    package init(url: String, arn: String) {
        self.url = url
        self.arn = arn
    }

    /// The fifth part of the ARN.
    package var account: String {
        let parts = arn.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count > 4 ? String(parts[4]) : ""
    }
}

/// What a queue is set to.
package struct QueueSettings: Hashable, Sendable {
    package var visibility: Duration
    /// A dead-letter queue's must exceed its source's: a message keeps the time when it was first sent.
    package var retention: Duration
    /// Where a message goes that was received so often, and how often that is.
    package var deadLetters: DeadLetters?
    /// The topics that may send to the queue.
    package var topicARNs: [String]

    package struct DeadLetters: Hashable, Sendable {
        package var queueARN: String
        package var maxReceiveCount: Int

        package init(queueARN: String, maxReceiveCount: Int) {
            self.queueARN = queueARN
            self.maxReceiveCount = maxReceiveCount
        }
    }

    package init(
        visibility: Duration,
        retention: Duration,
        deadLetters: DeadLetters? = nil,
        topicARNs: [String] = []
    ) {
        self.visibility = visibility
        self.retention = retention
        self.deadLetters = deadLetters
        self.topicARNs = topicARNs
    }

    fileprivate func attributes(of queueARN: String) -> JSON {
        var members: [JSON.Member] = [
            JSON.Member("VisibilityTimeout", .string(String(visibility.wholeSeconds))),
            JSON.Member("MessageRetentionPeriod", .string(String(retention.wholeSeconds))),
            JSON.Member("ReceiveMessageWaitTimeSeconds", "20"),
        ]
        if let deadLetters {
            let redrive: JSON = [
                "deadLetterTargetArn": .string(deadLetters.queueARN),
                "maxReceiveCount": .string(String(deadLetters.maxReceiveCount)),
            ]
            members.append(JSON.Member("RedrivePolicy", .string(redrive.description)))
        }
        if !topicARNs.isEmpty {
            members.append(JSON.Member("Policy", .string(policy(queueARN).description)))
        }
        return .object(members)
    }

    /// SNS may send to the queue, for these topics alone. This is what keeps strangers' messages out.
    private func policy(_ queueARN: String) -> JSON {
        Policy.statements([
            Policy.allow(
                "TopicsSend",
                principal: ["Service": "sns.amazonaws.com"],
                actions: ["sqs:SendMessage"],
                resource: queueARN,
                condition: ["ArnEquals": ["aws:SourceArn": .array(topicARNs.map { .string($0) })]]
            )
        ])
    }
}

extension AWSSetup {
    /// The error types by which SQS says that there is no such queue, in its two protocols.
    private static let noQueue: Set<String> = ["QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"]

    /// A standard queue with these settings.
    package func queue(
        named name: String,
        _ settings: QueueSettings
    ) async throws(AWSError) -> (address: QueueAddress, outcome: Outcome) {
        // A second CreateQueue with other settings is refused, so the settings come afterwards.
        let found = try await address(ofQueue: name)
        let url = if let found { found.url } else { try await createQueue(name) }
        let address = if let found { found } else { try await self.address(url: url) }
        let body: JSON = ["QueueUrl": .string(url), "Attributes": settings.attributes(of: address.arn)]
        _ = try await sqs.call(SQSCalls.request("SetQueueAttributes", queue: name, body))
        return (address, found == nil ? .created : .reused)
    }

    /// The queue of that name, or nil.
    package func address(ofQueue name: String) async throws(AWSError) -> QueueAddress? {
        let answer: AWSAnswer
        do throws(AWSError) {
            answer = try await sqs.call(
                SQSCalls.request("GetQueueUrl", queue: name, ["QueueName": .string(name)])
            )
        } catch {
            guard error.code == .refused, Self.noQueue.contains(error.type) else { throw error }
            return nil
        }
        guard let url = try answer.json()["QueueUrl"]?.text else {
            throw answer.undecodable("GetQueueUrl without a QueueUrl")
        }
        return try await address(url: url)
    }

    private func createQueue(_ name: String) async throws(AWSError) -> String {
        let answer = try await sqs.call(
            SQSCalls.request("CreateQueue", queue: name, ["QueueName": .string(name)])
        )
        guard let url = try answer.json()["QueueUrl"]?.text else {
            throw answer.undecodable("CreateQueue without a QueueUrl")
        }
        return url
    }

    private func address(url: String) async throws(AWSError) -> QueueAddress {
        let body: JSON = ["QueueUrl": .string(url), "AttributeNames": ["QueueArn"]]
        let name = SQSCalls.name(ofQueueAt: url)
        let answer = try await sqs.call(SQSCalls.request("GetQueueAttributes", queue: name, body))
        guard let arn = try answer.json()["Attributes"]?["QueueArn"]?.text else {
            throw answer.undecodable("GetQueueAttributes without a QueueArn")
        }
        return QueueAddress(url: url, arn: arn)
    }
}
