import WaybillAWS

/// The environment's SNS topic.
struct SNSOrderTopic: OrderTopic {
    private let topic: SNSTopic

    init(_ topic: SNSTopic) {
        self.topic = topic
    }

    func publish(_ orders: [String]) async throws(CommandFailure) -> [String?] {
        do throws(AWSError) {
            return try await topic.publish(batch: orders).map { outcome in
                switch outcome {
                case .published: nil
                case .failed(let reason, mayBeTriedAgain: _): reason
                }
            }
        } catch {
            throw CommandFailure(error.commandExit, error.description)
        }
    }
}

/// The ARN of a topic in the account and region of a queue. Asking SNS by name would make a topic that is not there.
enum TopicARN {
    static func topic(named name: String, besideQueue queueARN: String) -> String? {
        var parts = queueARN.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[2] == "sqs" else { return nil }
        parts[2] = "sns"
        parts[5] = name[...]
        return parts.joined(separator: ":")
    }
}
