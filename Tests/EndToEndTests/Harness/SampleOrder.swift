import Foundation

/// An order as a shop would publish it, with a part of it spoilt on demand.
struct SampleOrder {
    var id: String
    var email: String
    var name = "A. Tester"
    var quantity: Any = 2
    var unitPrice: Any = "10.50"
    var total: Any = "21.00"
    /// One moment for every copy of an order: another one would make another order of it.
    let placedAt = ISO8601DateFormatter().string(from: Date())
    /// Nil names none.
    var brand: String?
    var locale = "en-US"
    var lineName = "Fountain pen, blue"

    init(_ id: String, email: String? = nil) {
        self.id = id
        self.email = email ?? "success+\(id)@simulator.amazonses.com"
    }

    /// One line of JSON.
    func json() throws -> String {
        var members: [String: Any] = [
            "orderId": id,
            "customer": ["email": email, "name": name],
            "currency": "EUR",
            "lines": [["name": lineName, "quantity": quantity, "unitPrice": unitPrice]],
            "total": total,
            "placedAt": placedAt,
            "locale": locale,
        ]
        if let brand { members["brand"] = brand }
        let data = try JSONSerialization.data(withJSONObject: members, options: [.sortedKeys, .withoutEscapingSlashes])
        return String(decoding: data, as: UTF8.self)
    }

    func with(_ change: (inout SampleOrder) -> Void) -> SampleOrder {
        var other = self
        change(&other)
        return other
    }
}

extension TestCluster {
    /// Publishes orders with `waybill publish`, one a line, in this order.
    func publish(lines: [String]) async throws {
        let file = folder.appendingPathComponent("orders.jsonl")
        try Data(lines.map { "\($0)\n" }.joined().utf8).write(to: file)
        try await run("publish", file.path)
    }
}
