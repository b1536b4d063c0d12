/// What was found wrong, all of it at once.
struct Verdict: Error, CustomStringConvertible {
    private static let mostNamed = 20
    private(set) var complaints: [String] = []

    mutating func expect(_ isRight: Bool, _ complaint: @autoclosure () -> String) {
        if !isRight { complaints.append(complaint()) }
    }

    /// Throws itself unless everything was right.
    func hold() throws {
        if !complaints.isEmpty { throw self }
    }

    var description: String {
        let named = complaints.prefix(Self.mostNamed).joined(separator: "\n")
        return complaints.count > Self.mostNamed ? "\(named)\nand \(complaints.count - Self.mostNamed) more" : named
    }
}

extension TestCluster {
    /// The witness saw exactly these orders accepted, each exactly once, and nothing else.
    func requireOneAcceptance(ofEach orders: some Collection<String>) async throws {
        let seen = try await control.acceptances()
        var verdict = Verdict()
        for order in orders {
            let count = seen.count(ofOrder: order)
            verdict.expect(count == 1, "SES accepted order \(order) \(count) times")
        }
        verdict.expect(seen.total == orders.count, "SES accepted \(seen.total) emails for \(orders.count) orders")
        verdict.expect(seen.untagged == 0, "SES accepted \(seen.untagged) emails without a delivery tag")
        try verdict.hold()
    }

    /// No worker wrote a log line of the levels that call for an operator.
    func requireNoErrorLogged() throws {
        var verdict = Verdict()
        for worker in allWorkers {
            for line in try worker.logLines() where ["error", "critical"].contains(line["level"]) {
                verdict.expect(false, "\(worker.name) logged \(line)")
            }
        }
        try verdict.hold()
    }
}
