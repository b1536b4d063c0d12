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

    /// The SendEmail requests that SES accepted, the latest last.
    func emails() async throws -> [AcceptedEmail] {
        let answer = try await LocalHTTP.get(url.appendingPathComponent("_local/emails"))
        guard answer.status == 200 else { throw unexpected(answer, for: "the emails") }
        return try JSONDecoder().decode([AcceptedEmail].self, from: answer.body)
    }

    /// Publishes one more event for an email that was accepted.
    func publish(_ event: String, for email: AcceptedEmail) async throws {
        let json = ["messageId": email.messageId, "event": event]
        let answer = try await LocalHTTP.send("POST", url.appendingPathComponent("_local/events"), json: json)
        guard answer.status == 200 else { throw unexpected(answer, for: "the event to be published") }
    }

    func add(_ faults: Fault...) async throws { try await add(faults) }

    func add(_ faults: [Fault]) async throws {
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

    /// The faults end; requests that they hold stay held.
    func clearFaults() async throws {
        let answer = try await LocalHTTP.send("DELETE", url.appendingPathComponent("_local/faults"))
        guard answer.status == 200 else { throw unexpected(answer, for: "the faults to end") }
    }

    /// Changes settings of the local AWS: `ops/local-aws/README.md` lists them.
    func set(_ settings: [String: Any]) async throws {
        let answer = try await LocalHTTP.send("POST", url.appendingPathComponent("_local/settings"), json: settings)
        guard answer.status == 200 else { throw unexpected(answer, for: "the settings to be taken") }
    }

    /// How many requests of an operation had this outcome: an HTTP status, `reset` or `close`.
    func requests(_ service: String, _ operation: String, outcome: String) async throws -> Int {
        struct Operation: Decodable { let outcomes: [String: Int] }
        struct Counts: Decodable { let services: [String: [String: Operation]] }
        let answer = try await LocalHTTP.get(url.appendingPathComponent("_local/requests"))
        guard answer.status == 200 else { throw unexpected(answer, for: "the requests") }
        let counts = try JSONDecoder().decode(Counts.self, from: answer.body)
        return counts.services[service]?[operation]?.outcomes[outcome] ?? 0
    }

    /// What AWS would bill for everything that was asked so far, in thousandths by meter and resource: `sqs.requests of NAME`.
    func bill() async throws -> [String: Int64] {
        let answer = try await LocalHTTP.get(url.appendingPathComponent("_local/usage"))
        guard answer.status == 200 else { throw unexpected(answer, for: "the usage") }
        let rows = try JSONDecoder().decode([BilledUse].self, from: answer.body)
        return rows.flatMap(\.lines).reduce(into: [:]) { $0[$1.name, default: 0] += $1.thousandths }
            .filter { $0.value != 0 }
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

    func count(ofOrder order: String) -> Int { count(of: "order-confirmation/\(order)") }

    /// `delivery` is `kind/order`.
    func count(of delivery: String) -> Int {
        deliveries.values.filter { $0.text == delivery }.map(\.count).reduce(0, +)
    }

    /// The texts of the deliveries that were accepted more than once.
    var duplicates: [String] {
        deliveries.filter { $0.value.count > 1 }.map { "\($0.value.text ?? $0.key): \($0.value.count)" }
    }
}
