import Synchronization
import WaybillCore

/// Publishes a month's orders: more towards the weekend, none at night, and now and then one with a text so long that SQS
/// bills it as two requests.
final class MonthShop: Sendable {
    /// Percent of the mean, Monday to Sunday.
    private static let weekdays: [Int64] = [85, 85, 90, 100, 125, 120, 95]
    private static let opensAt = Duration.seconds(6 * 3600)
    /// One order in so many is long.
    private static let long: UInt64 = 25
    private static let longBytes = 70_000

    private struct State {
        var generator: SplitMix64
        var published = 0
    }

    private let simulator: Simulator
    private let queue: SimulatedQueue
    private let state: Mutex<State>

    init(simulator: Simulator, queue: SimulatedQueue) {
        self.simulator = simulator
        self.queue = queue
        state = Mutex(State(generator: Simulator.generator(simulator.seed, .shop)))
    }

    var published: Int { state.withLock { $0.published } }

    /// The orders of a day; the world begins at midnight.
    func open(on day: BillingDay, mean: Int64) {
        let midnight = day.start - simulator.epoch
        let open = Duration.seconds(86_400) - Self.opensAt
        for _ in 0..<(mean * Self.weekdays[day.weekday] / 100) {
            let (delay, isLong) = state.withLock { state in
                (state.generator.below(UInt64(open.wholeMicroseconds)), state.generator.below(Self.long) == 0)
            }
            let time = midnight + Self.opensAt + .microseconds(Int64(delay)) - simulator.elapsed
            simulator.after(time) { [self] in publish(isLong: isLong) }
        }
    }

    private func publish(isLong: Bool) {
        let number = state.withLock { state in
            state.published += 1
            return state.published
        }
        let padding = String(repeating: " ", count: isLong ? Self.longBytes : 0)
        queue.publish(
            """
            {"orderId":"order-\(number)","customer":{"email":"customer-\(number)@example.com","name":"Ann"},\
            "currency":"USD","lines":[{"name":"Disc","quantity":1,"unitPrice":"12.00"}],"total":"12.00",\
            "placedAt":"\((simulator.epoch + simulator.elapsed).rfc3339)","locale":"en","brand":"default"}\(padding)
            """
        )
    }
}
