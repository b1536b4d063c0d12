import Synchronization
import WaybillCluster
import WaybillCore
import WaybillPorts

/// Makes what a scenario says goes wrong, until its faults end.
final class FaultDriver: Sendable {
    private let scenario: Scenario
    private let simulator: Simulator
    private let cluster: SimulatedCluster
    private let shop: Shop
    private let chance: Mutex<SplitMix64>

    init(_ scenario: Scenario, cluster: SimulatedCluster, shop: Shop) {
        self.scenario = scenario
        self.cluster = cluster
        self.shop = shop
        simulator = cluster.simulator
        chance = Mutex(Simulator.generator(scenario.seed, .faults))
    }

    private var network: SimulatedNetwork { cluster.network }
    private var services: SimulatedServices { cluster.services }
    /// V + G: what a silence must last to mean something.
    private var doubt: Duration { scenario.scale.validity + scenario.scale.grace }

    func begin() {
        setConditions()
        for fault in scenario.faults.sorted() { begin(fault) }
        if scenario.mode == .liveness { simulator.after(scenario.faultsEnd) { [self] in calm() } }
    }

    private func has(_ fault: FaultKind) -> Bool { scenario.faults.contains(fault) }

    private func setConditions() {
        var conditions = SimulatedNetwork.Conditions()
        if has(.lostRequests) { conditions.lostRequests = 8 * scenario.intensity }
        if has(.lostAnswers) { conditions.lostAnswers = 8 * scenario.intensity }
        if has(.lateRequests) { conditions.lateRequests = 6 * scenario.intensity }
        conditions.lateness = doubt
        network.set(conditions)
        if has(.worstMoments) {
            // A process may stand still with SES's answer in its hands until the sweep has given it up.
            let longest = below(2) == 0 || scenario.intensity > 1 ? doubt * 2 : .seconds(20)
            cluster.setWorstMoments(killed: 5, paused: 15 * scenario.intensity, longest: longest)
        }
        var queue = SimulatedQueue.Behaviour()
        if has(.repeatedMessages) { (queue.twice, queue.undeleted) = (60, 30) }
        if has(.lateMessages) { queue.lateness = .seconds(20) }
        services.orders.set(queue)
        let mayBeAnyTime = scenario.policy.inDoubt == .hold
        queue.lateness = has(.lateEvents) ? scenario.scale.grace / 4 : .zero
        services.feedback.set(queue)
        services.ses.change { ses in
            if has(.repeatedEvents) { ses.repeatedEvents = 200 }
            // Only `resend` rests on events within G.
            if has(.lateEvents) { ses.eventLateness = mayBeAnyTime ? doubt * 2 : scenario.scale.grace / 2 }
            if has(.lostEvents) { ses.lostEvents = 100 }
            if has(.refusedMessages) { ses.refusedMessages = 30 }
            if has(.sesErrors) { (ses.errorBefore, ses.errorAfter) = (10, 20) }
        }
        if has(.ledgerErrors) { services.weather.set(throttled: 5, errors: 15) }
    }

    private func begin(_ fault: FaultKind) {
        switch fault {
        case .kills: every(25) { [self] in cluster.kill(slot(), restartAfter: .milliseconds(between(200, 9000))) }
        case .drains: every(20) { [self] in cluster.drain(cluster.sendingSlot ?? slot()) }
        case .pauses: every(25) { [self] in cluster.pause(slot(), for: upTo(.seconds(25))) }
        case .longPauses: every(60) { [self] in cluster.pause(slot(), for: upTo(doubt * 1.3)) }
        case .outages: once { [self] in outage() }
        case .partitions: every(30) { [self] in partition() }
        case .slowness: every(40) { [self] in slowDown() }
        case .databaseRestarts: every(45) { [self] in away(.postgres, for: upTo(.seconds(8))) }
        case .databaseRestore: once { [self] in planRestore() }
        case .ledgerThrottling: every(40) { [self] in throttleLedger() }
        case .serviceOutages: every(40) { [self] in away(oneOf([.dynamo, .sqs, .ses]), for: upTo(.seconds(20))) }
        case .queueOutages: once { [self] in away(.sqs, for: upTo(doubt * 1.5)) }
        case .sesErrors: every(60) { [self] in storm() }
        case .sesThrottling: every(40) { [self] in throttleSES() }
        case .sesAccount: every(60) { [self] in closeAccount() }
        case .feedDeath: once { [self] in services.ses.change { $0.lostEvents = 1000 } }
        case .slowCommits: every(40) { [self] in slowCommits() }
        case .foreignEvents: every(30) { [self] in publishForeignEvent() }
        case .operators: every(6) { [self] in operate() }
        case .worstMoments, .clocks, .lostRequests, .lostAnswers, .lateRequests, .ledgerErrors, .refusedMessages,
            .repeatedMessages, .lateMessages, .repeatedEvents, .lateEvents, .lostEvents, .badOrders:
            break  // Chances, or part of the scenario.
        }
    }

    /// Everything works again, but for a minority that stays broken.
    private func calm() {
        simulator.record("faults end")
        network.set(.calm)
        network.slowDown(times: 1)
        for service in SimulatedService.allCases { network.start(service) }
        for slot in 0..<scenario.nodes {
            for service in SimulatedService.allCases { network.separate(slot: slot, from: service, nil) }
        }
        cluster.setWorstMoments(killed: 0, paused: 0, longest: .zero)
        services.locks.set(slowClaims: 20, slowest: .milliseconds(300))
        services.orders.set(.calm)
        services.feedback.set(.calm)
        services.weather.set(throttled: 0, errors: 0)
        let isFeedDead = has(.feedDeath)
        services.ses.change { ses in
            let lost = isFeedDead ? ses.lostEvents : 0
            ses = .calm
            ses.lostEvents = lost
        }
        if has(.operators) {
            for time in [doubt + .seconds(10), doubt * 2 + .seconds(10)] {
                simulator.after(time) { [self] in decideAll() }
            }
        }
        if let lasting = scenario.lasting {
            network.separate(slot: 0, from: lasting.service, lasting.isOneSided ? .answers : .both)
            if lasting.othersPause > .zero {
                for slot in 1..<scenario.nodes { cluster.pause(slot, for: lasting.othersPause) }
            }
            return simulator.record("machine 0 loses \(lasting.service.name) for good")
        }
        guard scenario.nodes > 2, below(2) == 0 else { return }
        let slot = slot()
        switch below(4) {
        case 0: cluster.remove(slot)
        case 1: network.separate(slot: slot, from: .postgres, oneOf([.both, .answers]))
        case 2: network.separate(slot: slot, from: .dynamo, .both)
        default: network.separate(slot: slot, from: oneOf(SimulatedService.allCases), oneOf([.requests, .answers]))
        }
        simulator.record("machine \(slot) stays broken")
    }

    // MARK: When

    private var isOver: Bool { simulator.elapsed >= scenario.faultsEnd }

    /// On the average every so many seconds.
    private func every(_ seconds: Int64, _ fault: @escaping @Sendable () -> Void) {
        simulator.after(.milliseconds(between(0, seconds * 2000))) { [self] in
            guard !isOver else { return }
            fault()
            every(seconds, fault)
        }
    }

    /// At some time in the first two thirds.
    private func once(_ fault: @escaping @Sendable () -> Void) {
        let latest = scenario.faultsEnd.wholeMilliseconds * 2 / 3
        simulator.after(.milliseconds(between(1000, latest)), fault)
    }

    /// At most until the faults end.
    private func upTo(_ longest: Duration) -> Duration {
        let drawn = Duration.microseconds(between(1000, longest.wholeMicroseconds))
        return min(drawn, max(.milliseconds(1), scenario.faultsEnd - simulator.elapsed))
    }

    // MARK: What

    private func outage() {
        let duration = upTo(doubt * 1.3)
        simulator.record("outage of the whole cluster")
        for slot in 0..<scenario.nodes {
            if below(3) == 0 {
                cluster.kill(slot, restartAfter: duration)
            } else {
                cluster.pause(slot, for: duration + .milliseconds(between(0, 3000)))
            }
        }
    }

    private func partition() {
        let (slot, service) = (slot(), oneOf(SimulatedService.allCases))
        let partition = oneOf([SimulatedNetwork.Partition.requests, .answers, .both])
        simulator.record("machine \(slot) is cut off from \(service.name)")
        network.separate(slot: slot, from: service, partition)
        simulator.after(upTo(.seconds(40))) { [self] in network.separate(slot: slot, from: service, nil) }
    }

    private func slowDown() {
        network.slowDown(times: between(3, 200))
        simulator.after(upTo(.seconds(15))) { [self] in network.slowDown(times: 1) }
    }

    private func away(_ service: SimulatedService, for duration: Duration) {
        simulator.record("\(service.name) is away")
        network.stop(service, silently: below(2) == 0)
        simulator.after(duration) { [self] in network.start(service) }
    }

    private func slowCommits() {
        services.locks.set(slowClaims: 300, slowest: .seconds(14))
        simulator.after(upTo(.seconds(20))) { [self] in
            services.locks.set(slowClaims: 20, slowest: .milliseconds(300))
        }
    }

    /// About an order that this cluster never had.
    private func publishForeignEvent() {
        guard let order = OrderID("foreign-\(below(1_000_000))") else { return }
        let now = simulator.epoch + simulator.elapsed
        let content = RenderedEmail(from: "", replyTo: nil, subject: "", html: "", text: "", template: "")
        let email = OutgoingEmail(
            delivery: DeliveryID(order: order),
            attempt: AttemptID(high: below(.max), low: 1),
            signedAt: now,
            recipient: "foreign@example.com",
            content: content
        )
        let kind = oneOf(SimulatedEvent.Kind.allCases)
        let event = SimulatedEvent(kind: kind, email: email, messageID: "foreign-1", sentAt: now)
        services.feedback.publish(event.json(at: now))
    }

    private func throttleLedger() {
        services.weather.set(throttled: 500, errors: 50)
        simulator.after(upTo(.seconds(20))) { [self] in
            let isRough = has(.ledgerErrors) && !isOver
            services.weather.set(throttled: isRough ? 5 : 0, errors: isRough ? 15 : 0)
        }
    }

    private func storm() {
        services.ses.change { ($0.errorBefore, $0.errorAfter) = (600, 300) }
        simulator.after(upTo(.seconds(20))) { [self] in
            services.ses.change { ($0.errorBefore, $0.errorAfter) = isOver ? (0, 0) : (10, 20) }
        }
    }

    private func throttleSES() {
        services.ses.change { $0.throttled = 700 }
        simulator.after(upTo(.seconds(15))) { [self] in services.ses.change { $0.throttled = 0 } }
    }

    private func closeAccount() {
        let reason = oneOf([MailerRefusal.Reason.sendingPaused, .quotaExceeded, .accountSuspended])
        services.ses.change { $0.account = reason }
        simulator.after(upTo(.seconds(25))) { [self] in services.ses.change { $0.account = nil } }
    }

    /// A backup now, and some time later the database is taken back to it.
    private func planRestore() {
        let backup = services.store.backup()
        simulator.after(upTo(doubt / 2)) { [self] in
            cluster.killAll()
            simulator.record("the database is restored")
            services.store.restore(backup)
            services.witness.restored()
            shop.publishAgain()
            recover()
        }
    }

    /// What an operator does: `waybill recover` beside workers that are started again once it has paused sending.
    private func recover() {
        let machine = scenario.nodes
        simulator.boot("recover", mutation: scenario.mutation) { [self] node in
            let recovery = SimulatedRecovery(cluster.machine(node, machine), services, scenario)
            await recovery.run { [self] in cluster.start() }
        }
    }

    private func operate() {
        let orders = shop.orders
        guard !orders.isEmpty else { return }
        if let undecided = services.store.hotJobs().first(where: { $0.state == .unconfirmed }), below(2) == 0 {
            return request(oneOf([.resend, .close]), undecided.delivery)
        }
        let delivery = DeliveryID(order: oneOf(orders))
        if let closed = closedInDoubt(orders), below(3) == 0 { return request(.retry, closed) }
        switch services.ledger.record(delivery)?.status {
        case nil, .pending, .sending: request(oneOf([.cancel, .release]), delivery)
        case .unconfirmed: request(oneOf([.resend, .close]), delivery)
        case .failed, .suppressed, .closed: request(.retry, delivery)
        case .sent, .delayed, .bouncedSoft, .delivered, .bouncedHard, .rejected, .complaint:
            request(oneOf([.retry, .cancel, .resend]), delivery)
        }
    }

    /// Closed although an attempt may have come through.
    private func closedInDoubt(_ orders: [OrderID]) -> DeliveryID? {
        orders.lazy.map { DeliveryID(order: $0) }.first { delivery in
            guard let record = services.ledger.record(delivery) else { return false }
            return record.status == .closed && record.attempt != nil
        }
    }

    /// What is left to an operator, decided: afterwards that must end too.
    private func decideAll() {
        for job in services.store.hotJobs() where job.state == .unconfirmed {
            request(oneOf([.resend, .close]), job.delivery)
        }
    }

    private func request(_ action: OperatorAction, _ delivery: DeliveryID) {
        simulator.record("operator: \(action.rawValue) \(delivery)")
        _ = services.store.request(action, delivery, reason: "simulated")
    }

    private func slot() -> Int { Int(below(UInt64(scenario.nodes))) }

    private func below(_ bound: UInt64) -> UInt64 { chance.withLock { $0.below(bound) } }

    private func between(_ low: Int64, _ high: Int64) -> Int64 { chance.withLock { $0.between(low, high) } }

    private func oneOf<Value>(_ values: [Value]) -> Value { values[Int(below(UInt64(values.count)))] }
}
