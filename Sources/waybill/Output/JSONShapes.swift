import WaybillCore
import WaybillPorts

/// The shapes of `--json`. Every key is always there, null when there is nothing to say, so that a program need not ask.
enum JSONShapes {
    static func record(_ record: DeliveryRecord) -> JSON {
        object([
            ("order", .string(record.id.order.text)),
            ("kind", .string(record.id.kind.text)),
            ("status", .string(record.status.name)),
            ("rank", .number(record.status.rank)),
            ("email", .string(record.email)),
            ("attempt", text(record.attempt?.description)),
            ("owner", text(record.owner?.description)),
            ("epoch", .number(record.epoch.number)),
            ("signedAt", time(record.signedAt)),
            ("messageId", text(record.messageID)),
            ("template", text(record.template)),
            ("reason", text(record.reason)),
            ("facts", facts(record)),
            ("payloadHash", .string(record.payloadHash.description)),
            ("createdAt", time(record.createdAt)),
            ("updatedAt", time(record.updatedAt)),
            ("expiresAt", time(record.expiresAt)),
            ("version", .number(record.version)),
        ])
    }

    static func job(_ job: JobSnapshot) -> JSON {
        object([
            ("id", .number(job.id)),
            ("delivery", .string(job.delivery.description)),
            ("state", .string(job.state.rawValue)),
            ("epoch", .number(job.epoch.number)),
            ("worker", text(job.worker?.description)),
            ("attempts", .number(job.attempts)),
            ("runAt", time(job.runAt)),
            ("enqueuedAt", time(job.enqueuedAt)),
            ("finishedAt", time(job.finishedAt)),
            ("status", text(job.status)),
            ("reason", text(job.reason)),
        ])
    }

    /// The body is text where it is valid UTF-8, and base64url where it is not.
    static func quarantine(_ entry: QuarantineEntry) -> JSON {
        let body = String(validating: entry.message.body, as: UTF8.self)
        return object([
            ("id", .number(entry.id)),
            ("queue", .string(entry.message.queue)),
            ("delivery", text(entry.message.delivery?.description)),
            ("code", .string(entry.message.code)),
            ("reason", .string(entry.message.reason)),
            ("count", .number(entry.count)),
            ("firstSeen", time(entry.firstSeen)),
            ("lastSeen", time(entry.lastSeen)),
            ("bodyHash", .string(entry.message.bodyHash.description)),
            ("body", text(body)),
            ("bodyBase64URL", body == nil ? .string(Base64URL.encode(entry.message.body)) : .null),
        ])
    }

    static func worker(_ worker: LiveWorker) -> JSON {
        object([
            ("id", .string(worker.id.description)),
            ("host", .string(worker.about.host)),
            ("processId", .number(worker.about.processID)),
            ("version", .string(worker.about.version)),
            ("roles", .array(worker.about.roles.map(JSON.string))),
            ("guard", text(worker.about.guardSummary)),
            ("drain", worker.drain.map(order) ?? .null),
            ("startedAt", time(worker.startedAt)),
            ("expiresAt", time(worker.expiresAt)),
        ])
    }

    static func order(_ order: StandingOrder) -> JSON {
        object([("since", time(order.since)), ("by", text(order.by)), ("reason", text(order.reason))])
    }

    static func object(_ members: [(String, JSON)]) -> JSON {
        .object(members.map { JSON.Member($0.0, $0.1) })
    }

    static func text(_ text: String?) -> JSON {
        text.map(JSON.string) ?? .null
    }

    static func time(_ time: Timestamp?) -> JSON {
        text(time?.rfc3339)
    }

    /// In order of time.
    private static func facts(_ record: DeliveryRecord) -> JSON {
        object(record.factsInOrder.map { ($0.fact.rawValue, time($0.at)) })
    }
}

extension DeliveryRecord {
    /// The facts by their time; facts of one moment by their rank.
    var factsInOrder: [(fact: DeliveryFact, at: Timestamp)] {
        facts.map { (fact: $0.key, at: $0.value) }
            .sorted { ($0.at, $0.fact.status.rank, $0.fact.rawValue) < ($1.at, $1.fact.status.rank, $1.fact.rawValue) }
    }
}
