/// What becomes of a message of the orders queue.
package struct IntakeRule: Hashable, Sendable {
    package enum Decision: Hashable, Sendable {
        /// A valid order, and its text as it was received.
        case accept(Order, payload: String)
        /// Kept with the reason, one violation a line.
        case quarantine(code: String, reason: String, delivery: DeliveryID?)
    }

    /// A record may be gone this long before its time to live is over, as far as deduplication may count on it.
    private static let margin = Duration.seconds(30 * 86_400)
    private let oldest: Duration
    private let brands: Set<BrandName>

    /// `brands` are those that an order may name. `retention` is how long DynamoDB keeps a record: an order older than that,
    /// less 30 days, may have been delivered under a record that is gone.
    package init(retention: Duration, brands: Set<BrandName> = [.standard]) {
        oldest = retention - Self.margin
        self.brands = brands
    }

    package func decide(_ body: String, now: Timestamp) -> Decision {
        switch OrderReader.read(queueBody: body, brands: brands) {
        case .failure(let violations):
            let delivery = violations.orderID.map { DeliveryID(order: $0) }
            return .quarantine(code: violations.code.rawValue, reason: violations.description, delivery: delivery)
        case .success(let received):
            let order = received.order
            guard order.placedAt >= now - oldest else {
                let limit = (now - oldest).rfc3339
                let reason = "$.placedAt: expected a time after \(limit): records of older orders may be gone"
                return .quarantine(code: "stale-order", reason: reason, delivery: DeliveryID(order: order.id))
            }
            return .accept(order, payload: received.text)
        }
    }
}
