import WaybillCore
import WaybillPorts

extension WaybillSettings {
    var workerBounds: WorkerDemand.Bounds {
        WorkerDemand.Bounds(minimum: workers.lowerBound, maximum: workers.upperBound, concurrency: concurrency)
    }
}

extension DemandFacts {
    /// With what SQS says: what is in flight may be a dead worker's.
    func with(orders: QueueDepth, events: QueueDepth) -> DemandFacts {
        var facts = self
        facts.orders = orders.visible + orders.inFlight + orders.delayed
        facts.events = events.visible + events.inFlight + events.delayed
        return facts
    }
}
