import WaybillCore
import WaybillPorts

/// The state of everything, as far as it could be asked: a part that does not answer is a problem named, not the end.
struct StatusReport: Hashable, Sendable {
    /// The queues that matter, by the key of `--json`.
    enum QueueRole: String, CaseIterable, Hashable, Sendable {
        case orders
        case ordersDeadLetter
        case ordersUndelivered
        case feedback
        case feedbackDeadLetter
        case feedbackUndelivered

        /// Anything in these has been given up by SQS or SNS: an operator must look.
        var holdsWhatFailed: Bool { self != .orders && self != .feedback }
    }

    struct StatusCount: Hashable, Sendable {
        var status: String
        var count: Int
        /// False when counting stopped at its bound: there are at least so many.
        var isExact: Bool
    }

    enum Ingest: Hashable, Sendable {
        case open
        case paused(StandingOrder)
    }

    struct Problem: Hashable, Sendable {
        var part: String
        var error: CommandFailure
    }

    var environment: String
    var at: Timestamp
    var workers: [LiveWorker]?
    /// Whether orders are left in SQS; nil while it is not known.
    var ingest: Ingest?
    /// How many workers are wanted; nil while something that it rests on is not known.
    var demand: WorkerDemand?
    /// Nil also while no worker has led yet.
    var sending: SendControlState?
    var jobs: JobCounts?
    var queues: [QueueRole: QueueDepth] = [:]
    var deliveries: [StatusCount]?
    var problems: [Problem] = []

    /// `ok`, or what the gravest problem says.
    var exit: CommandExit {
        let exits = Set(problems.map(\.error.exit))
        return [CommandExit.usage, .failed, .unreachable].first { exits.contains($0) } ?? .ok
    }

    var json: JSON {
        JSONShapes.object([
            ("environment", .string(environment)),
            ("at", JSONShapes.time(at)),
            ("workers", workers.map { .array($0.map(JSONShapes.worker)) } ?? .null),
            ("wantedWorkers", demand.map { .number($0.workers) } ?? .null),
            ("wantedBecause", demand.map { .string($0.reason.rawValue) } ?? .null),
            ("ingest", ingest.map(Self.json) ?? .null),
            ("sending", sending.map(Self.json) ?? .null),
            ("jobs", jobs.map(Self.json) ?? .null),
            ("quarantined", jobs.map { .number($0.quarantined) } ?? .null),
            ("queues", JSONShapes.object(QueueRole.allCases.map { ($0.rawValue, queues[$0].map(Self.json) ?? .null) })),
            ("deliveries", deliveries.map { JSONShapes.object($0.map { ($0.status, .number($0.count)) }) } ?? .null),
            ("deliveriesAtLeast", .array((deliveries ?? []).filter { !$0.isExact }.map { .string($0.status) })),
            ("problems", .array(problems.map(Self.json))),
        ])
    }

    /// The same keys in both states.
    private static func json(_ ingest: Ingest) -> JSON {
        let pause: StandingOrder? =
            switch ingest {
            case .open: nil
            case .paused(let order): order
            }
        return JSONShapes.object([
            ("paused", .bool(pause != nil)),
            ("since", JSONShapes.time(pause?.since)),
            ("by", JSONShapes.text(pause?.by)),
            ("reason", JSONShapes.text(pause?.reason)),
        ])
    }

    private static func json(_ counts: JobCounts) -> JSON {
        JSONShapes.object([
            ("ready", .number(counts.ready)),
            ("held", .number(counts.held)),
            ("leased", .number(counts.leased)),
            ("inDoubt", .number(counts.inDoubt)),
            ("unconfirmed", .number(counts.unconfirmed)),
            ("finished", .number(counts.finished)),
        ])
    }

    private static func json(_ sending: SendControlState) -> JSON {
        JSONShapes.object([
            ("rateMilli", .number(Int(sending.milliRate))),
            ("limitMilli", .number(Int(sending.limit))),
            ("ceilingMilli", sending.ceiling.map { .number(Int($0)) } ?? .null),
            ("burst", .number(Int(sending.burst))),
            ("hold", sending.hold.map { .string($0.cause.rawValue) } ?? .null),
            ("why", sending.hold.map { .string($0.detail) } ?? .null),
            ("since", sending.heldSince.map(JSONShapes.time) ?? .null),
        ])
    }

    private static func json(_ depth: QueueDepth) -> JSON {
        JSONShapes.object([
            ("visible", .number(depth.visible)),
            ("inFlight", .number(depth.inFlight)),
            ("delayed", .number(depth.delayed)),
        ])
    }

    private static func json(_ problem: Problem) -> JSON {
        JSONShapes.object([("part", .string(problem.part)), ("message", .string(problem.error.message))])
    }
}
