/// An order as it came out of the queue.
package struct ReceivedOrder: Hashable, Sendable {
    package var order: Order
    /// The JSON text that the shop published, without SNS's envelope: what the job keeps.
    package var text: String

    package init(order: Order, text: String) {
        self.order = order
        self.text = text
    }
}

extension OrderReader {
    /// Reads the body of a message of the orders queue, in SNS's envelope or raw.
    package static func read(
        queueBody body: String,
        brands: Set<BrandName>? = nil
    ) -> Result<ReceivedOrder, OrderViolations> {
        let published = PublishedMessage(queueBody: body)
        let bytes = published.text.utf8.count
        guard bytes <= Order.largestBytes else { return .failure(.tooLarge(bytes: bytes)) }
        switch published.content {
        case .success(let json):
            return read(json, brands: brands).map { ReceivedOrder(order: $0, text: published.text) }
        case .failure(let error): return .failure(.notJSON(error))
        }
    }
}
