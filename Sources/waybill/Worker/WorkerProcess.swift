import Foundation
import Logging
import ServiceLifecycle
import UnixSignals
import WaybillAWS
import WaybillCluster
import WaybillCore
import WaybillPorts
import WaybillTemplates

/// Puts one worker together: the ports, the streams between the actors, and the actors as services.
struct WorkerProcess {
    /// A drain that takes longer is cut off; what it leaves is taken over as after a crash.
    private static let longestDrain = Duration.seconds(25)
    /// How often telemetry and cost report.
    private static let reportInterval = Duration.seconds(60)

    let connections: Connections

    func run() async throws {
        let settings = connections.settings
        let logger = connections.logger
        let streams = Streams(timing: settings.lease)
        let ordersQueue = try await connections.queue(named: connections.names.ordersQueue)
        let feedbackQueue = try await connections.queue(named: connections.names.feedbackQueue)
        let renderer = try await settings.renderer()
        // In the order in which they may rely on each other: the shutdown goes through them backwards, so that the lease
        // is given back after those who work under it have ended, and the last metrics' own request is metered.
        var services: [any Service] = []
        let cost = makeCost(&services)
        let telemetry = makeTelemetry(streams, &services)
        if settings.httpPort > 0 {
            let gauge = demandGauge(orders: ordersQueue, events: feedbackQueue)
            services.append(healthServer(streams, telemetry, cost, gauge))
        }
        addLease(streams, &services)
        if settings.roles.contains(.leader) {
            addLeader(streams, feedbackQueue, try await deadLetterQueues(), try await costPorts(streams), &services)
        }
        let ingest = makeIngest(streams, ordersQueue, renderer.brands)
        let feedback = makeFeedback(streams, feedbackQueue)
        addOperator(streams, Intakes(orders: ingest.actor, feedback: feedback.actor), &services)
        if settings.deliveryStatus == .on { addStatus(streams, try await statusTopic(), &services) }
        if settings.roles.contains(.feedback) { add(feedback.shutdown, to: &services) { await feedback.actor.run() } }
        if settings.roles.contains(.send) { addSender(streams, renderer, &services) }
        if settings.roles.contains(.ingest) { add(ingest.shutdown, to: &services) { await ingest.actor.run() } }

        logger.notice("worker starts", metadata: startMetadata(templates: renderer.versions))
        var configuration = ServiceGroupConfiguration(
            services: services,
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        configuration.maximumGracefulShutdownDuration = Self.longestDrain
        try await run(ServiceGroup(configuration: configuration), drain: streams.drain)
        logger.notice("worker ended")
    }

    /// Runs until a signal or an operator asks it to end.
    private func run(_ group: ServiceGroup, drain: ShutdownSignal) async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                await drain.wait()
                if drain.hasBegun { await group.triggerGracefulShutdown() }
            }
            try await group.run()
            tasks.cancelAll()
        }
    }

    private struct Streams {
        let jobsReady = WakeStream()
        let outcomes = OutcomeStream()
        let gauges = GaugeBoard()
        /// An operator has asked this worker to end.
        let drain = ShutdownSignal()
        let board: LeaseBoard

        init(timing: LeaseMachine.Timing) {
            board = LeaseBoard(timing: timing)
        }
    }

    private func startMetadata(templates: [String]) -> Logger.Metadata {
        let settings = connections.settings
        return [
            "version": "\(WaybillVersion.text)",
            "environment": "\(settings.environment)",
            "roles": "\(settings.roles.map(\.rawValue).sorted().joined(separator: ","))",
            "concurrency": "\(settings.concurrency)",
            "send-rate": "\(settings.sendMilliRate.map { "\(Double($0) / 1000)" } ?? "account")",
            "in-doubt": "\(settings.delivery.inDoubt.rawValue)",
            "templates": "\(templates.joined(separator: ","))",
            "guard": "\(settings.recipients.summary ?? "off")",
        ]
    }

    private func add(
        _ shutdown: ShutdownSignal,
        to services: inout [any Service],
        _ body: @escaping @Sendable () async -> Void
    ) {
        services.append(WorkerService(shutdown: shutdown, reactor: connections.reactor, body: body))
    }

    private func makeTelemetry(_ streams: Streams, _ services: inout [any Service]) -> TelemetryActor {
        let shutdown = ShutdownSignal()
        let actor = TelemetryActor(
            outcomes: streams.outcomes,
            publication: connections.metrics.map {
                TelemetryActor.Publication(
                    sink: $0,
                    environment: connections.settings.environment,
                    gauges: streams.gauges
                )
            },
            environment: connections.environment,
            interval: Self.reportInterval,
            shutdown: shutdown,
            logger: connections.logger
        )
        add(shutdown, to: &services) { await actor.run() }
        return actor
    }

    private func makeCost(_ services: inout [any Service]) -> CostActor {
        let shutdown = ShutdownSignal()
        let actor = CostActor(
            usage: connections.usage,
            size: connections.settings.workerSize,
            load: { try SystemLoad.read() },
            account: connections.settings.costs.map { _ in
                CostActor.Account(store: connections.costs, clock: connections.clock)
            },
            environment: connections.environment,
            interval: Self.reportInterval,
            shutdown: shutdown,
            logger: connections.logger
        )
        add(shutdown, to: &services) { await actor.run() }
        return actor
    }

    private func demandGauge(orders: any MessageQueue, events: any MessageQueue) -> DemandGauge {
        DemandGauge(
            source: connections.demand,
            bounds: connections.settings.workerBounds,
            orders: orders,
            events: events,
            environment: connections.environment,
            logger: connections.logger
        )
    }

    private func healthServer(
        _ streams: Streams,
        _ telemetry: TelemetryActor,
        _ cost: CostActor,
        _ gauge: DemandGauge
    ) -> HealthServer {
        HealthServer(
            host: connections.settings.httpHost,
            port: connections.settings.httpPort,
            board: streams.board,
            telemetry: telemetry,
            cost: cost,
            gauge: gauge,
            environment: connections.environment,
            logger: connections.logger
        )
    }

    private func addLease(_ streams: Streams, _ services: inout [any Service]) {
        let shutdown = ShutdownSignal()
        let actor = LeaseActor(
            registry: connections.jobs,
            environment: connections.environment,
            board: streams.board,
            timing: connections.settings.lease,
            about: WorkerDescription(
                host: ProcessInfo.processInfo.hostName,
                processID: Int(ProcessInfo.processInfo.processIdentifier),
                version: WaybillVersion.text,
                roles: connections.settings.roles.map(\.rawValue).sorted(),
                guardSummary: connections.settings.recipients.summary
            ),
            outcomes: streams.outcomes,
            jobsReady: streams.jobsReady,
            drain: streams.drain,
            shutdown: shutdown,
            logger: connections.logger
        )
        add(shutdown, to: &services) { await actor.run() }
    }

    /// Where SQS and SNS put the events that they gave up.
    private func deadLetterQueues() async throws -> [any MessageQueue] {
        let names = connections.names
        return [
            try await connections.queue(named: names.feedbackDeadLetterQueue),
            try await connections.queue(named: names.feedbackSubscriptionDeadLetterQueue),
        ]
    }

    private func addLeader(
        _ streams: Streams,
        _ feedback: any MessageQueue,
        _ deadLetters: [any MessageQueue],
        _ costs: CostPorts?,
        _ services: inout [any Service]
    ) {
        let settings = connections.settings
        let shutdown = ShutdownSignal()
        let actor = LeaderActor(
            ports: LeaderPorts(
                leadership: connections.jobs,
                store: connections.jobs,
                ledger: connections.ledger,
                rate: connections.sendRate,
                quota: connections.aws.quotaSource(),
                suppressions: connections.aws.suppressionList(),
                feedback: feedback,
                deadLetters: deadLetters,
                costs: costs,
                environment: connections.environment
            ),
            settings: LeaderSettings(
                timing: settings.lease,
                sweepInterval: settings.sweepInterval,
                milliRate: settings.sendMilliRate,
                burst: settings.sendBurst,
                historyDays: settings.historyDays
            ),
            policy: settings.delivery,
            board: streams.board,
            outcomes: streams.outcomes,
            jobsReady: streams.jobsReady,
            shutdown: shutdown,
            logger: connections.logger
        )
        add(shutdown, to: &services) { await actor.run() }
    }

    /// How often operators' requests are looked for: what became of them is to be there within seconds.
    private static let requestInterval = Duration.seconds(1)

    private func addOperator(_ streams: Streams, _ intakes: Intakes, _ services: inout [any Service]) {
        let shutdown = ShutdownSignal()
        let actor = OperatorActor(
            store: connections.jobs,
            accountList: connections.aws.suppressionList(),
            ledger: connections.ledger,
            intakes: intakes,
            environment: connections.environment,
            clock: connections.clock,
            policy: connections.settings.delivery,
            interval: Self.requestInterval,
            board: streams.board,
            outcomes: streams.outcomes,
            jobsReady: streams.jobsReady,
            shutdown: shutdown,
            logger: connections.logger
        )
        add(shutdown, to: &services) { await actor.run() }
    }

    /// How often the outbox is looked into.
    private static let noticeInterval = Duration.seconds(1)

    private func statusTopic() async throws -> SNSNoticeTopic {
        SNSNoticeTopic(try await topic(named: connections.names.statusTopic))
    }

    /// The topic of the account whose queues these are. Whether it is there shows when it is published to.
    private func topic(named name: String) async throws -> SNSTopic {
        let queue = connections.names.ordersQueue
        guard let address = try await connections.aws.setup().address(ofQueue: queue),
            let arn = TopicARN.topic(named: name, besideQueue: address.arn)
        else { throw SettingsError("the queue \(queue) is not there: run `waybill setup` for this environment first") }
        return connections.aws.topic(arn: arn)
    }

    /// Emails do not wait for prices: books that cannot be read are an error in the log and in `waybill cost`.
    private func costPorts(_ streams: Streams) async throws -> CostPorts? {
        guard let choices = connections.settings.costs else { return nil }
        let books: PriceBooks
        do throws(SettingsError) {
            books = try choices.books()
        } catch {
            connections.logger.error("no price books: costs cannot be reckoned", metadata: ["error": "\(error)"])
            books = PriceBooks([])
        }
        return CostPorts(
            store: connections.costs,
            topic: SNSAlertTopic(try await topic(named: connections.names.costAlertsTopic)),
            settings: choices.settings(
                books: books,
                region: connections.aws.configuration.region,
                metrics: connections.settings.metrics == .cloudwatch ? ClusterMetric.names.count : 0
            ),
            gauges: streams.gauges
        )
    }

    private func addStatus(_ streams: Streams, _ topic: SNSNoticeTopic, _ services: inout [any Service]) {
        let shutdown = ShutdownSignal()
        let actor = StatusActor(
            store: connections.jobs,
            topic: topic,
            environment: connections.environment,
            interval: Self.noticeInterval,
            board: streams.board,
            outcomes: streams.outcomes,
            shutdown: shutdown,
            logger: connections.logger
        )
        add(shutdown, to: &services) { await actor.run() }
    }

    /// Made in every worker, whatever its roles are: an operator may give it messages of the quarantine.
    private func makeFeedback(
        _ streams: Streams,
        _ queue: any MessageQueue
    ) -> (actor: FeedbackActor, shutdown: ShutdownSignal) {
        let shutdown = ShutdownSignal()
        let actor = FeedbackActor(
            queue: queue,
            ports: FeedbackPorts(
                store: connections.jobs,
                ledger: connections.ledger,
                suppressions: connections.jobs,
                quarantine: connections.jobs,
                environment: connections.environment,
                clock: connections.clock,
                meter: EventMeter(usage: connections.usage, topic: connections.names.feedbackTopic)
            ),
            settings: ConsumerSettings(),
            outcomes: streams.outcomes,
            shutdown: shutdown,
            logger: connections.logger
        )
        return (actor, shutdown)
    }

    private func addSender(_ streams: Streams, _ renderer: BrandRenderer, _ services: inout [any Service]) {
        let settings = connections.settings
        let shutdown = ShutdownSignal()
        let actor = SenderActor(
            ports: SenderPorts(
                store: connections.jobs,
                ledger: connections.ledger,
                mailer: connections.aws.mailer(configurationSet: connections.names.configurationSet),
                renderer: renderer,
                rate: connections.sendRate,
                environment: connections.environment,
                clock: connections.clock
            ),
            settings: SenderSettings(
                concurrency: settings.concurrency,
                firstLimits: SendLimits(milliRate: settings.sendMilliRate ?? 1000, burst: settings.sendBurst),
                recipients: settings.recipients
            ),
            policy: settings.delivery,
            board: streams.board,
            jobsReady: streams.jobsReady,
            outcomes: streams.outcomes,
            shutdown: shutdown,
            logger: connections.logger
        )
        add(shutdown, to: &services) { await actor.run() }
    }

    /// Likewise.
    private func makeIngest(
        _ streams: Streams,
        _ queue: any MessageQueue,
        _ brands: Set<BrandName>
    ) -> (actor: IngestActor, shutdown: ShutdownSignal) {
        let shutdown = ShutdownSignal()
        let actor = IngestActor(
            queue: queue,
            store: connections.jobs,
            quarantine: connections.jobs,
            environment: connections.environment,
            clock: connections.clock,
            rule: IntakeRule(retention: connections.settings.delivery.retention, brands: brands),
            settings: ConsumerSettings(),
            board: streams.board,
            jobsReady: streams.jobsReady,
            outcomes: streams.outcomes,
            shutdown: shutdown,
            logger: connections.logger
        )
        return (actor, shutdown)
    }
}
