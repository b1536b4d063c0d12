/// A write on the delivery record. Each case is a row of the table in DESIGN 2 and stands beside its condition: these
/// are the only ways in which a record changes. None but T1 and T12 may create an item.
package enum DeliveryTransition: Hashable, Sendable {
    /// T1: none or PENDING -> SENDING, by the worker that holds the lease.
    case claim(DeliveryClaim)
    /// T1': the claim was never answered and is given up. PENDING at its epoch, so that a late copy of it is refused.
    case withdraw(DeliveryClaim)
    /// T4: SES refused this message for good.
    case fail(AttemptID, reason: String)
    /// T4 and T5: SES definitely did not accept it, or not a byte was written; back to PENDING.
    case release(AttemptID, reason: String)
    /// T3, T7 and T8, part (a): evidence that raises the rank.
    case record(DeliveryEvidence)
    /// T7 and T8, part (b), tried when (a) was refused: the fact alone, the earliest time wins.
    case refine(DeliveryEvidence)
    /// T9 with `in-doubt = hold`: the attempt's time is over and no evidence came.
    case doubt(AttemptID, reason: String)
    /// T9 with `in-doubt = resend`, under the rule of DESIGN 2C.
    case resend(AttemptID)
    /// T10: an operator decides on an UNCONFIRMED delivery.
    case resolve(seenVersion: Int64, DeliveryResolution, reason: String)
    /// T12: none or PENDING -> a decision not to send, by the worker that holds the lease.
    case decide(DeliveryDecision)
    /// T13: an operator takes a decision back; refused once there is evidence of a send.
    case reopen(seenVersion: Int64, reason: String)
}

/// What T1 writes.
package struct DeliveryClaim: Hashable, Sendable {
    package var subject: DeliverySubject
    package var attempt: AttemptID
    package var owner: WorkerID
    package var epoch: Epoch
    /// The time that both this write and the SES request are signed with, in whole seconds.
    package var signedAt: Timestamp
    package var template: String

    package init(
        subject: DeliverySubject,
        attempt: AttemptID,
        owner: WorkerID,
        epoch: Epoch,
        signedAt: Timestamp,
        template: String
    ) {
        self.subject = subject
        self.attempt = attempt
        self.owner = owner
        self.epoch = epoch
        self.signedAt = Timestamp(seconds: signedAt.seconds)
        self.template = template
    }
}

/// What a record says of the email itself, written when the item is created and never changed.
package struct DeliverySubject: Hashable, Sendable {
    package var email: String
    package var payloadHash: PayloadHash
    /// How long DynamoDB keeps the record after its claim or decision.
    package var retention: Duration

    package init(email: String, payloadHash: PayloadHash, retention: Duration) {
        self.email = email
        self.payloadHash = payloadHash
        self.retention = retention
    }
}

/// What a `Send` or later event, or a 200 of SES, proves.
package struct DeliveryEvidence: Hashable, Sendable {
    package var fact: DeliveryFact
    /// When it happened, as SES says.
    package var at: Timestamp
    /// When SES accepted the message: every fact implies that it was sent.
    package var sentAt: Timestamp
    package var messageID: String

    package init(fact: DeliveryFact, at: Timestamp, sentAt: Timestamp, messageID: String) {
        self.fact = fact
        self.at = at
        self.sentAt = sentAt
        self.messageID = messageID
    }
}

/// T12's ends.
package enum DeliveryVerdict: Hashable, Sendable {
    case suppressed, failed, closed

    package var status: DeliveryStatus {
        switch self {
        case .suppressed: .suppressed
        case .failed: .failed
        case .closed: .closed
        }
    }
}

/// What T12 writes.
package struct DeliveryDecision: Hashable, Sendable {
    package var subject: DeliverySubject
    package var verdict: DeliveryVerdict
    package var reason: String
    package var epoch: Epoch

    package init(subject: DeliverySubject, verdict: DeliveryVerdict, reason: String, epoch: Epoch) {
        self.subject = subject
        self.verdict = verdict
        self.reason = reason
        self.epoch = epoch
    }
}

/// T10's ends.
package enum DeliveryResolution: Hashable, Sendable {
    /// Send again, against the chance that SES accepted the lost attempt.
    case resend
    case close
}

extension DeliveryTransition {
    /// When the write may happen.
    package var condition: RecordCondition {
        switch self {
        case .claim(let claim), .withdraw(let claim):
            Self.unclaimed(before: claim.epoch, claim.subject)
        case .decide(let decision):
            Self.unclaimed(before: decision.epoch, decision.subject)
        case .fail(let attempt, _), .release(let attempt, _):
            .all([.oneOf(.status, [.sending, .unconfirmed]), .equal(.attemptID, .text(attempt.description))])
        case .record(let evidence):
            .all([.itemExists, .less(.rank, .number(Int64(evidence.fact.status.rank)))])
        case .refine(let evidence):
            .all([
                .itemExists,
                .any([
                    .attributeAbsent(.fact(evidence.fact)),
                    .greater(.fact(evidence.fact), .number(evidence.at.microseconds)),
                ]),
            ])
        case .doubt(let attempt, _), .resend(let attempt):
            .all([.equal(.status, .sending), .equal(.attemptID, .text(attempt.description))])
        case .resolve(let version, _, _):
            .all([.equal(.status, .unconfirmed), .equal(.version, .number(version))])
        case .reopen(let version, _):
            .all([
                .equal(.version, .number(version)),
                .oneOf(.status, [.failed, .suppressed, .closed]),
                .attributeAbsent(.fact(.sent)),
            ])
        }
    }

    /// T1's condition: nobody has claimed or decided it, and no later epoch was here. The payload's hash keeps another
    /// order under the same id from taking over a PENDING record.
    private static func unclaimed(before epoch: Epoch, _ subject: DeliverySubject) -> RecordCondition {
        .any([
            .itemAbsent,
            .all([
                .equal(.status, .pending), .less(.epoch, .number(epoch.number)),
                .equal(.payloadHash, .text(subject.payloadHash.description)),
            ]),
        ])
    }

    /// What the write changes: `id` gives the shard of the status index, `now` is the writer's corrected wall time.
    package func changes(id: DeliveryID, now: Timestamp) -> [RecordChange] {
        let always: [RecordChange] = [.set(.updatedAt, .number(now.microseconds)), .add(.version, 1)]
        return always + ownChanges(id: id, now: now)
    }

    private func ownChanges(id: DeliveryID, now: Timestamp) -> [RecordChange] {
        switch self {
        case .claim(let claim):
            .moving(id, to: .sending) + .creating(claim.subject, now: now) + [
                .set(.attemptID, .text(claim.attempt.description)),
                .set(.owner, .text(claim.owner.description)),
                .set(.epoch, .number(claim.epoch.number)),
                .set(.signedAt, .number(claim.signedAt.seconds)),
                .set(.template, .text(claim.template)),
                .remove(.reason),
            ]
        case .withdraw(let claim):
            .moving(id, to: .pending) + .creating(claim.subject, now: now) + [
                .set(.epoch, .number(claim.epoch.number))
            ]
        case .decide(let decision):
            .moving(id, to: decision.verdict.status) + .creating(decision.subject, now: now) + [
                .set(.epoch, .number(decision.epoch.number)), .set(.reason, .text(decision.reason)),
                // Whatever attempt there was is over: only a record that was closed in doubt keeps one.
                .remove(.attemptID),
            ]
        case .fail(_, let reason): .moving(id, to: .failed) + [.set(.reason, .text(reason))]
        case .release(_, let reason): .moving(id, to: .pending) + [.set(.reason, .text(reason))]
        case .record(let evidence): .moving(id, to: evidence.fact.status) + .learning(evidence)
        case .refine(let evidence): [.set(.fact(evidence.fact), .number(evidence.at.microseconds))]
        case .doubt(_, let reason): .moving(id, to: .unconfirmed) + [.set(.reason, .text(reason))]
        case .resend: .moving(id, to: .pending)
        case .resolve(_, .resend, let reason): .moving(id, to: .pending) + [.set(.reason, .text(reason))]
        case .resolve(_, .close, let reason): .moving(id, to: .closed) + [.set(.reason, .text(reason))]
        case .reopen(_, let reason): .moving(id, to: .pending) + [.set(.reason, .text(reason))]
        }
    }
}

extension [RecordChange] {
    /// The status, its rank, and its place in the index `byStatus`. PENDING and SENDING are short-lived and stay out of
    /// the index.
    fileprivate static func moving(_ id: DeliveryID, to status: DeliveryStatus) -> [RecordChange] {
        let place: RecordChange =
            status.rank <= DeliveryStatus.sending.rank
            ? .remove(.statusShard)
            : .set(.statusShard, .text(StatusShard(of: id).key(status)))
        return [.set(.status, .text(status.name)), .set(.rank, .number(Int64(status.rank))), place]
    }

    fileprivate static func creating(_ subject: DeliverySubject, now: Timestamp) -> [RecordChange] {
        [
            .setIfAbsent(.createdAt, .number(now.microseconds)),
            .setIfAbsent(.email, .text(subject.email)),
            .setIfAbsent(.payloadHash, .text(subject.payloadHash.description)),
            .set(.expiresAt, .number((now + subject.retention).seconds)),
        ]
    }

    fileprivate static func learning(_ evidence: DeliveryEvidence) -> [RecordChange] {
        var changes: [RecordChange] = [
            .setIfAbsent(.fact(evidence.fact), .number(evidence.at.microseconds)),
            .setIfAbsent(.messageID, .text(evidence.messageID)),
        ]
        if evidence.fact != .sent {
            changes.append(.setIfAbsent(.fact(.sent), .number(evidence.sentAt.microseconds)))
        }
        return changes
    }
}

extension RecordValue {
    fileprivate static let pending = RecordValue.text(DeliveryStatus.pending.name)
    fileprivate static let sending = RecordValue.text(DeliveryStatus.sending.name)
    fileprivate static let unconfirmed = RecordValue.text(DeliveryStatus.unconfirmed.name)
    fileprivate static let failed = RecordValue.text(DeliveryStatus.failed.name)
    fileprivate static let suppressed = RecordValue.text(DeliveryStatus.suppressed.name)
    fileprivate static let closed = RecordValue.text(DeliveryStatus.closed.name)
}

/// The part of the index `byStatus` that a delivery lies in. One key for all deliveries of a status would saturate near
/// 500 transitions a second (DynamoDB: 1,000 write units a second and partition).
package struct StatusShard: Hashable, Sendable {
    package static let count = 8

    package let number: Int

    package init(of id: DeliveryID) {
        // FNV-1a: stable across processes and versions, which Swift's Hasher is not.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in id.description.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        number = Int(hash % UInt64(Self.count))
    }

    /// `STATUS#shard`.
    package func key(_ status: DeliveryStatus) -> String { Self.key(status.name, shard: number) }

    package static func key(_ status: String, shard: Int) -> String { "\(status)#\(shard)" }
}
