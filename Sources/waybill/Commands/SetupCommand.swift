import ArgumentParser
import WaybillAWS
import WaybillTemplates

struct SetupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "setup",
        abstract: "Makes the topics, queues, table and configuration set of an environment; may be run again.",
        discussion: """
            What is there is brought to the wanted settings and used; nothing is deleted. Works on an empty account and on \
            an emulator. Names end in WAYBILL_ENVIRONMENT; account and region are the credentials'.
            """
    )

    @Flag(help: "SNS delivers the bare message instead of its envelope. Workers read both.")
    var raw = false

    func run() async throws {
        let settings = try await WaybillSettings.load()
        try await Connections.with(settings) { connections in
            try await AccountSetup(connections: connections, raw: raw).run()
        }
    }
}

/// The resources of one environment, from ``ResourceNames``.
private struct AccountSetup {
    /// How long a received message is hidden: handling one takes milliseconds, an outage is waited out by the gate.
    private static let visibility = Duration.seconds(30)
    private static let retention = Duration.seconds(4 * 86_400)
    /// SQS's longest: a dead-letter queue must keep messages longer than its source does.
    private static let deadLetterRetention = Duration.seconds(14 * 86_400)
    /// An outage of minutes must not fill the dead-letter queue.
    private static let maxReceiveCount = 20

    let connections: Connections
    let raw: Bool

    func run() async throws {
        let setup = connections.aws.setup()
        let names = connections.names
        let orders = try await path(
            topic: names.ordersTopic,
            queue: names.ordersQueue,
            deadLetters: names.ordersDeadLetterQueue,
            undelivered: names.ordersSubscriptionDeadLetterQueue
        )
        say("topic \(names.ordersTopic) -> queue \(names.ordersQueue)", orders.outcome)
        let feedback = try await path(
            topic: names.feedbackTopic,
            queue: names.feedbackQueue,
            deadLetters: names.feedbackDeadLetterQueue,
            undelivered: names.feedbackSubscriptionDeadLetterQueue
        )
        try await setup.letSESPublish(to: feedback.topicARN, account: feedback.account)
        say("topic \(names.feedbackTopic) -> queue \(names.feedbackQueue)", feedback.outcome)
        if connections.settings.deliveryStatus == .on {
            _ = try await setup.topic(named: names.statusTopic)
            print("ready    topic \(names.statusTopic)")
        }
        if connections.settings.costs != nil {
            _ = try await setup.topic(named: names.costAlertsTopic)
            print("ready    topic \(names.costAlertsTopic)")
        }
        say("table \(names.table)", try await setup.deliveriesTable(named: names.table))
        let set = try await setup.configurationSet(named: names.configurationSet)
        let destination = try await setup.eventDestination(
            named: "feedback",
            of: names.configurationSet,
            topicARN: feedback.topicARN
        )
        say("configuration set \(names.configurationSet)", set)
        say("its events -> topic \(names.feedbackTopic)", destination)
        for domain in try senderDomains() {
            say("identity \(domain)", try await setup.emailIdentity(domain))
        }
    }

    /// A topic, its queue, and where each puts what it cannot get rid of.
    private func path(
        topic: String,
        queue: String,
        deadLetters: String,
        undelivered: String
    ) async throws -> (topicARN: String, account: String, outcome: AWSSetup.Outcome) {
        let setup = connections.aws.setup()
        let topicARN = try await setup.topic(named: topic)
        let last = QueueSettings(visibility: Self.visibility, retention: Self.deadLetterRetention)
        let dead = try await setup.queue(named: deadLetters, last).address
        let lastFromTopic = QueueSettings(
            visibility: Self.visibility,
            retention: Self.deadLetterRetention,
            topicARNs: [topicARN]
        )
        let lost = try await setup.queue(named: undelivered, lastFromTopic).address
        let main = QueueSettings(
            visibility: Self.visibility,
            retention: Self.retention,
            deadLetters: QueueSettings.DeadLetters(queueARN: dead.arn, maxReceiveCount: Self.maxReceiveCount),
            topicARNs: [topicARN]
        )
        let (address, outcome) = try await setup.queue(named: queue, main)
        _ = try await setup.subscription(
            of: address.arn,
            to: topicARN,
            raw: raw,
            deadLetterQueueARN: lost.arn
        )
        return (topicARN, address.account, outcome)
    }

    /// One identity for all brands that send from the same domain.
    private func senderDomains() throws -> [String] {
        let domains = try connections.settings.brands().map { brand in
            let address = brand.from.split(separator: "<").last ?? ""
            return String((address.split(separator: "@").last ?? "").prefix { $0 != ">" })
        }
        return Set(domains).sorted()
    }

    private func say(_ what: String, _ outcome: AWSSetup.Outcome) {
        print("\(outcome.rawValue)  \(what)")
    }
}
