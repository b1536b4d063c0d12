import Synchronization
import WaybillCore

/// Publishes the orders of a world: most once, some again, some in conflict, some invalid.
final class Shop: Sendable {
    private struct State {
        var generator: SplitMix64
        /// What was published, by order, as it was published first.
        var published: [OrderID: String] = [:]
        var order: [OrderID] = []
    }

    private let scenario: Scenario
    private let simulator: Simulator
    private let queue: SimulatedQueue
    private let state: Mutex<State>

    init(_ scenario: Scenario, simulator: Simulator, queue: SimulatedQueue) {
        self.scenario = scenario
        self.simulator = simulator
        self.queue = queue
        state = Mutex(State(generator: Simulator.generator(simulator.seed, .shop)))
    }

    /// Orders that must end.
    var orders: [OrderID] { state.withLock { $0.order } }

    /// Every order of the world, over its publishing time.
    func open() {
        for number in 1...scenario.orders {
            let (delay, kind) = state.withLock { state in
                (
                    Int64(state.generator.next() % UInt64(scenario.publishing.wholeMicroseconds)),
                    state.generator.next() % 20
                )
            }
            simulator.after(.microseconds(delay)) { [self] in publish(number, kind: kind) }
        }
    }

    /// Everything once more: what a restored database has forgotten comes back so.
    func publishAgain() {
        for body in state.withLock({ state in state.order.compactMap { state.published[$0] } }) { queue.publish(body) }
    }

    private func publish(_ number: Int, kind: UInt64) {
        let name = "order-\(number)"
        guard let id = OrderID(name) else { preconditionFailure("\(name) is an order id") }
        let body = Self.order(name, address: "customer-\(number % 40)@example.com", total: 12)
        let isNew = state.withLock { state in
            guard state.published[id] == nil else { return false }
            state.published[id] = body
            state.order.append(id)
            return true
        }
        guard isNew else { return }
        queue.publish(body)
        guard scenario.faults.contains(.badOrders) else { return }
        switch kind {
        case 0: queue.publish(body, after: .seconds(Int64(number % 50)))
        case 1:
            queue.publish(Self.order(name, address: "other@example.com", total: 13), after: .seconds(Int64(number % 9)))
        case 2: queue.publish("{\"orderId\":\"broken-\(number)\"}")
        default: break
        }
    }

    private static func order(_ id: String, address: String, total: Int) -> String {
        """
        {"orderId":"\(id)","customer":{"email":"\(address)","name":"Ann"},"currency":"USD",\
        "lines":[{"name":"Disc","quantity":1,"unitPrice":"\(total).00"}],"total":"\(total).00",\
        "placedAt":"2027-01-15T08:00:00Z","locale":"en","brand":"default"}
        """
    }
}
