/// How AWS names what a meter counts: in the offer files that give its price, and in Cost Explorer, which says what was paid.
///
/// Where the names come from: SES from the offer file's extract of 2026-07-22, but those of Pro and Enterprise are formed
/// after `Essentials-Outbound-Email` and `Pro-Plan-Hours` and were not seen; DynamoDB, SQS, SNS, Fargate and RDS from
/// catalogues that third parties recorded; CloudWatch and KMS from bills. A wrong name finds nothing, and what finds nothing
/// is named, never zero.
package struct AWSUsageType: Hashable, Sendable {
    package let meter: Meter
    package let plan: SESPlan?
    package let service: BilledService
    /// Without the region before it: `Requests-RBP` is `EUW1-Requests-RBP` elsewhere.
    package let name: String
    /// What is counted of it in the offer file; nil for what stands on bills only.
    package let unit: OfferUnit?
    /// The attributes of a product that decide where several have this usage type.
    package let attributes: [Attribute]

    package struct Attribute: Hashable, Sendable {
        package let name: String
        package let values: [String]
    }

    private init(
        _ meter: Meter,
        _ service: BilledService,
        _ name: String,
        _ unit: OfferUnit? = nil,
        plan: SESPlan? = nil,
        attributes: [Attribute] = []
    ) {
        self.meter = meter
        self.plan = plan
        self.service = service
        self.name = name
        self.unit = unit
        self.attributes = attributes
    }

    /// Whether AWS writes this usage type so, in whatever region. A prefix that is no region makes it another one:
    /// `IA-WriteRequestUnits` is not `WriteRequestUnits`.
    package func matches(_ usageType: String) -> Bool {
        guard usageType != name else { return true }
        guard usageType.hasSuffix("-\(name)") else { return false }
        return isRegionCode(usageType.dropLast(name.utf8.count + 1))
    }

    /// What a usage type on the bill is counted by here, if by anything.
    package static func meter(of usageType: String, service: String) -> Meter? {
        let service = BilledService.allCases.first { $0.billedAs == service }
        return all.first { ($0.service == service || $0.service == .any) && $0.matches(usageType) }?.meter
    }
}

/// `USE1`, `EU` or `us-east-1`: what AWS writes before a usage type.
private func isRegionCode(_ text: Substring) -> Bool {
    if text == "EU" { return true }
    let bytes = Array(text.utf8)
    let isUpper = { (byte: UInt8) in (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }
    let isDigit = { (byte: UInt8) in (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    if bytes.count == 4 { return bytes[..<3].allSatisfy(isUpper) && isDigit(bytes[3]) }
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count >= 3, let last = parts.last, last.utf8.allSatisfy(isDigit) else { return false }
    return parts.dropLast().allSatisfy { part in
        !part.isEmpty && part.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
    }
}

extension AWSUsageType {
    private static let isPostgreSQL = Attribute(name: "databaseEngine", values: ["PostgreSQL", "Any"])
    private static let isInOneZone = Attribute(name: "deploymentOption", values: ["Single-AZ"])
    private static let isStandardQueue = Attribute(name: "queueType", values: ["Standard"])

    /// Every name that is known, the offer files' first.
    package static let all: [AWSUsageType] = email + records + messages + telemetry + machines + billedOnly

    private static let email = [
        AWSUsageType(.sesRecipients, .ses, "Recipients", .one(per: 1000), plan: .aLaCarte),
        AWSUsageType(.sesRecipients, .ses, "Essentials-Outbound-Email", .one(per: 1000), plan: .essentials),
        AWSUsageType(.sesRecipients, .ses, "Pro-Outbound-Email", .one(per: 1000), plan: .pro),
        AWSUsageType(.sesRecipients, .ses, "Enterprise-Outbound-Email", .one(per: 1000), plan: .enterprise),
        AWSUsageType(.sesAttachmentBytes, .ses, "AttachmentsSize-Bytes", .gigabyte, plan: .aLaCarte),
        AWSUsageType(.sesPlanHours, .ses, "Pro-Plan-Hours", .hourOrMonth, plan: .pro),
        AWSUsageType(.sesPlanHours, .ses, "Enterprise-Plan-Hours", .hourOrMonth, plan: .enterprise),
        AWSUsageType(.sesDedicatedIPHours, .ses, "DIP-Hours", .hourOrMonth),
    ]

    private static let records = [
        AWSUsageType(.dynamoDBWriteUnits, .dynamoDB, "WriteRequestUnits", .one(per: 1_000_000)),
        AWSUsageType(.dynamoDBReadUnits, .dynamoDB, "ReadRequestUnits", .one(per: 1_000_000)),
        AWSUsageType(.dynamoDBStorage, .dynamoDB, "TimedStorage-ByteHrs", .gigabyteMonth),
        AWSUsageType(.dynamoDBProvisionedWriteHours, .dynamoDB, "WriteCapacityUnit-Hrs", .hour),
        AWSUsageType(.dynamoDBProvisionedReadHours, .dynamoDB, "ReadCapacityUnit-Hrs", .hour),
        AWSUsageType(.dynamoDBInfrequentWriteUnits, .dynamoDB, "IA-WriteRequestUnits", .one(per: 1_000_000)),
        AWSUsageType(.dynamoDBInfrequentReadUnits, .dynamoDB, "IA-ReadRequestUnits", .one(per: 1_000_000)),
        AWSUsageType(.dynamoDBInfrequentStorage, .dynamoDB, "IA-TimedStorage-ByteHrs", .gigabyteMonth),
    ]

    private static let messages = [
        AWSUsageType(.sqsRequests, .sqs, "Requests-RBP", .one(per: 1_000_000), attributes: [isStandardQueue]),
        AWSUsageType(.sqsRequests, .sqs, "Requests-Tier1", .one(per: 1_000_000), attributes: [isStandardQueue]),
        AWSUsageType(.snsRequests, .sns, "Requests-Tier1", .one(per: 1_000_000)),
        AWSUsageType(.kmsRequests, .kms, "KMS-Requests", .one(per: 10_000)),
        AWSUsageType(.kmsKeyHours, .kms, "KMS-Keys", .month),
    ]

    private static let telemetry = [
        AWSUsageType(.cloudWatchMetricHours, .cloudWatch, "CW:MetricMonitorUsage", .month),
        AWSUsageType(.cloudWatchAlarmHours, .cloudWatch, "CW:AlarmMonitorUsage", .month),
        AWSUsageType(.cloudWatchDashboardHours, .cloudWatch, "DashboardsUsageHour", .month),
        AWSUsageType(.cloudWatchRequests, .cloudWatch, "CW:Requests", .one(per: 1000)),
        AWSUsageType(.cloudWatchLogBytes, .cloudWatch, "DataProcessing-Bytes", .gigabyte),
        AWSUsageType(.cloudWatchLogStorage, .cloudWatch, "TimedStorage-ByteHrs", .gigabyteMonth),
    ]

    private static let machines = [
        AWSUsageType(.fargateX86CPUHours, .ecs, "Fargate-vCPU-Hours:perCPU", .hour),
        AWSUsageType(.fargateX86Memory, .ecs, "Fargate-GB-Hours", .hour),
        AWSUsageType(.fargateARMCPUHours, .ecs, "Fargate-ARM-vCPU-Hours:perCPU", .hour),
        AWSUsageType(.fargateARMMemory, .ecs, "Fargate-ARM-GB-Hours", .hour),
        instance(.rdsT4gMicroHours, "micro"), instance(.rdsT4gSmallHours, "small"),
        instance(.rdsT4gMediumHours, "medium"),
        AWSUsageType(.rdsStorage, .rds, "RDS:GP3-Storage", .gigabyteMonth, attributes: [isPostgreSQL, isInOneZone]),
        AWSUsageType(.rdsBackupStorage, .rds, "RDS:ChargedBackupUsage", .gigabyteMonth),
    ]

    /// The network's prices stand in EC2's offer file, half a gigabyte for six numbers: those are read by hand. A database in
    /// two zones is counted as two here and has names of its own there.
    private static let billedOnly = [
        AWSUsageType(.rdsT4gMicroHours, .rds, "Multi-AZUsage:db.t4g.micro"),
        AWSUsageType(.rdsT4gSmallHours, .rds, "Multi-AZUsage:db.t4g.small"),
        AWSUsageType(.rdsT4gMediumHours, .rds, "Multi-AZUsage:db.t4g.medium"),
        AWSUsageType(.rdsStorage, .rds, "RDS:Multi-AZ-GP3-Storage"),
        AWSUsageType(.cloudWatchDashboardHours, .cloudWatch, "DashboardsUsageHour-Basic"),
        AWSUsageType(.networkNATHours, .ec2, "NatGateway-Hours"),
        AWSUsageType(.networkNATBytes, .ec2, "NatGateway-Bytes"),
        AWSUsageType(.networkEndpointHours, .vpc, "VpcEndpoint-Hours"),
        AWSUsageType(.networkEndpointBytes, .vpc, "VpcEndpoint-Bytes"),
        AWSUsageType(.networkOutBytes, .any, "DataTransfer-Out-Bytes"),
        AWSUsageType(.costExplorerRequests, .costExplorer, "APIRequest"),
    ]

    private static func instance(_ meter: Meter, _ size: String) -> AWSUsageType {
        AWSUsageType(meter, .rds, "InstanceUsage:db.t4g.\(size)", .hour, attributes: [isPostgreSQL, isInOneZone])
    }
}
