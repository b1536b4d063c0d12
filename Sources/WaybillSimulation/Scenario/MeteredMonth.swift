import Synchronization
package import WaybillCluster
package import WaybillCore
import WaybillPorts

/// A cluster of the product's actors over a calendar month of virtual time, with its meters on: what the leader reckons from
/// what the workers say they used, beside the services' own book of what they did.
///
/// Few things go wrong, as in a good month: an answer in a thousand is lost, each day one worker is killed and one restarted
/// in order. So the two sides differ, by what was in the air, and no more.
package final class MeteredMonth: Sendable {
    package struct Plan: Sendable {
        package var seed: UInt64 = 1
        package var month: BillingMonth
        /// Less than the month, for a test.
        package var days: Int?
        package var ordersPerDay: Int64 = 300
        package var workers = 2
        package var costs: CostSettings
        /// Requests, and answers, that get lost, of 1,000.
        package var lostPerThousand: UInt64 = 1
        /// Workers are killed and restarted.
        package var hasRestarts = true

        package init(month: BillingMonth, costs: CostSettings) {
            self.month = month
            self.costs = costs
        }
    }

    /// Each reckoning looks at the whole month, so there are few.
    static let costInterval = Duration.seconds(6 * 3600)
    /// What was used in the month's last hours is told and reckoned by then, after a change of the leader too.
    private static let rest = Duration.seconds(7 * 3600)
    private static let slice = Duration.seconds(3600)

    private let plan: Plan
    private let scenario: Scenario
    private let simulator: Simulator
    private let witness: Witness
    private let services: SimulatedServices
    private let cluster: SimulatedCluster
    private let shop: MonthShop
    private let chance: Mutex<SplitMix64>

    package init(_ plan: Plan) {
        self.plan = plan
        scenario = Scenario.month(seed: plan.seed, nodes: plan.workers)
        simulator = Simulator(seed: plan.seed, epoch: plan.month.first.start)
        witness = Witness(simulator: simulator, rate: scenario.rate)
        services = SimulatedServices(scenario, simulator: simulator, witness: witness, costs: plan.costs)
        var conditions = SimulatedNetwork.Conditions()
        (conditions.lostRequests, conditions.lostAnswers) = (plan.lostPerThousand, plan.lostPerThousand)
        cluster = SimulatedCluster(
            scenario,
            simulator: simulator,
            network: SimulatedNetwork(simulator: simulator, conditions: conditions),
            services: services,
            witness: witness
        )
        shop = MonthShop(simulator: simulator, queue: services.orders)
        chance = Mutex(Simulator.generator(plan.seed, .faults))
    }

    private var days: Int { plan.days ?? plan.month.days }
    private var hours: Range<BillingHour> {
        plan.month.first.firstHour..<plan.month.first.advanced(by: days).firstHour
    }

    package func run() throws -> MonthReport {
        cluster.start()
        for day in 0..<days { simulator.after(.seconds(Int64(day) * 86_400)) { [self] in begin(day) } }
        let end = Duration.seconds(Int64(days) * 86_400) + Self.rest
        var standing: BillingHour?
        while simulator.elapsed < end, witness.violations.isEmpty {
            stand(&standing)
            simulator.run(until: min(end, simulator.elapsed + Self.slice))
        }
        // Within the world's time, as everything that touches a process.
        simulator.after(.zero) { [self] in for slot in 0..<plan.workers { cluster.retire(slot) } }
        simulator.run(until: simulator.elapsed + .seconds(60))
        services.meters?.book.close()
        let report = try report()
        if !simulator.reap() { witness.violated(.deaf, "tasks go on though they were cancelled") }
        services.close()
        return report
    }

    private func begin(_ day: Int) {
        shop.open(on: plan.month.first.advanced(by: day), mean: plan.ordersPerDay)
        guard plan.hasRestarts else { return }
        after { [self] in cluster.kill(below(plan.workers), restartAfter: .seconds(5)) }
        after { [self] in cluster.drain(below(plan.workers)) }
    }

    /// Some time in the day that begins.
    private func after(_ action: @escaping @Sendable () -> Void) {
        simulator.after(.seconds(Int64(below(86_400))), action)
    }

    private func below(_ count: Int) -> Int { chance.withLock { Int($0.below(UInt64(count))) } }

    /// What is there whether or not anybody tells of it, noted by the world itself.
    private func stand(_ last: inout BillingHour?) {
        let hour = BillingHour(simulator.epoch + simulator.elapsed)
        guard hour != last else { return }
        last = hour
        for (meter, thousandths) in plan.costs.schedule.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            services.meters?.book.did(.stand, of: meter.rawValue, thousandths)
        }
    }

    private func report() throws -> MonthReport {
        guard let meters = services.meters else { preconditionFailure("a month has meters") }
        var meterCosts: [Meter: MonthReport.Cost] = [:]
        for cost in try meters.costs.costs(hours) {
            meterCosts[cost.meter, default: MonthReport.Cost()].add(cost)
        }
        return MonthReport(
            month: plan.month,
            pricesAsOf: try meters.costs.pricesAsOf(hours),
            plan: try meters.costs.status()?.plan,
            costs: meterCosts,
            told: try meters.costs.resources(BillingHour(number: 0)..<BillingHour(number: .max)),
            trouble: try meters.costs.trouble(),
            alerts: try meters.costs.alerts(plan.month).map(\.alert.threshold.rawValue),
            orders: shop.published,
            accepted: witness.acceptances.values.reduce(0) { $0 + $1.count },
            kills: cluster.kills,
            repeatedFlushes: meters.repeatedFlushes,
            violations: witness.violations,
            steps: simulator.steps,
            digest: simulator.digest,
            book: meters.book.entries
        )
    }
}
