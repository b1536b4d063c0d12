/// The services that Waybill calls.
package enum AWSService: String, CaseIterable, Hashable, Sendable {
    case ses, dynamodb, sns, sqs, cloudwatch, sts, costExplorer

    /// The name in the credential scope of a signature.
    package var signingName: String {
        switch self {
        case .ses: "ses"
        case .dynamodb: "dynamodb"
        case .sns: "sns"
        case .sqs: "sqs"
        case .cloudwatch: "monitoring"
        case .sts: "sts"
        case .costExplorer: "ce"
        }
    }

    /// Where it is asked about every region: nil for a service that each region has.
    var onlyRegion: String? { self == .costExplorer ? "us-east-1" : nil }

    /// The first label of the service's host.
    var hostPrefix: String {
        switch self {
        case .ses: "email"
        case .dynamodb, .sns, .sqs, .cloudwatch, .sts, .costExplorer: signingName
        }
    }

    /// The service's id in `AWS_ENDPOINT_URL_<ID>` and, in lower case, in a `services` section. Source: AWS SDKs and
    /// Tools Reference Guide, "Service-specific endpoints".
    var endpointID: String {
        switch self {
        case .ses: "SESV2"
        case .dynamodb: "DYNAMODB"
        case .sns: "SNS"
        case .sqs: "SQS"
        case .cloudwatch: "CLOUDWATCH"
        case .sts: "STS"
        case .costExplorer: "COST_EXPLORER"
        }
    }
}
