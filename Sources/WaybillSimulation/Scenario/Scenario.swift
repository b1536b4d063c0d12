import WaybillCluster
package import WaybillCore

/// Everything that a seed decides beforehand: the cluster, its settings, and what goes wrong.
package struct Scenario: Hashable, Sendable {
    package enum Mode: String, Hashable, Sendable, CaseIterable {
        /// Faults to the end; what must never happen is watched.
        case safety
        /// Faults stop, or a minority stays broken for ever: everything ends within its bound.
        case liveness
    }

    /// V, G and what goes with them, in production or shortened, on the same code.
    package struct Scale: Hashable, Sendable {
        package var signatureAge: Duration
        package var validity: Duration
        package var grace: Duration
        package var drain: Duration
        package var patience: Duration

        static let production = Scale(
            signatureAge: .seconds(300),
            validity: .seconds(16 * 60),
            grace: .seconds(15 * 60),
            drain: .seconds(60),
            patience: .seconds(15 * 60)
        )
        static let short = Scale(
            signatureAge: .seconds(45),
            validity: .seconds(60),
            grace: .seconds(30),
            drain: .seconds(12),
            patience: .seconds(60)
        )
    }

    package let seed: UInt64
    package let mode: Mode
    package let nodes: Int
    package let orders: Int
    package let mutation: Mutation?
    package var faults: Set<FaultKind>
    package let intensity: UInt64
    package var scale: Scale
    package var policy: DeliveryPolicy
    /// Emails a second that SES allows.
    package var rate: Int64
    package var clocks: [NodeClock]
    package var pollInterval: Duration
    package var concurrency: Int
    /// Orders are published, and faults happen, until then.
    package var publishing: Duration
    package var faultsEnd: Duration
    /// Safety: the end. Liveness: everything must have ended.
    package var end: Duration

    /// Of ``month(seed:nodes:)``.
    private(set) var isMonth = false

    /// What one machine loses for good when the faults end; nil leaves it to the seed.
    package let lasting: LastingFault?

    package struct LastingFault: Hashable, Sendable {
        package let service: SimulatedService
        /// Requests arrive there, and their answers get lost.
        package let isOneSided: Bool
        /// How long the other machines stand still from then on.
        package let othersPause: Duration

        package init(_ service: SimulatedService, isOneSided: Bool = false, othersPause: Duration = .zero) {
            self.service = service
            self.isOneSided = isOneSided
            self.othersPause = othersPause
        }

        /// Orders come when it has begun: their way depends on it.
        var needsOrders: Bool { isOneSided || othersPause > .zero }
    }

    /// What a person or the shrinker may change of a seed's scenario.
    package struct Overrides: Hashable, Sendable {
        package var nodes: Int?
        package var orders: Int?
        /// Never these.
        package var without: Set<FaultKind>
        /// These and no others.
        package var only: Set<FaultKind>?
        package var mutation: Mutation?
        package var inDoubt: InDoubtMode?
        /// Shortened times in every seed.
        package var isShort: Bool
        /// How much more often requests and answers get lost or late.
        package var intensity: UInt64
        package var lasting: LastingFault?

        package init(
            nodes: Int? = nil,
            orders: Int? = nil,
            without: Set<FaultKind> = [],
            only: Set<FaultKind>? = nil,
            mutation: Mutation? = nil,
            inDoubt: InDoubtMode? = nil,
            isShort: Bool = false,
            intensity: UInt64 = 1,
            lasting: LastingFault? = nil
        ) {
            self.nodes = nodes
            self.orders = orders
            self.without = without
            self.only = only
            self.mutation = mutation
            self.inDoubt = inDoubt
            self.isShort = isShort
            self.intensity = intensity
            self.lasting = lasting
        }
    }

    package static let nodes = 3
    package static let orders = 60
    /// One world in so many has production's times: they take longer.
    private static let productionScale: UInt64 = 16

    package init(seed: UInt64, mode: Mode, overrides: Overrides = Overrides()) {
        var chance = Simulator.generator(seed, .scenario)
        let mutation = overrides.mutation
        self.seed = seed
        self.mode = mode
        self.mutation = mutation
        intensity = overrides.intensity
        lasting = overrides.lasting
        nodes = overrides.nodes ?? Self.nodes
        orders = overrides.orders ?? Self.orders
        let isProduction = chance.below(Self.productionScale) == 0 && !overrides.isShort
        scale = isProduction ? .production : .short
        let inDoubt = chance.oneOf(InDoubtMode.allCases)
        policy = DeliveryPolicy(
            signatureValidity: scale.validity,
            feedGrace: scale.grace,
            inDoubt: overrides.inDoubt ?? inDoubt,
            feedDrain: scale.drain,
            feedPatience: scale.patience
        )
        if mutation == .claimExpires { (policy.signatureValidity, policy.feedGrace) = (.seconds(5), .zero) }
        rate = Int64(chance.oneOf([2, 5, 20, 100]))
        pollInterval = .milliseconds(Int64(chance.oneOf([500, 1000, 2000, 4000])))
        concurrency = Int(chance.oneOf([2, 8, 32]))
        // A silence is proof only beside emails that were accepted later.
        let longest = policy.inDoubt == .resend ? scale.validity.wholeSeconds * 2 : 60
        publishing = .seconds(chance.oneOf([1, 20, longest]))
        faults = Set(FaultKind.allCases.filter { _ in chance.below(2) == 0 })
        clocks = []
        let doubt = scale.validity + scale.grace
        faultsEnd = publishing + .seconds(30) + doubt / 2
        end = faultsEnd
        restrict(overrides)
        drawClocks(&chance)
        faultsEnd = max(faultsEnd, .seconds(60))
        if lasting?.needsOrders == true { publishing = faultsEnd + .seconds(15) }
        end =
            mode == .safety
            ? faultsEnd + doubt + .seconds(30)
            : faultsEnd + doubt * 2 + scale.patience + .seconds(240) + .seconds(Int64(orders * 3) / rate)
                + (lasting?.othersPause ?? .zero)
        if mode == .safety { faultsEnd = end }
    }

    /// Faults that an assumption rules out: `resend` needs events within G, and none lost.
    private mutating func restrict(_ overrides: Overrides) {
        if let only = overrides.only { faults = only }
        faults.subtract(overrides.without)
        if policy.inDoubt == .resend {
            if faults.contains(.feedDeath) { faults.remove(.lateEvents) }
            faults.subtract([.lostEvents, .foreignEvents])
        }
        // A database that forgets, and events that nobody tells again: what is lost then is lost by design.
        if faults.contains(.databaseRestore) { faults.subtract([.operators, .badOrders]) }
    }

    private mutating func drawClocks(_ chance: inout SplitMix64) {
        let most = Int64(scale.signatureAge.wholeSeconds * 8 / 10)
        clocks = (0..<nodes).map { _ in
            let offset = chance.between(-most, most)
            let drift = chance.between(-200, 200)
            guard faults.contains(.clocks) else { return NodeClock() }
            return NodeClock(wallOffset: .seconds(offset), driftPartsPerMillion: drift)
        }
    }
}

extension Scenario {
    package var timing: LeaseMachine.Timing {
        guard isMonth else { return LeaseMachine.Timing() }
        return LeaseMachine.Timing(lease: .seconds(900), renewal: .seconds(270))
    }

    /// What a process believes of its lease.
    var trustTiming: LeaseMachine.Timing {
        var timing = timing
        if mutation == .leaseTrustedPastEnd { timing.margin = .seconds(-20) }
        return timing
    }

    var consumer: ConsumerSettings { ConsumerSettings(pollers: 1) }

    var sender: SenderSettings {
        SenderSettings(
            concurrency: concurrency,
            pollInterval: pollInterval,
            recallInterval: isMonth ? .seconds(600) : .seconds(15),
            firstLimits: SendLimits(milliRate: 1000, burst: 1)
        )
    }

    var leader: LeaderSettings {
        guard isMonth else { return LeaderSettings(timing: timing, sweepInterval: .seconds(5), milliRate: nil) }
        return LeaderSettings(
            timing: timing,
            sweepInterval: .seconds(60),
            look: .seconds(60),
            costInterval: MeteredMonth.costInterval,
            quotaInterval: .seconds(3600),
            milliRate: nil
        )
    }

    var requestInterval: Duration { isMonth ? .seconds(600) : .seconds(4) }

    /// A month of virtual time: what is only looked at now and then is looked at seldom, so that it takes seconds.
    static func month(seed: UInt64, nodes: Int) -> Scenario {
        let overrides = Overrides(nodes: nodes, only: [], inDoubt: .hold)
        var scenario = Scenario(seed: seed, mode: .safety, overrides: overrides)
        scenario.isMonth = true
        scenario.scale = .production
        scenario.policy = DeliveryPolicy(
            signatureValidity: scenario.scale.validity,
            feedGrace: scenario.scale.grace,
            inDoubt: .hold,
            feedDrain: scenario.scale.drain,
            feedPatience: scenario.scale.patience
        )
        scenario.pollInterval = .seconds(120)
        (scenario.rate, scenario.concurrency) = (20, 8)
        return scenario
    }
}

extension Scenario: CustomStringConvertible {
    package var description: String {
        let offsets = clocks.map { "\($0.wallOffset.wholeSeconds) s \($0.driftPartsPerMillion) ppm" }
        let names = faults.sorted().map(\.rawValue).joined(separator: " ")
        let lasting = lasting?.description ?? ""
        return """
            seed \(seed) \(mode.rawValue), \(nodes) nodes, \(orders) orders in \(publishing.wholeSeconds) s, \
            in-doubt \(policy.inDoubt.rawValue), V \(policy.signatureValidity.wholeSeconds) s, \
            G \(policy.feedGrace.wholeSeconds) s, \(rate) emails/s, concurrency \(concurrency), \
            poll \(pollInterval.wholeMilliseconds) ms, mutation \(mutation?.rawValue ?? "none"), \
            faults to \(faultsEnd.wholeSeconds) s, end \(end.wholeSeconds) s, \
            clocks off by \(offsets.joined(separator: ", ")), intensity \(intensity)\(lasting), faults: \(names)
            """
    }
}

extension Scenario.LastingFault: CustomStringConvertible {
    package var description: String {
        let others = othersPause > .zero ? ", the others stand still for \(othersPause.wholeSeconds) s" : ""
        return ", one machine loses \(service.name)\(isOneSided ? "'s answers" : "")\(others)"
    }
}
