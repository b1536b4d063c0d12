/// One piece of evidence on its way into the record: rows T7 and T8 of DESIGN 2. Repeats and any order of events end in
/// the same record.
package struct EvidenceMachine: Hashable, Sendable {
    package enum Action: Hashable, Sendable {
        case write(DeliveryTransition)
        case end(Result)
    }

    package enum Result: Hashable, Sendable {
        /// The record knows the fact. Metrics count it when it is `new`.
        case known(Knowledge)
        /// There is no record: T1 wrote none, so the event is not ours, or the record is gone. To the quarantine.
        case noRecord
    }

    package struct Knowledge: Hashable, Sendable {
        /// The record did not know this fact before.
        package var isNew: Bool
        /// The record did not know before that the email was sent.
        package var isFirstProofOfSend: Bool
        /// The status after this evidence.
        package var status: DeliveryStatus
        /// The message id in the record, when it is another than the evidence's: a measured duplicate.
        package var otherMessageID: String?
        /// When the record was created, for latency.
        package var createdAt: Timestamp
    }

    private enum State: Hashable, Sendable {
        /// Part (a): the evidence raises the rank.
        case recording
        /// Part (b): the fact alone.
        case refining
        case ended
    }

    private let evidence: DeliveryEvidence
    private var state = State.recording

    package init(_ evidence: DeliveryEvidence) {
        self.evidence = evidence
    }

    package func begin() -> Action { .write(.record(evidence)) }

    package mutating func ledgerAnswered(_ outcome: LedgerOutcome) -> Action {
        switch (state, outcome) {
        case (.recording, .applied(let before, let after)), (.refining, .applied(let before, let after)):
            return end(before: before, after: after)
        case (.recording, .refused(nil)), (.refining, .refused(nil)):
            state = .ended
            return .end(.noRecord)
        case (.recording, .refused(.some)):
            state = .refining
            return .write(.refine(evidence))
        case (.refining, .refused(.some(let record))):
            return end(before: record, after: record)
        case (.ended, _):
            preconditionFailure("no write was on its way")
        }
    }

    private mutating func end(before: DeliveryRecord?, after: DeliveryRecord) -> Action {
        state = .ended
        let other = after.messageID.flatMap { $0 == evidence.messageID ? nil : $0 }
        return .end(
            .known(
                Knowledge(
                    isNew: before?.facts[evidence.fact] == nil,
                    isFirstProofOfSend: before?.facts[.sent] == nil,
                    status: after.status,
                    otherMessageID: other,
                    createdAt: after.createdAt
                )
            )
        )
    }
}
