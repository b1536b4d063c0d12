import Foundation

/// Where every order of a test is, by the delivery records, beside what the witness counted.
struct Account: CustomStringConvertible {
    /// Statuses at which an order is accounted for. UNCONFIRMED is one: an operator is called, and nothing is sent.
    private static let ends = ["DELIVERED", "BOUNCED", "COMPLAINT", "FAILED", "SUPPRESSED", "CLOSED", "UNCONFIRMED"]

    let orders: [String]
    let statuses: [String: String]
    let accepted: Acceptances

    /// Orders that are at no end.
    var unaccounted: [String] { orders.filter { statuses[$0] == nil } }

    func orders(_ status: String) -> [String] { orders.filter { statuses[$0] == status } }

    var description: String {
        let byStatus = Self.ends.map { ($0, orders($0).count) }.filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }
        return """
            orders \(orders.count): \(byStatus.joined(separator: ", ")); acceptances \(accepted.total), \
            most of one delivery \(accepted.max), unaccounted \(unaccounted.count)
            """
    }

    fileprivate static func take(of cluster: TestCluster, _ orders: [String]) async throws -> Account {
        var statuses: [String: String] = [:]
        for status in ends {
            for record in try await cluster.records("--status", status) { statuses[record.order] = status }
        }
        return Account(orders: orders, statuses: statuses, accepted: try await cluster.control.acceptances())
    }

    /// At most one acceptance each, exactly one of what is delivered, none of what nobody ordered, and nothing forgotten.
    fileprivate func check() throws {
        var verdict = Verdict()
        for order in orders {
            let count = accepted.count(ofOrder: order)
            verdict.expect(count <= 1, "SES accepted order \(order) \(count) times")
            let status = statuses[order] ?? "at no end"
            verdict.expect(status != "at no end", "order \(order) is \(status)")
            verdict.expect(status != "DELIVERED" || count == 1, "order \(order) is \(status) with \(count) acceptances")
        }
        let known = orders.map { accepted.count(ofOrder: $0) }.reduce(0, +)
        verdict.expect(accepted.total == known, "\(accepted.total - known) emails are of none of these orders")
        try verdict.hold()
    }
}

extension TestCluster {
    /// Waits until every order is at an end, both queues are empty and no job is left but unconfirmed ones; then gives the
    /// witness's verdict: at most one acceptance each, none unaccounted. What is delivered was accepted exactly once.
    @discardableResult
    func verdict(of orders: [String], within limit: Duration) async throws -> Account {
        try await settles(within: limit, leaving: ["unconfirmed"])
        let account = try await eventually(within: .seconds(20), every: .seconds(1), "every order is at an end") {
            let account = try await Account.take(of: self, orders)
            return account.unaccounted.isEmpty ? .met(account) : Observation<Account>.notYet("\(account)")
        }
        try account.check()
        print("verdict: \(account)")
        return account
    }
}
