import Logging
import WaybillCluster
import WaybillCore
import WaybillPorts
import WaybillSimulation

/// Shops, SES and the stores in memory, and workers that run the real actors, all in virtual time on one thread.
final class TestWorld: Sendable {
    let loop: SimulatedLoop
    let store: InMemoryJobStore
    let ledger: InMemoryDeliveryLedger
    let mailer: InMemoryMailer
    let orders: InMemoryMessageQueue
    let feedback: InMemoryMessageQueue
    let deadLetters: InMemoryMessageQueue
    let lostOrders: InMemoryMessageQueue
    let rate: InMemorySendRate
    /// The SES account's own list.
    let accountList: InMemorySuppressionList
    /// Where status notices go; nil for a world that keeps none.
    let topic: InMemoryTopic?
    let policy: DeliveryPolicy

    init(
        seed: UInt64,
        policy: DeliveryPolicy = DeliveryPolicy(),
        notesStatuses: Bool = false,
        startingAt start: Timestamp = Timestamp(seconds: 1_800_000_000),
        limits: SendLimits? = SendLimits(milliRate: 1_000_000, burst: 10),
        ledgerFault: @escaping @Sendable (InMemoryDeliveryLedger.Call) -> InMemoryDeliveryLedger.Fault? = { _ in nil },
        mail: @escaping @Sendable (OutgoingEmail) async -> InMemoryMailer.Script = { _ in .accept }
    ) {
        let loop = SimulatedLoop(seed: seed, startingAt: start)
        self.loop = loop
        topic = notesStatuses ? InMemoryTopic() : nil
        self.policy = policy
        let store = InMemoryJobStore(notesStatuses: notesStatuses, clock: { loop.wallNow() })
        self.store = store
        rate = InMemorySendRate(limits, leads: { store.isInForce($0) }, clock: { loop.wallNow() })
        accountList = InMemorySuppressionList(pageSize: 2, clock: { loop.wallNow() })
        ledger = InMemoryDeliveryLedger(serviceClock: { loop.wallNow() }, fault: ledgerFault)
        mailer = InMemoryMailer(serviceClock: { loop.wallNow() }, script: mail)
        deadLetters = InMemoryMessageQueue(name: "feedback-dlq", environment: loop)
        lostOrders = InMemoryMessageQueue(name: "orders-dlq", environment: loop)
        orders = InMemoryMessageQueue(name: "orders", deadLetters: lostOrders, environment: loop)
        feedback = InMemoryMessageQueue(name: "feedback", deadLetters: deadLetters, environment: loop)
    }

    /// Everything of another world, but a new database.
    init(sharing world: TestWorld) {
        loop = world.loop
        topic = nil
        accountList = world.accountList
        policy = world.policy
        let loop = world.loop
        store = InMemoryJobStore(clock: { loop.wallNow() })
        rate = InMemorySendRate(SendLimits(milliRate: 1_000_000, burst: 10), clock: { loop.wallNow() })
        ledger = world.ledger
        mailer = world.mailer
        orders = world.orders
        feedback = world.feedback
        deadLetters = world.deadLetters
        lostOrders = world.lostOrders
    }

    /// The rate set, in thousandths.
    var limit: Int64? {
        get async {
            do {
                return try rate.state()?.limit
            } catch {
                preconditionFailure("the rate in memory does not fail: \(error)")
            }
        }
    }

    /// Why nobody sends.
    var hold: SendHold? {
        get async {
            do {
                return try rate.state()?.hold
            } catch {
                preconditionFailure("the rate in memory does not fail: \(error)")
            }
        }
    }

    /// The term in force.
    var leader: LeaderFence? { store.leader(of: LeaderActor.role) }

    func pause() async {
        do {
            _ = try rate.pause(by: "ann", reason: "fire drill", askedAt: nil)
        } catch {
            preconditionFailure("the rate in memory does not fail: \(error)")
        }
    }

    func resume() async {
        do {
            try rate.resume()
        } catch {
            preconditionFailure("the rate in memory does not fail: \(error)")
        }
    }

    /// Runs `body` in virtual time.
    func run(
        limit: Duration = .seconds(7200),
        _ body: @escaping @Sendable () async -> Void
    ) throws(SimulatedLoop.Failure) {
        try loop.run(limit: limit, body)
    }

    /// Waits in virtual time until the condition holds; false when it never did.
    func eventually(
        within limit: Duration = .seconds(60),
        _ condition: @Sendable () async -> Bool
    ) async -> Bool {
        let end = loop.monotonicNow() + limit
        while loop.monotonicNow() < end {
            if await condition() { return true }
            do {
                try await loop.sleep(for: .milliseconds(100))
            } catch {
                return false
            }
        }
        return await condition()
    }

    /// The record, or nil while there is none.
    func record(_ order: String) async -> DeliveryRecord? {
        do {
            return try ledger.records().first { $0.id.order.text == order }
        } catch {
            preconditionFailure("\(error)")
        }
    }

    func records() async -> [DeliveryRecord] {
        do {
            return try ledger.records()
        } catch {
            preconditionFailure("\(error)")
        }
    }

    /// What a late T5 or a late event writes, without the hint that follows it.
    func moveOn(_ order: String, isWithdrawn: Bool) async {
        guard let attempt = await record(order)?.attempt else { preconditionFailure("\(order) was never claimed") }
        let now = loop.wallNow()
        let evidence = DeliveryEvidence(fact: .sent, at: now, sentAt: now, messageID: "m")
        let transition: DeliveryTransition =
            isWithdrawn ? .release(attempt, reason: "not written") : .record(evidence)
        do {
            let answer = try ledger.apply(transition, to: delivery(order), now: now, signedAt: nil)
            guard case .applied = answer else { preconditionFailure("\(answer)") }
        } catch {
            preconditionFailure("\(error)")
        }
    }

    func counts() async -> JobCounts {
        do {
            return try store.counts()
        } catch {
            preconditionFailure("the store in memory does not fail: \(error)")
        }
    }

    static func order(_ id: String, total: String = "12.50", brand: String = "default") -> String {
        """
        {"orderId":"\(id)","customer":{"email":"ann@example.com","name":"Ann"},"currency":"USD",
         "lines":[{"name":"Disc","quantity":1,"unitPrice":"\(total)"}],"total":"\(total)",
         "placedAt":"2027-01-15T08:00:00Z","locale":"en","brand":"\(brand)"}
        """
    }
}

/// One worker process of the world: the actors, and a shutdown that goes through them as the executable's does.
struct TestWorker: Sendable {
    let outcomes = OutcomeStream()
    /// What its feedback processor tells.
    let usage = UsageStream()
    let board: LeaseBoard
    private let world: TestWorld
    private let senderStore: any JobStore
    private let senderLedger: any DeliveryLedger
    private let senderMailer: any Mailer
    private let jobsReady = WakeStream()
    private let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    private let signals = (0..<6).map { _ in ShutdownSignal() }
    /// An operator's drain.
    private let drain = ShutdownSignal()

    private let recipients: RecipientGuard
    private let brands: Set<BrandName>
    private let renderer: any EmailRenderer

    private let rate: any SendRateSource
    private let quota: (any QuotaSource)?
    private let leadership: any LeadershipStore
    private let leaderRate: any SendRateSource
    private let costs: CostPorts?
    private let ingestStore: any JobStore

    /// `senderStore`, `senderLedger` and `senderMailer` stand between the sender and the world's own, and may add faults; so do the sender's
    /// `rate`, and the leader's `quota`, `leadership` and `leaderRate`.
    init(
        _ world: TestWorld,
        senderStore: (any JobStore)? = nil,
        senderLedger: (any DeliveryLedger)? = nil,
        senderMailer: (any Mailer)? = nil,
        recipients: RecipientGuard = RecipientGuard(),
        brands: Set<BrandName> = [.standard],
        renderer: any EmailRenderer = PlainRenderer(),
        rate: (any SendRateSource)? = nil,
        quota: (any QuotaSource)? = nil,
        leadership: (any LeadershipStore)? = nil,
        leaderRate: (any SendRateSource)? = nil,
        costs: CostPorts? = nil,
        ingestStore: (any JobStore)? = nil
    ) {
        self.ingestStore = ingestStore ?? world.store
        self.costs = costs
        self.leadership = leadership ?? world.store
        self.leaderRate = leaderRate ?? world.rate
        self.rate = rate ?? world.rate
        self.quota = quota
        self.brands = brands
        self.renderer = renderer
        self.world = world
        self.recipients = recipients
        self.senderStore = senderStore ?? world.store
        self.senderLedger = senderLedger ?? world.ledger
        self.senderMailer = senderMailer ?? world.mailer
        board = LeaseBoard(timing: LeaseMachine.Timing())
    }

    /// Runs until ``shutDown()``, or until the task is cancelled, which is as close to a crash as a task comes.
    func run() async {
        await withDiscardingTaskGroup { group in
            let lease = makeLease()
            let leader = makeLeader()
            let feedback = makeFeedback()
            let sender = makeSender()
            let ingest = makeIngest()
            let operators = makeOperators(Intakes(orders: ingest, feedback: feedback))
            group.addTask {
                await drain.wait()
                if drain.hasBegun { shutDown() }
            }
            group.addTask { await lease.run() }
            group.addTask {
                await leader.run()
                signals[0].begin()
            }
            group.addTask { await operators.run() }
            if let topic = world.topic {
                let status = makeStatus(topic)
                group.addTask { await status.run() }
            }
            group.addTask {
                await feedback.run()
                signals[1].begin()
            }
            group.addTask {
                await sender.run()
                signals[2].begin()
            }
            group.addTask {
                await ingest.run()
                signals[3].begin()
            }
        }
    }

    /// Ingest first, the lease last.
    func shutDown() {
        drain.begin()
        signals[5].begin()
        signals[4].begin()
    }

    private func makeOperators(_ intakes: Intakes) -> OperatorActor {
        OperatorActor(
            store: world.store,
            accountList: world.accountList,
            ledger: world.ledger,
            intakes: intakes,
            environment: world.loop,
            clock: world.loop,
            policy: world.policy,
            interval: .seconds(1),
            board: board,
            outcomes: outcomes,
            jobsReady: jobsReady,
            shutdown: signals[5],
            logger: logger
        )
    }

    private func makeStatus(_ topic: InMemoryTopic) -> StatusActor {
        StatusActor(
            store: world.store,
            topic: topic,
            environment: world.loop,
            interval: .seconds(1),
            board: board,
            outcomes: outcomes,
            shutdown: signals[5],
            logger: logger
        )
    }

    private func makeLease() -> LeaseActor {
        LeaseActor(
            registry: world.store,
            environment: world.loop,
            board: board,
            timing: LeaseMachine.Timing(),
            about: WorkerDescription(host: "test", processID: 1, version: "test", roles: []),
            outcomes: outcomes,
            jobsReady: jobsReady,
            drain: drain,
            shutdown: signals[0],
            logger: logger
        )
    }

    private func makeLeader() -> LeaderActor {
        LeaderActor(
            ports: LeaderPorts(
                leadership: leadership,
                store: world.store,
                ledger: world.ledger,
                rate: leaderRate,
                quota: quota,
                suppressions: world.accountList,
                feedback: world.feedback,
                deadLetters: [world.deadLetters],
                costs: costs,
                environment: world.loop
            ),
            settings: LeaderSettings(milliRate: nil),
            policy: world.policy,
            board: board,
            outcomes: outcomes,
            jobsReady: jobsReady,
            shutdown: signals[1],
            logger: logger
        )
    }

    private func makeFeedback() -> FeedbackActor {
        FeedbackActor(
            queue: world.feedback,
            ports: FeedbackPorts(
                store: world.store,
                ledger: world.ledger,
                suppressions: world.store,
                quarantine: world.store,
                environment: world.loop,
                clock: world.loop,
                meter: EventMeter(usage: usage, topic: "ses-feedback")
            ),
            settings: ConsumerSettings(),
            outcomes: outcomes,
            shutdown: signals[2],
            logger: logger
        )
    }

    private func makeSender() -> SenderActor {
        SenderActor(
            ports: SenderPorts(
                store: senderStore,
                ledger: senderLedger,
                mailer: senderMailer,
                renderer: renderer,
                rate: rate,
                environment: world.loop,
                clock: world.loop
            ),
            settings: SenderSettings(recipients: recipients),
            policy: world.policy,
            board: board,
            jobsReady: jobsReady,
            outcomes: outcomes,
            shutdown: signals[3],
            logger: logger
        )
    }

    private func makeIngest() -> IngestActor {
        IngestActor(
            queue: world.orders,
            store: ingestStore,
            quarantine: world.store,
            environment: world.loop,
            clock: world.loop,
            rule: IntakeRule(retention: world.policy.retention, brands: brands),
            settings: ConsumerSettings(),
            board: board,
            jobsReady: jobsReady,
            outcomes: outcomes,
            shutdown: signals[4],
            logger: logger
        )
    }
}

/// Renders without templates.
struct PlainRenderer: EmailRenderer {
    func render(_ order: Order) async throws(RenderError) -> RenderedEmail {
        RenderedEmail(from: "a@b.c", replyTo: nil, subject: order.id.text, html: "", text: "", template: "plain")
    }
}
