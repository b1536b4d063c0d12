import Synchronization
import WaybillCluster
import WaybillCore
import WaybillPorts

/// One seed: a cluster of the product's actors, its services, its shop, and what goes wrong.
package final class SimulatedWorld: Sendable {
    /// How often it is asked whether everything has ended, and whether something has failed.
    private static let slice = Duration.seconds(5)

    private let scenario: Scenario
    package let simulator: Simulator
    private let witness: Witness
    private let services: SimulatedServices
    private let cluster: SimulatedCluster
    private let shop: Shop
    private let driver: FaultDriver

    package init(_ scenario: Scenario, keepsTrace: Bool = false) {
        self.scenario = scenario
        simulator = Simulator(seed: scenario.seed, keepsTrace: keepsTrace)
        witness = Witness(simulator: simulator, rate: scenario.rate)
        services = SimulatedServices(scenario, simulator: simulator, witness: witness)
        let network = SimulatedNetwork(simulator: simulator, conditions: .calm)
        cluster = SimulatedCluster(
            scenario,
            simulator: simulator,
            network: network,
            services: services,
            witness: witness
        )
        shop = Shop(scenario, simulator: simulator, queue: services.orders)
        driver = FaultDriver(scenario, cluster: cluster, shop: shop)
    }

    /// Runs to the end, or to the first violation.
    package func run() -> RunReport {
        cluster.start()
        shop.open()
        driver.begin()
        while simulator.elapsed < scenario.end, witness.violations.isEmpty {
            simulator.run(until: min(scenario.end, simulator.elapsed + Self.slice))
            if scenario.mode == .liveness, simulator.elapsed > scenario.faultsEnd, open.isEmpty { break }
        }
        if witness.violations.isEmpty { judgeEnd() }
        let (steps, elapsed, digest) = (simulator.steps, simulator.elapsed, simulator.digest)
        if !simulator.reap() { witness.violated(.deaf, "tasks go on though they were cancelled") }
        services.close()
        let outcomes = cluster.takeOutcomes()
        judgeCounts(outcomes)
        return report(steps: steps, elapsed: elapsed, digest: digest, outcomes: outcomes)
    }

    private func report(
        steps: Int,
        elapsed: Duration,
        digest: RunDigest,
        outcomes: [Outcome: Int64]
    ) -> RunReport {
        let acceptances = witness.acceptances
        var rare = witness.rare
        for (outcome, count) in outcomes {
            if let path = RarePath(outcome) { rare[path, default: 0] += Int(count) }
        }
        return RunReport(
            seed: scenario.seed,
            violations: witness.violations,
            digest: digest,
            steps: steps,
            elapsed: elapsed,
            nodes: scenario.nodes,
            kills: cluster.kills,
            pauses: cluster.pauses,
            acceptances: acceptances.values.reduce(0) { $0 + $1.count },
            deliveries: acceptances.count,
            rare: rare,
            outcomes: outcomes,
            trace: simulator.trace
        )
    }

    // MARK: The end

    /// What has not ended yet, in words.
    private var open: [String] {
        var open: [String] = []
        if !services.orders.isEmpty { open.append("the queue of orders is not empty") }
        if !services.feedback.isEmpty { open.append("the queue of events is not empty") }
        for job in services.store.hotJobs() where job.state != .unconfirmed && job.state != .held {
            open.append("the job of \(job.delivery) is \(job.state.rawValue)")
        }
        for order in shop.orders {
            let delivery = DeliveryID(order: order)
            guard let record = services.ledger.record(delivery) else {
                open.append("\(delivery) has no record")
                continue
            }
            if !record.status.endsJob, record.status != .unconfirmed {
                open.append("\(delivery) is \(record.status.name)")
            }
        }
        return open
    }

    private func judgeEnd() {
        guard scenario.mode == .liveness else { return }
        let open = open
        witness.require(open.isEmpty, .I2, "\(open.count) did not end: \(open.prefix(5).joined(separator: "; "))")
        for order in shop.orders {
            let record = services.ledger.record(DeliveryID(order: order))
            witness.require(record?.status != .sending, .I9, "\(order) is SENDING after V + G and a sweep")
            if let record, services.deadLetters.isEmpty { judgeFacts(record) }
        }
    }

    /// I8: whatever order its events came in and however often, the record knows what they said and no more.
    private func judgeFacts(_ record: DeliveryRecord) {
        let published = witness.published(record.id)
        let known = Set(record.facts.keys)
        let isExact = known.isSuperset(of: published) && known.subtracting(published).isSubset(of: [.sent])
        witness.require(isExact, .I8, "\(record.id) knows \(known.map(\.rawValue).sorted()), not \(published)")
    }

    /// I12: nothing is counted more often than it happened, by all processes together.
    private func judgeCounts(_ outcomes: [Outcome: Int64]) {
        let records = shop.orders.compactMap { services.ledger.record(DeliveryID(order: $0)) }
        for (outcome, fact) in [
            (Outcome.sent, DeliveryFact.sent), (.delivered, .delivered), (.complaints, .complained),
        ] {
            let count = Int64(records.count { $0.facts[fact] != nil })
            let counted = outcomes[outcome] ?? 0
            witness.require(counted <= count, .I12, "\(outcome.rawValue) was counted \(counted) times, not \(count)")
        }
    }
}
