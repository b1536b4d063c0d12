import WaybillCore

extension DeliveryStatus {
    /// What a status means for the person who asks.
    var sentence: String {
        switch self {
        case .pending: "It is owed and waits for a worker."
        case .sending: "One attempt has claimed it, and nobody else may send it; SES's answer is not known yet."
        case .unconfirmed: "Whether SES accepted it could not be learned: an operator decides, or late evidence does."
        case .failed: "SES refused this message for good, or it cannot be rendered. It was not sent."
        case .suppressed: "It was not sent: its address is suppressed, or a guard keeps it back; the reason says which."
        case .closed: "It was not sent: an operator or the shop decided so."
        case .sent: "SES accepted it; the receiving server has not answered yet."
        case .delayed: "The receiving server puts it off; SES keeps trying."
        case .bouncedSoft: "SES gave up after temporary failures."
        case .delivered: "The receiving server took it."
        case .bouncedHard: "The receiving server refused it for good."
        case .rejected: "SES accepted it and then refused to send it."
        case .complaint: "The recipient called it spam."
        }
    }

    var tone: Tone {
        switch self {
        case .delivered: .good
        case .pending, .sending, .sent: .plain
        case .delayed, .unconfirmed, .suppressed, .closed: .warning
        case .failed, .bouncedSoft, .bouncedHard, .rejected, .complaint: .bad
        }
    }
}

extension DeliveryFact {
    /// What happened, as one line of a story.
    var sentence: String {
        switch self {
        case .sent: "SES accepted it"
        case .delivered: "the receiving server took it"
        case .delayed: "the receiving server put it off"
        case .bouncedSoft: "it bounced (temporary failures)"
        case .bouncedHard: "it bounced for good"
        case .complained: "the recipient called it spam"
        case .notSpam: "a complaint report says that it is not spam"
        case .rejected: "SES refused to send it after all"
        }
    }
}

/// The status names that the index by status holds. PENDING and SENDING are not in it: they change too often.
enum IndexedStatus {
    static let names: [String] = {
        let indexed = DeliveryStatus.allCases.filter { $0.rank >= DeliveryStatus.unconfirmed.rank }
        return indexed.map(\.name).reduce(into: []) { names, name in
            if !names.contains(name) { names.append(name) }
        }
    }()
}
