import WaybillCore

extension AWSSetup {
    /// A standard topic; gives its ARN. SNS gives the same ARN again for a name that is there.
    package func topic(named name: String) async throws(AWSError) -> String {
        let answer = try await sns.call(SNSCalls.request("CreateTopic", topic: name, [("Name", name)]))
        guard let arn = try answer.xml()["CreateTopicResult"]?["TopicArn"]?.text else {
            throw answer.undecodable("CreateTopic without a TopicArn")
        }
        return arn
    }

    /// Lets SES publish its events of this account to the topic, and the account itself publish and subscribe.
    package func letSESPublish(to topicARN: String, account: String) async throws(AWSError) {
        let policy = Policy.statements([
            Policy.allow(
                "AccountUsesTopic",
                principal: ["AWS": .string("arn:\(Policy.partition(of: topicARN)):iam::\(account):root")],
                actions: ["sns:Publish", "sns:Subscribe", "sns:GetTopicAttributes", "sns:SetTopicAttributes"],
                resource: topicARN,
                condition: nil
            ),
            Policy.allow(
                "SESPublishesEvents",
                principal: ["Service": "ses.amazonaws.com"],
                actions: ["sns:Publish"],
                resource: topicARN,
                condition: ["StringEquals": ["AWS:SourceAccount": .string(account)]]
            ),
        ])
        let parameters = [
            (name: "TopicArn", value: topicARN), (name: "AttributeName", value: "Policy"),
            (name: "AttributeValue", value: policy.description),
        ]
        let name = SNSCalls.name(ofTopic: topicARN)
        _ = try await sns.call(SNSCalls.request("SetTopicAttributes", topic: name, parameters))
    }

    /// Subscribes a queue to a topic; gives the subscription's ARN. `raw`: the queue gets the bare message instead of
    /// SNS's envelope. What SNS cannot deliver to the queue goes to `deadLetterQueueARN`.
    package func subscription(
        of queueARN: String,
        to topicARN: String,
        raw: Bool,
        deadLetterQueueARN: String
    ) async throws(AWSError) -> String {
        // Without attributes, because SNS refuses a second Subscribe whose attributes differ.
        let parameters = [
            (name: "TopicArn", value: topicARN), (name: "Protocol", value: "sqs"),
            (name: "Endpoint", value: queueARN), (name: "ReturnSubscriptionArn", value: "true"),
        ]
        let name = SNSCalls.name(ofTopic: topicARN)
        let answer = try await sns.call(SNSCalls.request("Subscribe", topic: name, parameters))
        guard let arn = try answer.xml()["SubscribeResult"]?["SubscriptionArn"]?.text else {
            throw answer.undecodable("Subscribe without a SubscriptionArn")
        }
        let redrive: JSON = ["deadLetterTargetArn": .string(deadLetterQueueARN)]
        try await set("RawMessageDelivery", raw ? "true" : "false", ofSubscription: arn)
        try await set("RedrivePolicy", redrive.description, ofSubscription: arn)
        return arn
    }

    private func set(_ name: String, _ value: String, ofSubscription arn: String) async throws(AWSError) {
        let parameters = [
            (name: "SubscriptionArn", value: arn), (name: "AttributeName", value: name),
            (name: "AttributeValue", value: value),
        ]
        let topic = SNSCalls.name(ofTopic: arn)
        _ = try await sns.call(SNSCalls.request("SetSubscriptionAttributes", topic: topic, parameters))
    }
}

/// IAM policies of topics and queues.
enum Policy {
    static func statements(_ statements: [JSON]) -> JSON {
        ["Version": "2012-10-17", "Statement": .array(statements)]
    }

    static func allow(
        _ name: String,
        principal: JSON,
        actions: [String],
        resource: String,
        condition: JSON?
    ) -> JSON {
        var members: [JSON.Member] = [
            JSON.Member("Sid", .string(name)),
            JSON.Member("Effect", "Allow"),
            JSON.Member("Principal", principal),
            JSON.Member("Action", .array(actions.map { .string($0) })),
            JSON.Member("Resource", .string(resource)),
        ]
        if let condition { members.append(JSON.Member("Condition", condition)) }
        return .object(members)
    }

    /// `arn:PARTITION:service:region:account:name`.
    static func partition(of arn: String) -> String {
        arn.split(separator: ":", omittingEmptySubsequences: false).dropFirst().first.map { String($0) } ?? "aws"
    }
}
