package import WaybillPorts

/// Everything of AWS, put together: the executable makes one and hands out what it gives.
package struct AWSServices: Sendable {
    private let context: AWSContext

    /// `surroundings` is where credentials are looked for; `usage` hears what each call used.
    package init(
        configuration: AWSConfiguration,
        surroundings: AWSSurroundings,
        transport: any HTTPTransport,
        environment: any Environment,
        usage: any UsageSink
    ) {
        context = AWSContext(
            configuration: configuration,
            surroundings: surroundings,
            transport: transport,
            environment: environment,
            usage: usage
        )
    }

    package var configuration: AWSConfiguration { context.configuration }

    /// The wall time as AWS has it, for `signedAt` and for what is written into records.
    package var clock: ServiceClock { context.clock }

    /// Credentials can be found at this moment; throws what is missing.
    package func checkCredentials() async throws(AWSError) -> String {
        try await context.credentials().accessKeyID
    }

    /// Every service of the email path is on this machine: the times of the delivery protocol may be shortened.
    package var isLoopback: Bool { configuration.isLoopback([.ses, .dynamodb, .sns, .sqs]) }

    package func mailer(configurationSet: String, timeout: Duration = AWSRequest.totalTimeout) -> SESMailer {
        SESMailer(context: context, configurationSet: configurationSet, timeout: timeout)
    }

    package func suppressionList() -> SESSuppressionList { SESSuppressionList(context: context) }

    package func quotaSource() -> SESAccount { SESAccount(context: context) }

    package func ledger(table: String) -> DynamoDBLedger { DynamoDBLedger(context: context, table: table) }

    package func queue(url: String) -> SQSMessageQueue { SQSMessageQueue(context: context, url: url) }

    package func topic(arn: String) -> SNSTopic { SNSTopic(context: context, arn: arn) }

    package func costExplorer() -> CostExplorer { CostExplorer(context: context) }

    /// `namespace` is what all metrics stand under.
    package func metrics(namespace: String) -> CloudWatchMetricSink {
        CloudWatchMetricSink(context: context, namespace: namespace)
    }

    package func setup() -> AWSSetup { AWSSetup(context: context) }
}
