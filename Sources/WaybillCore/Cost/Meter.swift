/// Everything that is counted and may cost money. The raw value is the name in `Usage`, in the tables and in a price book.
/// Use is counted in thousandths of the meter's unit: DynamoDB counts in halves, a worker may run for a part of an hour.
///
/// What each counts, whether it rises with the emails (variable) or with time (fixed), and how, is in ``definition``, one
/// line each. A gigabyte is 2^30 bytes, as in AWS's bills (the data transfer offer's "first 10 TB" ends at 10,240 GB).
package enum Meter: String, CaseIterable, Hashable, Sendable {
    case sesRecipients = "ses.recipients"
    case sesAttachmentBytes = "ses.attachment-bytes"
    case sesPlanHours = "ses.plan-hours"
    case sesDedicatedIPHours = "ses.dedicated-ip-hours"

    case dynamoDBWriteUnits = "dynamodb.write-units"
    case dynamoDBReadUnits = "dynamodb.read-units"
    case dynamoDBStorage = "dynamodb.storage-gigabyte-hours"
    case dynamoDBProvisionedWriteHours = "dynamodb.provisioned-write-hours"
    case dynamoDBProvisionedReadHours = "dynamodb.provisioned-read-hours"
    case dynamoDBInfrequentWriteUnits = "dynamodb.infrequent-write-units"
    case dynamoDBInfrequentReadUnits = "dynamodb.infrequent-read-units"
    case dynamoDBInfrequentStorage = "dynamodb.infrequent-storage-gigabyte-hours"

    case sqsRequests = "sqs.requests"
    case snsRequests = "sns.requests"

    case cloudWatchMetricHours = "cloudwatch.metric-hours"
    case cloudWatchAlarmHours = "cloudwatch.alarm-hours"
    case cloudWatchDashboardHours = "cloudwatch.dashboard-hours"
    case cloudWatchRequests = "cloudwatch.requests"
    case cloudWatchLogBytes = "cloudwatch.log-bytes"
    case cloudWatchLogStorage = "cloudwatch.log-storage-gigabyte-hours"

    case kmsRequests = "kms.requests"
    case kmsKeyHours = "kms.key-hours"

    case fargateX86CPUHours = "fargate.x86-cpu-hours"
    case fargateX86Memory = "fargate.x86-memory-gigabyte-hours"
    case fargateARMCPUHours = "fargate.arm-cpu-hours"
    case fargateARMMemory = "fargate.arm-memory-gigabyte-hours"

    case rdsT4gMicroHours = "rds.t4g-micro-hours"
    case rdsT4gSmallHours = "rds.t4g-small-hours"
    case rdsT4gMediumHours = "rds.t4g-medium-hours"
    case rdsStorage = "rds.storage-gigabyte-hours"
    case rdsBackupStorage = "rds.backup-gigabyte-hours"

    case networkOutBytes = "network.out-bytes"
    case networkNATHours = "network.nat-hours"
    case networkNATBytes = "network.nat-bytes"
    case networkEndpointHours = "network.endpoint-hours"
    case networkEndpointBytes = "network.endpoint-bytes"

    case costExplorerRequests = "cost-explorer.requests"

    /// The meter of a name that was reported or stored. A name that is not known is an error, so that nothing is free by a
    /// misspelling.
    package init(named name: String) throws(PriceError) {
        guard let meter = Meter(rawValue: name) else { throw .unknownMeter(name) }
        self = meter
    }
}

extension Meter {
    package enum Service: String, CaseIterable, Hashable, Sendable {
        case ses = "SES"
        case dynamoDB = "DynamoDB"
        case sqs = "SQS"
        case sns = "SNS"
        case cloudWatch = "CloudWatch"
        case kms = "KMS"
        case fargate = "Fargate"
        case rds = "RDS"
        case network = "Network"
        case costExplorer = "Cost Explorer"
    }

    package enum Nature: Hashable, Sendable {
        /// Rises with the emails.
        case variable
        /// Rises with time, however many emails there are.
        case fixed
    }

    package enum Counting: Hashable, Sendable {
        /// Each use as it happens.
        case byUse
        /// What is there, for each hour that it is there: two workers of half a processor are one CPU hour an hour. What
        /// runs now is known to run on, so it makes up the fixed schedule of a forecast.
        case byHour
    }

    package struct Definition: Hashable, Sendable {
        package let service: Service
        /// One of what is counted.
        package let unit: String
        package let nature: Nature
        package let counting: Counting

        fileprivate init(_ service: Service, _ unit: String, _ nature: Nature, _ counting: Counting) {
            self.service = service
            self.unit = unit
            self.nature = nature
            self.counting = counting
        }
    }

    /// The table of meters.
    package var definition: Definition {
        switch self {
        case .sesRecipients: Definition(.ses, "recipient", .variable, .byUse)
        // Nothing meters them: an order's confirmation has no attachment.
        case .sesAttachmentBytes: Definition(.ses, "byte", .variable, .byUse)
        // One in every hour, whatever the plan: those without a monthly fee have it for nothing.
        case .sesPlanHours: Definition(.ses, "plan-hour", .fixed, .byHour)
        case .sesDedicatedIPHours: Definition(.ses, "address-hour", .fixed, .byHour)

        // "Infrequent" is the table class Standard-IA. The table is on demand and standard; the other meters are there so that
        // the other ways to pay for the same table can be priced.
        case .dynamoDBWriteUnits, .dynamoDBInfrequentWriteUnits:
            Definition(.dynamoDB, "write request unit", .variable, .byUse)
        case .dynamoDBReadUnits, .dynamoDBInfrequentReadUnits:
            Definition(.dynamoDB, "read request unit", .variable, .byUse)
        case .dynamoDBProvisionedWriteHours: Definition(.dynamoDB, "write capacity unit-hour", .fixed, .byHour)
        case .dynamoDBProvisionedReadHours: Definition(.dynamoDB, "read capacity unit-hour", .fixed, .byHour)
        // What is stored came with emails, but it costs by the hour and is there tomorrow too.
        case .dynamoDBStorage, .dynamoDBInfrequentStorage: Definition(.dynamoDB, "gigabyte-hour", .fixed, .byHour)

        // Each begun 64 KiB is a request; empty receives are requests too.
        case .sqsRequests: Definition(.sqs, "request", .variable, .byUse)
        case .snsRequests: Definition(.sns, "request", .variable, .byUse)

        case .cloudWatchMetricHours: Definition(.cloudWatch, "metric-hour", .fixed, .byHour)
        case .cloudWatchAlarmHours: Definition(.cloudWatch, "alarm-hour", .fixed, .byHour)
        case .cloudWatchDashboardHours: Definition(.cloudWatch, "dashboard-hour", .fixed, .byHour)
        // One PutMetricData a minute, whatever is sent.
        case .cloudWatchRequests: Definition(.cloudWatch, "request", .fixed, .byUse)
        case .cloudWatchLogBytes: Definition(.cloudWatch, "byte", .variable, .byUse)
        case .cloudWatchLogStorage: Definition(.cloudWatch, "gigabyte-hour", .fixed, .byHour)

        // SQS, SNS and DynamoDB ask KMS with a customer's key on behalf of a call and say nothing of it: a call's requests
        // are not known from outside, nobody meters them, and the bill shows them in a reconciliation.
        case .kmsRequests: Definition(.kms, "request", .variable, .byUse)
        case .kmsKeyHours: Definition(.kms, "key-hour", .fixed, .byHour)

        case .fargateX86CPUHours, .fargateARMCPUHours: Definition(.fargate, "vCPU-hour", .fixed, .byHour)
        case .fargateX86Memory, .fargateARMMemory: Definition(.fargate, "gigabyte-hour", .fixed, .byHour)

        // A database in two zones is two of them, with twice the storage.
        case .rdsT4gMicroHours, .rdsT4gSmallHours, .rdsT4gMediumHours:
            Definition(.rds, "instance-hour", .fixed, .byHour)
        case .rdsStorage, .rdsBackupStorage: Definition(.rds, "gigabyte-hour", .fixed, .byHour)

        case .networkOutBytes: Definition(.network, "byte", .variable, .byUse)
        case .networkNATHours: Definition(.network, "gateway-hour", .fixed, .byHour)
        case .networkNATBytes, .networkEndpointBytes: Definition(.network, "byte", .variable, .byUse)
        // An endpoint in three zones is three of them.
        case .networkEndpointHours: Definition(.network, "endpoint-hour", .fixed, .byHour)

        // The daily reconciliation with AWS's own numbers.
        case .costExplorerRequests: Definition(.costExplorer, "request", .fixed, .byUse)
        }
    }
}
