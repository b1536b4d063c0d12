import WaybillCore
import WaybillPorts

/// Everything that is known of one order: the record (the truth), the job (who works on it), and what was refused.
struct OrderTrace: Hashable, Sendable {
    struct Delivery: Hashable, Sendable {
        var id: DeliveryID
        var record: DeliveryRecord?
        var job: JobSnapshot?
    }

    var order: OrderID
    var deliveries: [Delivery]
    var quarantine: [QuarantineEntry]

    var isKnown: Bool {
        !quarantine.isEmpty || deliveries.contains { $0.record != nil || $0.job != nil }
    }

    var json: JSON {
        JSONShapes.object([
            ("order", .string(order.text)),
            ("deliveries", .array(deliveries.map(Self.json))),
            ("quarantine", .array(quarantine.map(JSONShapes.quarantine))),
            ("timeline", .array(timeline.map(\.json))),
        ])
    }

    private static func json(_ delivery: Delivery) -> JSON {
        JSONShapes.object([
            ("kind", .string(delivery.id.kind.text)),
            ("record", delivery.record.map(JSONShapes.record) ?? .null),
            ("job", delivery.job.map(JSONShapes.job) ?? .null),
        ])
    }
}

/// One moment of an order's story.
struct TraceMoment: Hashable, Sendable {
    var at: Timestamp
    var kind: MessageKind?
    var what: String
    var tone: Tone

    fileprivate var json: JSON {
        JSONShapes.object([
            ("at", JSONShapes.time(at)),
            ("kind", JSONShapes.text(kind?.text)),
            ("what", .string(what)),
        ])
    }
}

extension OrderTrace {
    /// The story in order of time. The times come from three clocks (the database's, the worker's, SES's), so what is
    /// close together may stand in another order than it happened; of two equal times the earlier step comes first.
    var timeline: [TraceMoment] {
        let moments = deliveries.flatMap(Self.moments) + quarantine.flatMap(Self.moments)
        return moments.enumerated()
            .sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
            .map(\.element)
    }

    private static func moments(_ delivery: Delivery) -> [TraceMoment] {
        var moments: [TraceMoment] = []
        func add(_ at: Timestamp?, _ what: String, _ tone: Tone = .plain) {
            guard let at else { return }
            moments.append(TraceMoment(at: at, kind: delivery.id.kind, what: what, tone: tone))
        }
        add(delivery.job?.enqueuedAt, "the order became a job")
        if let record = delivery.record {
            add(record.createdAt, "the delivery record was made")
            let attempt = record.attempt?.description ?? "unknown"
            add(record.signingMoment, "the request to SES was signed, attempt \(attempt)")
            for (fact, at) in record.factsInOrder { add(at, fact.sentence, fact.status.tone) }
            if !record.status.isAccepted, record.status.rank >= DeliveryStatus.unconfirmed.rank {
                add(record.updatedAt, "it became \(record.status.name)", record.status.tone)
            }
        }
        add(delivery.job?.finishedAt, "the job was finished as \(delivery.job?.status ?? "unknown")")
        return moments
    }

    private static func moments(_ entry: QuarantineEntry) -> [TraceMoment] {
        let kind = entry.message.delivery?.kind
        let what = "a message from \(entry.message.queue) was quarantined: \(entry.message.code)"
        let first = TraceMoment(at: entry.firstSeen, kind: kind, what: what, tone: .warning)
        guard entry.count > 1 else { return [first] }
        let again = "the same message for the \(ordinal(entry.count)) time: \(entry.message.code)"
        return [first, TraceMoment(at: entry.lastSeen, kind: kind, what: again, tone: .warning)]
    }

    private static func ordinal(_ number: Int) -> String {
        switch (number % 100, number % 10) {
        case (11...13, _): "\(number)th"
        case (_, 1): "\(number)st"
        case (_, 2): "\(number)nd"
        case (_, 3): "\(number)rd"
        default: "\(number)th"
        }
    }
}

extension DeliveryRecord {
    /// When the request was signed. SigV4 counts whole seconds, cut off: a signature of the second in which the record
    /// was made is not told as if it were older than the record.
    fileprivate var signingMoment: Timestamp? {
        guard let signedAt else { return nil }
        return signedAt.seconds == createdAt.seconds ? max(signedAt, createdAt) : signedAt
    }
}
