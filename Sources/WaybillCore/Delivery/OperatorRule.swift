/// What an operator may ask for about one delivery.
package enum OperatorAction: String, Hashable, Sendable, CaseIterable {
    /// T10: send an unconfirmed delivery again, at the risk of a second email.
    case resend
    /// T10: close an unconfirmed delivery, at the risk of none.
    case close
    /// T13: send after all what failed, was suppressed or closed.
    case retry
    /// T12: close what has not been sent yet.
    case cancel
    /// Send what is held for its age.
    case release
    /// Send this one although its address is suppressed.
    case sendAnyway = "send-anyway"
    /// Make another delivery of an order whose confirmation is at an end, with a kind of its own: a second email, on
    /// purpose.
    case copy
}

package struct OperatorRequest: Hashable, Sendable {
    package var id: Int64
    package var action: OperatorAction
    package var delivery: DeliveryID
    /// The database role that asked.
    package var name: String
    package var reason: String
    /// Where a copy goes; nil for every other action.
    package var address: String?

    package init(
        id: Int64,
        action: OperatorAction,
        delivery: DeliveryID,
        name: String,
        reason: String,
        address: String? = nil
    ) {
        self.id = id
        self.action = action
        self.delivery = delivery
        self.name = name
        self.reason = reason
        self.address = address
    }

    /// What the record and the job keep.
    package var note: String { "\(name): \(reason)" }
}

package struct OperatorResult: Hashable, Sendable {
    package var isDone: Bool
    /// In words, for the operator.
    package var outcome: String

    package init(isDone: Bool, _ outcome: String) {
        self.isDone = isDone
        self.outcome = outcome
    }

    package static func done(_ outcome: String) -> OperatorResult { OperatorResult(isDone: true, outcome) }
    package static func refused(_ outcome: String) -> OperatorResult { OperatorResult(isDone: false, outcome) }
}

/// T10, T12 and T13: what a worker does for an operator's request. Every step is conditional and may be repeated, also by
/// another worker after a crash: the record is written first, then the job follows it.
package enum OperatorRule {
    package enum Action: Hashable, Sendable {
        /// Write to the record, then judge its answer.
        case write(DeliveryTransition)
        /// Lease the job, ready or held, and write T12 under its epoch.
        case claimAndClose
        /// Make the job ready, out of these states; when there is none, put it back from the history.
        case makeReady
        /// Move the unconfirmed job to the history.
        case finish(status: String)
        /// Make the copy's delivery and its job, to this address. The confirmation's record stays as it is.
        case makeCopy(to: String)
        case end(OperatorResult)
    }

    /// What the record, read just now, and the job mean for the request. `job` is nil when there is none, also not in the
    /// history.
    /// `mutation` is the simulation's alone.
    package static func judge(
        _ request: OperatorRequest,
        record: DeliveryRecord?,
        job: JobPlace?,
        mutation: Mutation? = nil
    ) -> Action {
        switch request.action {
        case .resend, .close: judgeResolve(request, record)
        case .retry where record?.isClosedInDoubt ?? false && mutation != .closedInDoubtRetried:
            .end(.refused("it was closed while nobody knew whether SES had accepted it: ask for resend-copy"))
        case .retry: judgeRetry(request, record, job)
        case .cancel: judgeCancel(record, job)
        case .release: judgeRelease(job)
        case .sendAnyway: judgeSendAnyway(request, record, job)
        case .copy: judgeCopy(request, record)
        }
    }

    /// Where a delivery's job is.
    package enum JobPlace: Hashable, Sendable {
        case ready, held, leased, inDoubt, unconfirmed, finished
    }

    private static func judgeResolve(_ request: OperatorRequest, _ record: DeliveryRecord?) -> Action {
        guard let record else { return .end(.refused("there is no record of this delivery")) }
        switch (record.status, request.action) {
        case (.unconfirmed, .resend):
            return .write(.resolve(seenVersion: record.version, .resend, reason: request.note))
        case (.unconfirmed, _):
            return .write(.resolve(seenVersion: record.version, .close, reason: request.note))
        case (.pending, .resend) where record.reason == request.note: return .makeReady
        case (.closed, .close) where record.reason == request.note:
            return .finish(status: DeliveryStatus.closed.name)
        case (.sending, _):
            return .end(.refused("it is SENDING: its outcome is still waited for, so there is nothing to decide yet"))
        default:
            return .end(.refused("it is \(record.status.name), not UNCONFIRMED\(hint(record))"))
        }
    }

    private static func judgeRetry(_ request: OperatorRequest, _ record: DeliveryRecord?, _ job: JobPlace?) -> Action {
        guard let record else { return .end(.refused("there is no record of this delivery")) }
        if record.facts[.sent] != nil {
            return .end(.refused("SES accepted it: a second email is resend-copy's business"))
        }
        switch record.status {
        case .failed, .suppressed, .closed:
            guard job == .finished else {
                return .end(.refused("its order is not kept here any more: publish the order again"))
            }
            return .write(.reopen(seenVersion: record.version, reason: request.note))
        case .pending where record.reason == request.note: return .makeReady
        default:
            return .end(.refused("it is \(record.status.name), not FAILED, SUPPRESSED or CLOSED\(hint(record))"))
        }
    }

    private static func judgeCancel(_ record: DeliveryRecord?, _ job: JobPlace?) -> Action {
        if let record, record.status != .pending {
            return .end(.refused("it is \(record.status.name): it can be cancelled only before it is sent"))
        }
        switch job {
        case .ready, .held: return .claimAndClose
        case .leased: return .end(.refused("a worker is about to send it: ask again"))
        case .inDoubt, .unconfirmed, .finished: return .end(.refused("its job is not waiting to be sent"))
        case nil: return .end(.refused("there is no such order here"))
        }
    }

    private static func judgeRelease(_ job: JobPlace?) -> Action {
        job == .held ? .makeReady : .end(.refused("its job is not held"))
    }

    /// What waits gets the mark, and what ended SUPPRESSED is opened again with it.
    private static func judgeSendAnyway(
        _ request: OperatorRequest,
        _ record: DeliveryRecord?,
        _ job: JobPlace?
    ) -> Action {
        if record?.facts[.sent] != nil {
            return .end(.refused("SES accepted it: a second email is resend-copy's business"))
        }
        switch record?.status {
        case nil, .pending?: return judgeWaiting(isOpen: record != nil, job)
        case .suppressed?:
            guard let record, job == .finished else {
                return .end(.refused("its order is not kept here any more: publish the order again"))
            }
            return .write(.reopen(seenVersion: record.version, reason: request.note))
        case .some(let status):
            return .end(.refused("it is \(status.name), not SUPPRESSED\(record.map(hint) ?? "")"))
        }
    }

    private static func judgeWaiting(isOpen: Bool, _ job: JobPlace?) -> Action {
        switch job {
        case .ready, .held: .makeReady
        // The record was opened again, by this request or another, and its job is to follow.
        case .finished where isOpen: .makeReady
        case .leased: .end(.refused("a worker has it in hand: ask again"))
        case .inDoubt, .unconfirmed, .finished: .end(.refused("its job is not waiting to be sent"))
        case nil: .end(.refused("there is no such order here"))
        }
    }

    /// Only when the confirmation is at an end. While it is PENDING the order is still to be sent; while it is SENDING
    /// nobody knows yet whether it was; and UNCONFIRMED is for an operator to resolve first, because a copy beside it
    /// would hide that question.
    private static func judgeCopy(_ request: OperatorRequest, _ record: DeliveryRecord?) -> Action {
        guard request.delivery.kind == .orderConfirmation else {
            return .end(.refused("it is a copy itself: ask for a copy of its order"))
        }
        guard let address = request.address else { return .end(.refused("an address is needed: where the copy goes")) }
        guard let record else { return .end(.refused("there is no record of this delivery")) }
        guard record.status.endsJob else {
            let what = "it is \(record.status.name): a copy is made only when the first email is at an end"
            return .end(.refused(what + hint(record)))
        }
        if record.status.isDecidedAgainst, !record.isClosedInDoubt, record.email.lowercased() == address.lowercased() {
            return .end(.refused("it is \(record.status.name): nothing went to this address yet: ask for retry"))
        }
        return .makeCopy(to: address)
    }

    private static func hint(_ record: DeliveryRecord) -> String {
        switch record.status {
        case .pending: ": it will be sent"
        case .closed where record.isClosedInDoubt: ": ask for resend-copy"
        case .failed, .suppressed, .closed: ": ask for retry"
        case .unconfirmed: ": resolve it"
        case .sending, .sent, .delayed, .bouncedSoft, .delivered, .bouncedHard, .rejected, .complaint: ""
        }
    }
}

extension DeliveryRecord {
    /// T10 closed it while nobody knew whether SES had accepted its attempt, which T12 takes away: perhaps it is in the
    /// customer's hands. Sent again under its own name, it could be a second email that nobody asked for.
    fileprivate var isClosedInDoubt: Bool { status == .closed && attempt != nil }
}
