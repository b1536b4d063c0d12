import Logging
import WaybillCore
import WaybillPorts
import WaybillPostgres

/// The wanted number of workers for `/metrics`, asked only when somebody looks.
actor DemandGauge {
    /// So long an answer is given again: each costs a statement and two requests to SQS, of every worker that is scraped.
    static let life = Duration.seconds(10)

    private let source: PostgresDemand
    private let bounds: WorkerDemand.Bounds
    private let orders: any MessageQueue
    private let events: any MessageQueue
    private let environment: any Environment
    private let logger: Logger
    private var last: (at: Duration, demand: WorkerDemand?)?

    init(
        source: PostgresDemand,
        bounds: WorkerDemand.Bounds,
        orders: any MessageQueue,
        events: any MessageQueue,
        environment: any Environment,
        logger: Logger
    ) {
        self.source = source
        self.bounds = bounds
        self.orders = orders
        self.events = events
        self.environment = environment
        self.logger = logger
    }

    /// Nil while it is not known: an autoscaler then leaves things as they are.
    func demand() async -> WorkerDemand? {
        let now = environment.monotonicNow()
        if let last, now - last.at < Self.life { return last.demand }
        let demand = await ask()
        last = (now, demand)
        return demand
    }

    private func ask() async -> WorkerDemand? {
        do {
            async let facts = source.facts()
            async let orders = orders.depth()
            async let events = events.depth()
            let known = try await facts.with(orders: try await orders, events: try await events)
            return WorkerDemand(known, within: bounds)
        } catch {
            logger.warning("the wanted number of workers is not known", metadata: ["error": "\(error)"])
            return nil
        }
    }
}
