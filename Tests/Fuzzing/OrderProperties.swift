import WaybillCore

/// An accepted order, written in its plainest wire form, is accepted again with the same payload hash.
enum OrderProperties {
    static func check(_ bytes: [UInt8]) {
        let first = OrderReader.read(bytes)
        require(first == OrderReader.read(bytes), "reading an order twice gives the same")
        switch first {
        case .failure(let refusal): JSONProperties.requireReasons(refusal.violations)
        case .success(let order): checkAccepted(order)
        }
    }

    private static func checkAccepted(_ order: Order) {
        let wire = wireForm(order)
        switch OrderReader.read(wire.encoded) {
        case .failure(let refusal):
            fail("an accepted order is accepted in its wire form", "\(wire.description)\n\(refusal)")
        case .success(let again):
            // Equal bytes have equal hashes, and say more.
            require(again.canonical == order.canonical, "the payload hash stays", wire.description)
        }
        require(JSONProperties.parse(order.canonical).isSuccess, "the canonical form is JSON")
        let sum = Order.sum(of: order.lines)
        require(
            sum == order.total && order.total.minorUnits >= 0,
            "the total is the sum of the lines",
            wire.description
        )
    }

    private static func wireForm(_ order: Order) -> JSON {
        .object([
            .init("orderId", .string(order.id.text)),
            .init("customer", ["email": .string(order.customer.email), "name": .string(order.customer.name)]),
            .init("currency", .string(order.currency.code)),
            .init("lines", .array(order.lines.map { wireForm($0, order.currency) })),
            .init("total", .string(order.total.decimal(in: order.currency))),
            .init("placedAt", .string(microseconds(order.placedAt))),
            .init("locale", .string(order.locale)),
            .init("brand", .string(order.brand.text)),
            .init("reference", order.reference.map { .string($0) } ?? .null),
        ])
    }

    private static func wireForm(_ line: Order.Line, _ currency: Currency) -> JSON {
        [
            "name": .string(line.name), "quantity": .number(line.quantity),
            "unitPrice": .string(line.unitPrice.decimal(in: currency)),
        ]
    }

    /// RFC 3339 with all six digits.
    private static func microseconds(_ time: Timestamp) -> String {
        let rest = String(CalendarDate(time).microsecond % 1000)
        return "\(time.rfc3339.dropLast())\(String(repeating: "0", count: 3 - rest.utf8.count))\(rest)Z"
    }
}

extension Result {
    var isSuccess: Bool {
        switch self {
        case .success: true
        case .failure: false
        }
    }
}
