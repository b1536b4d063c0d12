import Foundation

/// The control endpoint of the local AWS: the independent witness, and the faults.
struct LocalAWSControl: Sendable {
    let url: URL

    /// What SES accepted, counted where the program under test has no say.
    func acceptances() async throws -> Acceptances {
        let answer = try await LocalHTTP.get(url.appendingPathComponent("_local/acceptances"))
        guard answer.status == 200 else { throw unexpected(answer, for: "the acceptances") }
        return try JSONDecoder().decode(Acceptances.self, from: answer.body)
    }

    /// How often SES accepted this order's confirmation.
    func acceptances(of order: String) async throws -> Int {
        try await acceptances().count(ofOrder: order)
    }

    func add(_ faults: Fault...) async throws {
        let answer = try await LocalHTTP.send(
            "POST",
            url.appendingPathComponent("_local/faults"),
            json: faults.map(\.members)
        )
        guard (200...299).contains(answer.status) else { throw unexpected(answer, for: "the faults to be taken") }
    }

    /// How often each fault struck, in the order in which they were added.
    func faultsThatStruck() async throws -> [Int] {
        struct Entry: Decodable { let struck: Int }
        let answer = try await LocalHTTP.get(url.appendingPathComponent("_local/faults"))
        guard answer.status == 200 else { throw unexpected(answer, for: "the faults") }
        return try JSONDecoder().decode([Entry].self, from: answer.body).map(\.struck)
    }

    private func unexpected(_ answer: LocalHTTP.Answer, for what: String) -> UnexpectedAnswer {
        UnexpectedAnswer(what, found: "\(answer.status): \(String(decoding: answer.body, as: UTF8.self))")
    }
}

/// The witness's account of what SES accepted.
struct Acceptances: Decodable, Sendable {
    struct Delivery: Decodable, Sendable {
        /// `kind/order`.
        let text: String?
        let count: Int
    }

    let total: Int
    let untagged: Int
    let max: Int
    /// By the tag `delivery`.
    let deliveries: [String: Delivery]

    func count(ofOrder order: String) -> Int {
        deliveries.values.filter { $0.text == "order-confirmation/\(order)" }.map(\.count).reduce(0, +)
    }

    /// The texts of the deliveries that were accepted more than once.
    var duplicates: [String] {
        deliveries.filter { $0.value.count > 1 }.map { "\($0.value.text ?? $0.key): \($0.value.count)" }
    }
}

/// A fault as the local AWS takes it; `ops/local-aws/local_aws/faults.py` says what each member does.
struct Fault: Sendable {
    private(set) var members: [String: any Sendable]

    /// SES accepts, and answers only after so long.
    static func sendAnswersLate(by delay: Duration, order: String, times: Int) -> Fault {
        var fault = everySendAnswersLate(by: delay)
        fault.members["delivery"] = "order-confirmation/\(order)"
        fault.members["count"] = times
        return fault
    }

    /// As ``sendAnswersLate(by:order:times:)``, for all mail.
    static func everySendAnswersLate(by delay: Duration) -> Fault {
        Fault(members: [
            "kind": "delay", "service": "ses", "operation": "SendEmail", "phase": "after",
            "ms": Int(delay / .milliseconds(1)),
        ])
    }

    /// The first write of this order's record is done, and answered only after so long.
    static func claimAnswersLate(by delay: Duration, order: String) -> Fault {
        Fault(members: [
            "kind": "delay", "service": "dynamodb", "operation": "UpdateItem", "phase": "after",
            "ms": Int(delay / .milliseconds(1)), "contains": order, "count": 1,
        ])
    }

    /// SES accepts, and the connection is reset instead of an answer.
    static func sendAnswerIsLost(order: String, times: Int) -> Fault {
        Fault(members: [
            "kind": "reset", "service": "ses", "operation": "SendEmail", "phase": "after",
            "delivery": "order-confirmation/\(order)", "count": times,
        ])
    }

    /// No event about this order is published.
    static func eventsAreLost(order: String) -> Fault {
        Fault(members: ["kind": "lose", "event": "*", "delivery": "order-confirmation/\(order)"])
    }
}
