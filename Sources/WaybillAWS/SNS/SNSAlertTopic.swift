import WaybillPorts

/// The topic `cost-alerts`.
package struct SNSAlertTopic: AlertTopic {
    private let topic: SNSTopic

    package init(_ topic: SNSTopic) {
        self.topic = topic
    }

    package func tell(_ text: String) async -> String? {
        do throws(AWSError) {
            _ = try await topic.publish(text)
            return nil
        } catch {
            return error.description
        }
    }
}
