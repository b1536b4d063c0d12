/// A service by the names that AWS's price list and its bills have for it.
package enum BilledService: CaseIterable, Hashable, Sendable {
    case ses, dynamoDB, sqs, sns, cloudWatch, kms, ecs, rds
    /// Its offer file is too large for what is wanted of it.
    case ec2
    case vpc
    case costExplorer
    /// Whichever service a byte left through.
    case any

    /// The word in the address of an offer file; nil for those that are not loaded. Source: the index of AWS's offers.
    package var offerCode: String? {
        switch self {
        case .ses: "AmazonSES"
        case .dynamoDB: "AmazonDynamoDB"
        case .sqs: "AWSQueueService"
        case .sns: "AmazonSNS"
        case .cloudWatch: "AmazonCloudWatch"
        case .kms: "awskms"
        case .ecs: "AmazonECS"
        case .rds: "AmazonRDS"
        case .ec2, .vpc, .costExplorer, .any: nil
        }
    }

    /// The value of Cost Explorer's dimension SERVICE. Source: bills that were published; all but the last as seen there.
    package var billedAs: String? {
        switch self {
        case .ses: "Amazon Simple Email Service"
        case .dynamoDB: "Amazon DynamoDB"
        case .sqs: "Amazon Simple Queue Service"
        case .sns: "Amazon Simple Notification Service"
        case .cloudWatch: "AmazonCloudWatch"
        case .kms: "AWS Key Management Service"
        case .ecs: "Amazon Elastic Container Service"
        case .rds: "Amazon Relational Database Service"
        case .ec2: "EC2 - Other"
        case .vpc: "Amazon Virtual Private Cloud"
        case .costExplorer: "AWS Cost Explorer"
        case .any: nil
        }
    }

    /// Those whose offer files are loaded, in the order in which they are.
    package static let offered = allCases.filter { $0.offerCode != nil }
}
