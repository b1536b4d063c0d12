import Foundation

/// What `waybill deliveries --json` says of a delivery.
struct RecordAnswer: Decodable, Sendable {
    let order: String
    let status: String
    let email: String
    let attempt: String?
    let signedAt: String?
    let messageId: String?
    let updatedAt: String
    let facts: [String: String?]
}

/// A moment as Waybill writes it, with up to six digits after the second's point.
func moment(_ text: String) throws -> Date {
    guard let match = text.wholeMatch(of: /(.{19})(\.[0-9]+)?Z/),
        let second = ISO8601DateFormatter().date(from: "\(match.1)Z"),
        let fraction = Double("0\(match.2 ?? ".0")")
    else { throw UnexpectedAnswer("a moment in UTC", found: text) }
    return second.addingTimeInterval(fraction)
}

struct ListingAnswer: Decodable, Sendable {
    let records: [RecordAnswer]
    let next: String?
}

/// What `waybill trace --json` says of an order.
struct TraceAnswer: Decodable, Sendable {
    struct Delivery: Decodable, Sendable {
        let record: RecordAnswer?
        let job: Job?
    }

    struct Job: Decodable, Sendable {
        let state: String
        let status: String?
    }

    struct Quarantined: Decodable, Sendable {
        let code: String
        let reason: String
        let count: Int
    }

    let order: String
    let deliveries: [Delivery]
    let quarantine: [Quarantined]
}

/// A row of the quarantine, read with psql.
struct QuarantineRow: Sendable {
    let code: String
    let reason: String
    let count: Int
    /// `kind/order`, or empty when it could not be read.
    let delivery: String
    /// As it is kept, byte for byte.
    let body: Data
}

/// A job that has not ended, read with psql.
struct HotJob: Sendable, CustomStringConvertible {
    let delivery: String
    let state: String

    var description: String { "\(delivery) is \(state)" }
}

extension TestCluster {
    func records(_ selection: String, _ value: String) async throws -> [RecordAnswer] {
        var records: [RecordAnswer] = []
        var next: String?
        repeat {
            let page = ["deliveries", selection, value, "--limit", "1000", "--json"]
            let result = try await runWhateverTheExit(page + (next.map { ["--after", $0] } ?? []))
            guard [.success, Self.nothingFound].contains(result.exit) else { throw CommandFailed(result: result) }
            let listing: ListingAnswer = try decode(result)
            records += listing.records
            next = listing.next
        } while next != nil
        return records
    }

    /// The record of an order's one delivery, or nil.
    func record(ofOrder order: String) async throws -> RecordAnswer? {
        let records = try await records("--order", order)
        guard records.count <= 1 else { throw UnexpectedAnswer("one delivery of \(order)", found: "\(records)") }
        return records.first
    }

    func trace(_ order: String) async throws -> TraceAnswer {
        try decode(try await run("trace", order, "--json"))
    }

    /// Waits until the record of an order has this status, and returns it.
    @discardableResult
    func order(_ order: String, becomes status: String, within limit: Duration) async throws -> RecordAnswer {
        try await eventually(within: limit, every: .milliseconds(300), "order \(order) becomes \(status)") {
            let record = try await record(ofOrder: order)
            guard let record else { return Observation<RecordAnswer>.notYet("no record") }
            return record.status == status ? .met(record) : .notYet(record.status)
        }
    }

    func quarantine() async throws -> [QuarantineRow] {
        // No reason may break the rows apart, whatever it quotes; the body is base64 for the same reason.
        let reason = "regexp_replace(reason, '[\\x01-\\x1F]', ' ', 'g')"
        let columns = "code, \(reason), seen, coalesce(delivery, ''), encode(body, 'base64')"
        return try await database.rows("SELECT \(columns) FROM waybill.quarantine ORDER BY id").map { row in
            guard row.count == 5, let count = Int(row[2]),
                let body = Data(base64Encoded: row[4], options: .ignoreUnknownCharacters)
            else { throw UnexpectedAnswer("a row of the quarantine", found: "\(row)") }
            return QuarantineRow(code: row[0], reason: row[1], count: count, delivery: row[3], body: body)
        }
    }

    func hotJobs() async throws -> [HotJob] {
        let query = "SELECT delivery, state FROM waybill.jobs JOIN waybill.queue USING (id) ORDER BY delivery"
        return try await database.rows(query).map { HotJob(delivery: $0[0], state: $0[1]) }
    }

    /// Whether the database knows a lease of this process that is not over.
    func isAlive(_ worker: Worker) async throws -> Bool {
        let query = """
            SELECT count(*) FROM waybill.workers
            WHERE process_id = \(worker.process.pid) AND expires_at > clock_timestamp()
            """
        return try await database.count(query) > 0
    }

    /// The orders of the jobs that the database says this process holds.
    func orders(heldBy worker: Worker) async throws -> [String] {
        let query = """
            SELECT split_part(delivery, '/', 2) FROM waybill.jobs JOIN waybill.queue USING (id)
            JOIN waybill.workers ON workers.id = queue.worker
            WHERE state = 'leased' AND process_id = \(worker.process.pid)
            """
        return try await database.rows(query).map { $0[0] }
    }

    /// Waits until every message of both queues was consumed and no job is left but those in the states named.
    func settles(within limit: Duration, leaving states: Set<String> = []) async throws {
        try await eventually(within: limit, every: .seconds(1), "queues and jobs are empty") {
            let hot = try await hotJobs().filter { !states.contains($0.state) }
            guard hot.isEmpty else { return Observation<Void>.notYet("\(hot.count) jobs, one of them \(hot[0])") }
            let depths = try await rawEvents.depths(of: [ordersQueue, feedbackQueue])
            return depths.allSatisfy { $0 == 0 } ? .met(()) : .notYet("depths of the queues \(depths)")
        }
    }

    private static let nothingFound = ChildProcess.Exit(code: 3, bySignal: false)

    private func decode<Answer: Decodable>(_ result: CommandResult) throws -> Answer {
        do {
            return try JSONDecoder().decode(Answer.self, from: result.output)
        } catch {
            let expected = "the JSON of \(Answer.self) from \(result.command)"
            throw UnexpectedAnswer(expected, found: "\(error): \(result.text)")
        }
    }
}
