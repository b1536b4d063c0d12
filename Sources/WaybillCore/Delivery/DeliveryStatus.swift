/// What became of a delivery. The stored status follows the highest rank reached; evidence stands above decision.
package enum DeliveryStatus: CaseIterable, Hashable, Sendable {
    /// Owed, nobody has claimed it. Becomes SENDING, SUPPRESSED, FAILED or CLOSED; or SENT, should evidence arrive.
    case pending
    /// Claimed by one attempt, whose request may be on the wire. Never left because time passed: only by evidence (SENT
    /// and above), a definite refusal (PENDING, FAILED), or the in-doubt rule (UNCONFIRMED, PENDING).
    case sending
    /// The outcome of its attempt could not be learned. Becomes SENT and above by late evidence; PENDING or CLOSED by an
    /// operator.
    case unconfirmed
    /// SES refused this message for good, or it cannot be rendered. An operator may put it back to PENDING.
    case failed
    /// Not sent, because the address is on the suppression list. An operator may put it back to PENDING.
    case suppressed
    /// Not sent, because an operator or the shop decided so. An operator may put it back to PENDING.
    case closed
    /// SES accepted it. Becomes anything below.
    case sent
    /// The receiving server puts it off; SES keeps trying.
    case delayed
    /// SES gave up after temporary failures. A delivery that was already DELIVERED stays so: an autoresponder.
    case bouncedSoft
    /// The receiving server took it.
    case delivered
    /// The receiving server refused it for good; may come after DELIVERED.
    case bouncedHard
    /// SES accepted the message and then refused to send it (a virus).
    case rejected
    /// The recipient called it spam.
    case complaint

    /// The order of DESIGN 2. From SENT up a status never goes to a lower rank.
    package var rank: Int {
        switch self {
        case .pending: 10
        case .sending: 20
        case .unconfirmed: 25
        case .failed, .suppressed, .closed: 27
        case .sent: 30
        case .delayed: 40
        case .bouncedSoft: 45
        case .delivered: 50
        case .bouncedHard: 60
        case .rejected: 65
        case .complaint: 70
        }
    }

    /// The word stored in the record and shown to people. Both kinds of bounce are BOUNCED; the rank tells them apart.
    package var name: String {
        switch self {
        case .pending: "PENDING"
        case .sending: "SENDING"
        case .unconfirmed: "UNCONFIRMED"
        case .failed: "FAILED"
        case .suppressed: "SUPPRESSED"
        case .closed: "CLOSED"
        case .sent: "SENT"
        case .delayed: "DELAYED"
        case .bouncedSoft, .bouncedHard: "BOUNCED"
        case .delivered: "DELIVERED"
        case .rejected: "REJECTED"
        case .complaint: "COMPLAINT"
        }
    }

    /// Reads a stored name and rank, or nil when the two do not belong together.
    package init?(name: String, rank: Int) {
        guard let status = Self.allCases.first(where: { $0.name == name && $0.rank == rank }) else { return nil }
        self = status
    }

    /// SES has accepted the message.
    package var isAccepted: Bool { rank >= DeliveryStatus.sent.rank }

    /// A decision not to send, which only an operator reverses and only evidence overrides.
    package var isDecidedAgainst: Bool { rank == DeliveryStatus.failed.rank }

    /// The job in PostgreSQL has nothing more to do: T11's condition on the record.
    package var endsJob: Bool { isAccepted || isDecidedAgainst }

    /// The order is tracked to an end: no further event is owed by SES.
    package var isFinal: Bool {
        isDecidedAgainst || rank >= DeliveryStatus.bouncedSoft.rank
    }
}

/// What SES has told of a delivery. A fact, once known, never vanishes; its earliest time counts.
package enum DeliveryFact: String, CaseIterable, Hashable, Sendable {
    case sent
    case delivered
    case delayed
    case bouncedSoft
    case bouncedHard
    case complained
    /// A complaint report that says the message is not spam: a fact, and no complaint. It implies `sent` alone.
    case notSpam
    case rejected

    /// The status that this fact alone gives.
    package var status: DeliveryStatus {
        switch self {
        case .sent, .notSpam: .sent
        case .delivered: .delivered
        case .delayed: .delayed
        case .bouncedSoft: .bouncedSoft
        case .bouncedHard: .bouncedHard
        case .complained: .complaint
        case .rejected: .rejected
        }
    }
}
