import Logging
import Synchronization
import WaybillCluster
import WaybillCore
import WaybillPorts

/// One worker process of the simulated cluster: the product's actors over ports behind the network, shut down in the order in
/// which the executable does it.
final class SimulatedWorker: Sendable {
    let outcomes = OutcomeStream()
    let board: LeaseBoard
    private let machine: SimulatedMachine
    private let services: SimulatedServices
    private let scenario: Scenario
    private let jobsReady = WakeStream()
    private let usage = UsageStream()
    private let gauges = GaugeBoard()
    private let logger: Logger
    private let signals = (0..<Stage.allCases.count).map { _ in ShutdownSignal() }
    private let telemetryEnds = ShutdownSignal()
    private let costEnds = ShutdownSignal()
    private let senderDrains = Mutex(false)

    /// In the order of the shutdown.
    private enum Stage: Int, CaseIterable {
        case ingest, sender, feedback, operators, leader, lease
    }

    init(_ machine: SimulatedMachine, _ services: SimulatedServices, _ scenario: Scenario) {
        self.machine = machine
        self.services = services
        self.scenario = scenario
        logger = machine.node.logger
        board = LeaseBoard(timing: scenario.trustTiming)
    }

    /// Runs until ``shutDown()`` has come to its end.
    func run() async {
        await withDiscardingTaskGroup { group in
            let (ingest, sender, feedback) = (makeIngest(), makeSender(), makeFeedback())
            let intakes = Intakes(orders: ingest, feedback: feedback)
            let (operators, leader, lease) = (makeOperators(intakes), makeLeader(), makeLease())
            group.addTask { await self.stage(.ingest) { await ingest.run() } }
            group.addTask { await self.stage(.sender) { await sender.run() } }
            group.addTask { await self.stage(.feedback) { await feedback.run() } }
            group.addTask { await self.stage(.operators) { await operators.run() } }
            group.addTask { await self.stage(.leader) { await leader.run() } }
            if let meters = services.meters { return addMeters(meters, lease, &group) }
            group.addTask { await self.stage(.lease) { await lease.run() } }
        }
    }

    /// SIGTERM.
    func shutDown() { begin(.ingest) }

    private func stage(_ stage: Stage, _ body: () async -> Void) async {
        await body()
        if let next = Stage(rawValue: stage.rawValue + 1) { begin(next) }
    }

    private func begin(_ stage: Stage) {
        if stage == .sender { senderDrains.withLock { $0 = true } }
        signals[stage.rawValue].begin()
    }

    private func signal(_ stage: Stage) -> ShutdownSignal { signals[stage.rawValue] }

    private func link(_ service: SimulatedService) -> ServiceLink {
        ServiceLink(machine: machine, service: service, usage: services.meters == nil ? nil : usage)
    }

    private var jobs: WiredJobStore {
        WiredJobStore(
            link: link(.postgres),
            store: services.store,
            server: services.locks,
            ledger: services.ledger,
            mutation: scenario.mutation,
            isDraining: { [weak self] in self?.senderDrains.withLock { $0 } ?? false }
        )
    }

    private var rate: WiredSendRate { WiredSendRate(link: link(.postgres), rate: services.rate) }

    private func ledger(isFeedback: Bool = false) -> WiredLedger {
        WiredLedger(
            link: link(.dynamo),
            ledger: services.ledger,
            weather: services.weather,
            meter: services.meters.map { LedgerMeter(book: $0.book) },
            isFeedback: isFeedback
        )
    }

    private func queue(_ queue: SimulatedQueue, check: @escaping @Sendable (String) -> Void = { _ in }) -> WiredQueue {
        WiredQueue(link: link(.sqs), queue: queue, mutation: scenario.mutation, check: check)
    }

    private func makeIngest() -> IngestActor {
        IngestActor(
            queue: queue(services.orders, check: services.checkOrder),
            store: jobs,
            quarantine: jobs,
            environment: machine.node,
            clock: machine.node,
            rule: IntakeRule(retention: scenario.policy.retention, brands: [.standard]),
            settings: scenario.consumer,
            board: board,
            jobsReady: jobsReady,
            outcomes: outcomes,
            shutdown: signal(.ingest),
            logger: logger
        )
    }

    private func makeSender() -> SenderActor {
        let (board, store) = (board, services.store)
        let mailer = WiredMailer(
            link: link(.ses),
            ses: services.ses,
            mutation: scenario.mutation,
            isLeased: { [witness = machine.witness, lease = scenario.timing.lease] in
                witness.isJustRestored(within: lease) || board.registered.map { store.isLive($0) } ?? false
            }
        )
        return SenderActor(
            ports: SenderPorts(
                store: jobs,
                ledger: ledger(),
                mailer: mailer,
                renderer: SimulatedRenderer(node: machine.node),
                rate: rate,
                environment: machine.node,
                clock: machine.node
            ),
            settings: scenario.sender,
            policy: scenario.policy,
            board: board,
            jobsReady: jobsReady,
            outcomes: outcomes,
            shutdown: signal(.sender),
            logger: logger
        )
    }

    private func makeFeedback() -> FeedbackActor {
        FeedbackActor(
            queue: queue(services.feedback, check: services.checkEvent),
            ports: FeedbackPorts(
                store: jobs,
                ledger: ledger(isFeedback: true),
                suppressions: jobs,
                quarantine: jobs,
                environment: machine.node,
                clock: machine.node,
                meter: services.meters.map { _ in EventMeter(usage: usage, topic: SimulatedSES.topic) }
            ),
            settings: scenario.consumer,
            outcomes: outcomes,
            shutdown: signal(.feedback),
            logger: logger
        )
    }

    private var suppressionList: WiredSuppressionList {
        WiredSuppressionList(link: link(.ses), list: services.suppressions)
    }

    private func makeOperators(_ intakes: Intakes) -> OperatorActor {
        OperatorActor(
            store: jobs,
            accountList: suppressionList,
            ledger: ledger(),
            intakes: intakes,
            environment: machine.node,
            clock: machine.node,
            policy: scenario.policy,
            interval: scenario.requestInterval,
            board: board,
            outcomes: outcomes,
            jobsReady: jobsReady,
            shutdown: signal(.operators),
            logger: logger
        )
    }

    private func makeLeader() -> LeaderActor {
        LeaderActor(
            ports: LeaderPorts(
                leadership: jobs,
                store: jobs,
                ledger: ledger(),
                rate: rate,
                quota: WiredQuotaSource(link: link(.ses), ses: services.ses),
                suppressions: suppressionList,
                feedback: queue(services.feedback),
                deadLetters: [queue(services.deadLetters)],
                costs: services.meters.map { makeCosts($0) },
                environment: machine.node
            ),
            settings: scenario.leader,
            policy: scenario.policy,
            board: board,
            outcomes: outcomes,
            jobsReady: jobsReady,
            shutdown: signal(.leader),
            logger: logger
        )
    }

    private func makeLease() -> LeaseActor {
        LeaseActor(
            registry: jobs,
            environment: machine.node,
            board: board,
            timing: scenario.timing,
            about: WorkerDescription(host: machine.node.name, processID: machine.slot, version: "simulated", roles: []),
            outcomes: outcomes,
            jobsReady: jobsReady,
            drain: signal(.ingest),
            shutdown: signal(.lease),
            logger: logger
        )
    }
}

// MARK: Meters

extension SimulatedWorker {
    /// What counts ends last, one after the other, so that nothing that the others used is forgotten. It is no ``Stage``: one
    /// more step at the end of a worker would change the schedule of every world without meters.
    private func addMeters(_ meters: SimulatedMeters, _ lease: LeaseActor, _ group: inout DiscardingTaskGroup) {
        let (telemetry, cost) = (makeTelemetry(meters), makeCost(meters))
        group.addTask {
            await lease.run()
            self.telemetryEnds.begin()
        }
        group.addTask {
            await telemetry.run()
            self.costEnds.begin()
        }
        group.addTask { await cost.run() }
    }

    private func makeTelemetry(_ meters: SimulatedMeters) -> TelemetryActor {
        TelemetryActor(
            outcomes: outcomes,
            publication: TelemetryActor.Publication(
                // CloudWatch and SNS share SQS's place in the network: another place would change what seeds draw.
                sink: WiredMetricSink(link: link(.sqs), book: meters.book),
                environment: "simulated",
                gauges: gauges
            ),
            environment: machine.node,
            interval: SimulatedMeters.interval,
            shutdown: telemetryEnds,
            logger: logger
        )
    }

    private func makeCost(_ meters: SimulatedMeters) -> CostActor {
        CostActor(
            usage: usage,
            size: meters.size,
            account: CostActor.Account(
                store: WiredCostStore(link: link(.postgres), meters: meters),
                clock: machine.node
            ),
            environment: machine.node,
            interval: SimulatedMeters.interval,
            shutdown: costEnds,
            logger: logger
        )
    }

    private func makeCosts(_ meters: SimulatedMeters) -> CostPorts {
        CostPorts(
            store: WiredCostStore(link: link(.postgres), meters: meters),
            topic: WiredAlertTopic(link: link(.sqs), book: meters.book),
            settings: meters.settings,
            gauges: gauges
        )
    }
}

/// Renders without templates, in a few milliseconds.
struct SimulatedRenderer: EmailRenderer {
    let node: SimulatedNode

    func render(_ order: Order) async throws(RenderError) -> RenderedEmail {
        do {
            try await node.sleep(for: .microseconds(Int64(node.randomBits() % 3000)))
        } catch {
            // Cancelled: the attempt sees that itself.
        }
        let subject = "Order \(order.id.text)"
        return RenderedEmail(from: "a@b.c", replyTo: nil, subject: subject, html: "", text: "", template: "simulated")
    }
}
