import WaybillCore
import WaybillPorts

extension StatusReport {
    /// Where a status report asks.
    struct Sources: Sendable {
        var jobs: any JobStore
        var workers: any WorkerRegistry
        var rate: any SendRateSource
        var ledger: any DeliveryLedger
        var facts: @Sendable () async throws -> DemandFacts
        var bounds: WorkerDemand.Bounds
        var depth: @Sendable (QueueRole) async throws -> QueueDepth
    }

    /// Asks everything at once, but for the deliveries when there is no bound. What does not answer is named in `problems` and left out.
    static func gather(
        environment: String,
        at now: Timestamp,
        from sources: Sources,
        countUpTo bound: Int?
    ) async -> StatusReport {
        var report = StatusReport(environment: environment, at: now)
        async let workers = asking("workers") { try await sources.workers.live() }
        async let pause = asking("ingest") { try await sources.workers.ingestPause() }
        async let jobs = asking("jobs") { try await sources.jobs.counts() }
        async let sending = asking("send rate") { try await sources.rate.state() }
        async let facts = asking("demand") { try await sources.facts() }
        async let deliveries = asking("deliveries") { () -> [StatusCount]? in
            guard let bound else { return nil }
            return try await StatusCounting.counts(ledger: sources.ledger, bound: bound, now: now)
        }
        for role in QueueRole.allCases {
            report.queues[role] = report.take(await asking("queue \(role.rawValue)") { try await sources.depth(role) })
        }
        report.workers = report.take(await workers)
        report.ingest = report.take(await pause).map { $0.map(Ingest.paused) ?? .open }
        report.jobs = report.take(await jobs)
        report.sending = report.take(await sending) ?? nil
        report.deliveries = report.take(await deliveries) ?? nil
        report.demand = report.take(await facts).flatMap { report.demand($0, sources.bounds) }
        return report
    }

    /// Nil while the depth of a queue is not known: orders may wait there.
    private func demand(_ facts: DemandFacts, _ bounds: WorkerDemand.Bounds) -> WorkerDemand? {
        guard let orders = queues[.orders], let events = queues[.feedback] else { return nil }
        return WorkerDemand(facts.with(orders: orders, events: events), within: bounds)
    }

    private mutating func take<Value>(_ answer: Answer<Value>) -> Value? {
        switch answer.result {
        case .success(let value): return value
        case .failure(let error):
            problems.append(Problem(part: answer.part, error: error))
            return nil
        }
    }

    private struct Answer<Value: Sendable>: Sendable {
        var part: String
        var result: Result<Value, CommandFailure>
    }

    @concurrent
    private static func asking<Value: Sendable>(
        _ part: String,
        _ ask: @Sendable () async throws -> Value
    ) async -> Answer<Value> {
        do {
            return Answer(part: part, result: .success(try await ask()))
        } catch {
            let failure = CommandFailure(error) ?? CommandFailure(.failed, String(describing: error))
            return Answer(part: part, result: .failure(failure))
        }
    }
}
