/// A SendEmail request that the local AWS accepted, as it came over the wire: SES API v2, `SendEmail`.
struct AcceptedEmail: Decodable, Sendable {
    struct Request: Decodable, Sendable {
        let fromEmailAddress: String
        let replyToAddresses: [String]?
        let destination: Destination
        let content: Content

        enum CodingKeys: String, CodingKey {
            case fromEmailAddress = "FromEmailAddress"
            case replyToAddresses = "ReplyToAddresses"
            case destination = "Destination"
            case content = "Content"
        }
    }

    struct Destination: Decodable, Sendable {
        let toAddresses: [String]

        enum CodingKeys: String, CodingKey { case toAddresses = "ToAddresses" }
    }

    struct Content: Decodable, Sendable {
        let simple: Simple

        enum CodingKeys: String, CodingKey { case simple = "Simple" }
    }

    struct Simple: Decodable, Sendable {
        let subject: Part
        let body: [String: Part]

        enum CodingKeys: String, CodingKey {
            case subject = "Subject"
            case body = "Body"
        }
    }

    struct Part: Decodable, Sendable {
        let data: String

        enum CodingKeys: String, CodingKey { case data = "Data" }
    }

    let messageId: String
    let request: Request

    var recipient: String { request.destination.toAddresses.joined(separator: ", ") }
    var subject: String { request.content.simple.subject.data }
    var text: String { request.content.simple.body["Text"]?.data ?? "" }
}
