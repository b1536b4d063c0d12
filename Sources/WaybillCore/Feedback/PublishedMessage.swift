/// What was published to a topic, out of the body of the SQS message that carries it.
///
/// A subscription delivers raw, or in an envelope of SNS (SNS developer guide, "HTTP/HTTPS notification JSON format").
/// Both are taken, so that an operator may switch. An order may have a member called `Type` or `Message` of its own: only
/// `Type` = `Notification` together with the texts `TopicArn` and `Message` make an envelope.
package struct PublishedMessage: Hashable, Sendable {
    /// As it was published.
    package let text: String
    /// The text as JSON. What is published need not be JSON.
    package let content: Result<JSON, JSONSyntaxError>
    /// Nil when the message came raw.
    package let topicARN: String?

    package init(queueBody body: String) {
        do throws(JSONSyntaxError) {
            let json = try JSON.parse(body.utf8)
            guard json["Type"] == .string("Notification"), let topic = json["TopicArn"]?.text,
                let message = json["Message"]?.text
            else {
                self.init(text: body, content: .success(json), topicARN: nil)
                return
            }
            self.init(text: message, content: Self.parse(message), topicARN: topic)
        } catch {
            self.init(text: body, content: .failure(error), topicARN: nil)
        }
    }

    private init(text: String, content: Result<JSON, JSONSyntaxError>, topicARN: String?) {
        self.text = text
        self.content = content
        self.topicARN = topicARN
    }

    private static func parse(_ text: String) -> Result<JSON, JSONSyntaxError> {
        do throws(JSONSyntaxError) {
            return .success(try JSON.parse(text.utf8))
        } catch {
            return .failure(error)
        }
    }
}
