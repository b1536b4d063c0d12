import Synchronization
import WaybillCluster
import WaybillCore
import WaybillPorts

/// PostgreSQL, DynamoDB, SQS and SES of one world, with true time for their clock.
struct SimulatedServices: Sendable {
    let store: InMemoryJobStore
    let rate: InMemorySendRate
    let locks: SimulatedLocks
    let ledger: InMemoryDeliveryLedger
    let weather: LedgerWeather
    let orders: SimulatedQueue
    let feedback: SimulatedQueue
    let deadLetters: SimulatedQueue
    let ses: SimulatedSES
    /// The SES account's list: small pages, so that reading it takes several.
    let suppressions: InMemorySuppressionList
    let witness: Witness
    /// Nil in a world without meters.
    let meters: SimulatedMeters?

    init(_ scenario: Scenario, simulator: Simulator, witness: Witness, costs: CostSettings? = nil) {
        let now: @Sendable () -> Timestamp = { simulator.epoch + simulator.elapsed }
        let mutation = scenario.mutation
        self.witness = witness
        let store = InMemoryJobStore(clock: now)
        self.store = store
        rate = InMemorySendRate(nil, leads: { store.isInForce($0) }, clock: now)
        let meters = costs.map { SimulatedMeters($0, store: store, now: now) }
        self.meters = meters
        let pageSize = meters == nil ? 3 : AccountSuppressionPage.most
        suppressions = InMemorySuppressionList(pageSize: pageSize, clock: now)
        locks = SimulatedLocks(simulator: simulator)
        ledger = InMemoryDeliveryLedger(
            serviceClock: now,
            signatureAge: scenario.scale.signatureAge,
            condition: { transition in mutation.flatMap { transition.condition(mistaken: $0) } ?? transition.condition }
        )
        weather = LedgerWeather(seed: scenario.seed)
        let calm = SimulatedQueue.Behaviour.calm
        func queue(_ name: String, _ index: UInt64, deadLetters: SimulatedQueue? = nil) -> SimulatedQueue {
            SimulatedQueue(
                name: name,
                index: index,
                behaviour: calm,
                deadLetters: deadLetters,
                book: meters?.book,
                simulator: simulator
            )
        }
        deadLetters = queue("feedback-dlq", 3)
        orders = queue("orders", 1)
        feedback = queue("feedback", 2, deadLetters: deadLetters)
        ses = SimulatedSES(
            rate: scenario.rate,
            signatureAge: scenario.scale.signatureAge,
            behaviour: .calm,
            feedback: feedback,
            suppressions: suppressions,
            witness: witness,
            book: meters?.book,
            simulator: simulator
        )
    }

    /// After the end of the world, so that its memory comes back.
    func close() {
        for queue in [orders, feedback, deadLetters] { queue.close() }
    }

    /// P2: an order's message is deleted.
    func checkOrder(_ body: String) {
        guard !witness.isRestored else { return }
        var isKept = store.isQuarantined(body)
        if case .success(let order) = OrderReader.read(body.utf8) {
            isKept = isKept || store.keeps(body, of: DeliveryID(order: order.id))
        }
        witness.require(isKept, .P2, "an order was deleted from the queue and is not kept: \(body.prefix(60))")
    }

    /// P2: an event's message is deleted.
    func checkEvent(_ body: String) {
        guard !witness.isRestored, case .success(.event(let event)) = SESEventReader.read(queueBody: body) else {
            return
        }
        for suppression in event.suppressions {
            let isKept = store.isSuppressed(suppression.email)
            witness.require(isKept, .P2, "an event was deleted and \(event.delivery)'s address is not suppressed")
        }
        for evidence in event.evidence {
            let isKnown = ledger.record(event.delivery)?.facts[evidence.fact] != nil
            let isKept = isKnown || store.isQuarantined(body)
            witness.require(isKept, .P2, "an event was deleted and \(event.delivery) does not know \(evidence.fact)")
        }
    }
}

extension DeliveryTransition {
    /// The condition as a mutation has it; nil when it does not touch this one.
    func condition(mistaken mutation: Mutation) -> RecordCondition? {
        switch (mutation, self) {
        case (.rankIgnored, .record): .itemExists
        case (.feedbackCreatesItem, .record(let evidence)):
            .any([.itemAbsent, .less(.rank, .number(Int64(evidence.fact.status.rank)))])
        case (.lateAnswerRefused, .record(let evidence)) where evidence.fact == .sent:
            .all([condition, .oneOf(.status, [.text(DeliveryStatus.sending.name)])])
        case (.epochNotCompared, .claim): .any([.itemAbsent, .equal(.status, .text(DeliveryStatus.pending.name))])
        case (.attemptNotCompared, .release), (.attemptNotCompared, .fail):
            .oneOf(.status, [.text(DeliveryStatus.sending.name), .text(DeliveryStatus.unconfirmed.name)])
        default: nil
        }
    }
}
