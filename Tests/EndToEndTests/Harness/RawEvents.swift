import Foundation

/// Anything at all sent to a topic or a queue, past `waybill publish`: with boto3, an implementation that is not ours.
struct RawEvents: Sendable {
    let endpoint: URL
    let folder: URL
    let commands: CommandRunner

    private static let script = """
        import base64, json, sys
        import boto3
        work = json.load(sys.stdin)
        session = dict(endpoint_url=work["endpoint"], region_name="us-east-1",
                       aws_access_key_id="test", aws_secret_access_key="test")
        sqs, sns = boto3.client("sqs", **session), boto3.client("sns", **session)
        for item in work["messages"]:
            text = base64.b64decode(item["body"]).decode()
            if "queue" in item:
                url = sqs.get_queue_url(QueueName=item["queue"])["QueueUrl"]
                sqs.send_message(QueueUrl=url, MessageBody=text)
            else:
                arn = f"arn:aws:sns:us-east-1:000000000000:{item['topic']}"
                sns.publish(TopicArn=arn, Message=text)
        for queue in work["visibility"]:
            url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
            sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": str(work["seconds"])})
        for queue, topic in work["subscriptions"].items():
            arn = f"arn:aws:sns:us-east-1:000000000000:{topic}"
            sqs.create_queue(QueueName=queue)
            sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:000000000000:{queue}",
                          Attributes={"RawMessageDelivery": "true"})
        for address in work["suppressed"]:
            boto3.client("sesv2", **session).put_suppressed_destination(EmailAddress=address, Reason="BOUNCE")
        for queue in work["emptied"]:
            url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
            while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
                for message in messages:
                    print(base64.b64encode(message["Body"].encode()).decode())
                    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        for queue in work["queues"]:
            url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
            counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
            print(sum(int(counts.get("ApproximateNumberOfMessages" + kind, 0)) for kind in ("", "NotVisible", "Delayed")))
        """

    func sendToQueue(_ queue: String, _ bodies: [String]) async throws {
        try await work(messages: bodies.map { ["queue": queue, "body": base64($0)] })
    }

    func publishToTopic(_ topic: String, _ bodies: [String]) async throws {
        try await work(messages: bodies.map { ["topic": topic, "body": base64($0)] })
    }

    /// How many messages each queue holds: visible, in flight or delayed.
    func depths(of queues: [String]) async throws -> [Int] {
        let text = try await work(queues: queues)
        let depths = text.split(separator: "\n").compactMap { Int($0) }
        guard depths.count == queues.count else { throw UnexpectedAnswer("a number a queue", found: text) }
        return depths
    }

    /// After so long a message that was received and not deleted comes again.
    func setVisibility(of queues: [String], seconds: Int) async throws {
        try await work(visibility: queues, seconds: seconds)
    }

    /// Makes queues that get everything published to a topic from now on, without SNS's envelope: name -> topic.
    func subscribe(_ queues: [String: String]) async throws {
        try await work(subscriptions: queues)
    }

    /// Puts an address on the suppression list of the SES account, where Waybill does not see it.
    func suppress(_ address: String) async throws {
        try await work(suppressed: [address])
    }

    /// Receives and deletes what a queue holds; gives the bodies.
    func empty(_ queue: String) async throws -> [String] {
        try await work(emptied: [queue]).split(separator: "\n").map { line in
            guard let body = Data(base64Encoded: String(line)) else {
                throw UnexpectedAnswer("a body in base64", found: String(line))
            }
            return String(decoding: body, as: UTF8.self)
        }
    }

    /// Runs the script and returns what it printed; it fails when a message was not taken.
    @discardableResult
    private func work(
        messages: [[String: String]] = [],
        queues: [String] = [],
        visibility: [String] = [],
        seconds: Int = 0,
        subscriptions: [String: String] = [:],
        emptied: [String] = [],
        suppressed: [String] = []
    ) async throws -> String {
        let work: [String: Any] = [
            "endpoint": endpoint.absoluteString, "messages": messages, "queues": queues, "visibility": visibility,
            "seconds": seconds, "subscriptions": subscriptions, "emptied": emptied,
            "suppressed": suppressed,
        ]
        let input = String(decoding: try JSONSerialization.data(withJSONObject: work), as: UTF8.self)
        let environment = ["PATH": "/usr/bin:/bin", "HOME": folder.path]
        return try await commands.require(
            Checkout.python,
            ["-c", Self.script],
            environment: environment,
            input: input
        ).text
    }

    private func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
}
