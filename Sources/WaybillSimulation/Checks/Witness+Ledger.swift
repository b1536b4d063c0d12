import Synchronization
import WaybillCore
import WaybillPorts

extension Witness {
    /// A write arrived at DynamoDB and was applied.
    func wrote(_ transition: DeliveryTransition, _ id: DeliveryID, _ outcome: LedgerOutcome) {
        guard case .applied(let before, let after) = outcome else { return }
        note(transition, id, before)
        require(isRow(transition, before, after), .I3, Self.story(transition, id, before, after))
        guard let before else { return checkSent(after) }
        for (fact, time) in before.facts {
            let kept = after.facts[fact]
            require(kept.map { $0 <= time } ?? false, .I3, "\(id) lost the fact \(fact.rawValue)")
        }
        if before.status.isAccepted {
            require(after.status.rank >= before.status.rank, .I3, Self.story(transition, id, before, after))
        }
        require(after.epoch >= before.epoch, .I7, "\(id): epoch \(before.epoch) became \(after.epoch)")
        if case .claim(let claim) = transition {
            let isNewer = before.epoch < claim.epoch
            require(isNewer, .I7, "\(id) was claimed with epoch \(claim.epoch) after \(before.epoch)")
        }
        require(after.version == before.version + 1, .I3, "\(id): version \(before.version) became \(after.version)")
        checkSent(after)
    }

    /// None but T1 and T12 may create an item.
    func created(_ id: DeliveryID, by transition: DeliveryTransition) {
        switch transition {
        case .claim, .withdraw, .decide: return
        case .fail, .release, .record, .refine, .doubt, .resend, .resolve, .reopen:
            violated(.I3, "\(transition.name) made a record of \(id)")
        }
    }

    /// Evidence counts whoever brings it and whatever became of the record meanwhile.
    func judge(
        _ transition: DeliveryTransition,
        _ id: DeliveryID,
        _ outcome: LedgerOutcome,
        before: DeliveryRecord?,
        isFeedback: Bool
    ) {
        guard case .record(let evidence) = transition, let before else { return }
        if case .refused = outcome {
            let isNews = before.status.rank < evidence.fact.status.rank
            require(!isNews, .I3, "\(id) is \(before.status.name), and \(evidence.fact.rawValue) was refused")
        } else if before.status == .unconfirmed {
            reached(isFeedback ? .eventAfterUnconfirmed : .answerAfterUnconfirmed)
        }
    }

    private func checkSent(_ record: DeliveryRecord) {
        guard record.status.isAccepted else { return }
        let accepted = state.withLock { $0.acceptances[record.id] ?? [] }
        let isKnown = record.messageID.map(accepted.contains) ?? false
        require(
            isKnown,
            .I5,
            "\(record.id) is \(record.status.name) with message \(record.messageID ?? "none"), \(accepted)"
        )
    }

    private func note(_ transition: DeliveryTransition, _ id: DeliveryID, _ before: DeliveryRecord?) {
        simulator.record("record \(id): \(transition.name) from \(before?.status.name ?? "none")")
        state.withLock { state in
            switch transition {
            case .claim(let claim): state.claims.insert(claim.attempt)
            case .resolve(_, .resend, _):
                state.resends[id, default: 0] += 1
                state.rare[.operatorResent, default: 0] += 1
            case .reopen: state.rare[.operatorReopened, default: 0] += 1
            case .doubt: state.rare[.doubtHeld, default: 0] += 1
            case .resend: state.rare[.doubtResent, default: 0] += 1
            case .record(let evidence):
                if evidence.fact == .bouncedHard, before?.status == .delivered {
                    state.rare[.bounceAfterDelivery, default: 0] += 1
                }
            case .decide(let decision) where decision.verdict == .closed:
                state.rare[.operatorCancelled, default: 0] += 1
            case .withdraw, .fail, .release, .refine, .resolve, .decide: break
            }
        }
    }

    /// The table of DESIGN 2, written a second time.
    private func isRow(_ transition: DeliveryTransition, _ before: DeliveryRecord?, _ after: DeliveryRecord) -> Bool {
        let from = before?.status
        switch transition {
        case .claim(let claim):
            return (from == nil || from == .pending) && after.status == .sending && after.attempt == claim.attempt
        case .withdraw: return (from == nil || from == .pending) && after.status == .pending
        case .decide(let decision): return (from == nil || from == .pending) && after.status == decision.verdict.status
        case .fail(let attempt, _):
            return Self.undecided(before, attempt) && after.status == .failed
        case .release(let attempt, _):
            return Self.undecided(before, attempt) && after.status == .pending
        case .record(let evidence):
            guard let from else { return false }
            return from.rank < evidence.fact.status.rank && after.status == evidence.fact.status
        case .refine: return from == after.status
        case .doubt(let attempt, _):
            return from == .sending && before?.attempt == attempt && after.status == .unconfirmed
        case .resend(let attempt):
            return from == .sending && before?.attempt == attempt && after.status == .pending
        case .resolve(_, let resolution, _):
            return from == .unconfirmed && after.status == (resolution == .resend ? .pending : .closed)
        case .reopen:
            let isDecided = from == .failed || from == .suppressed || from == .closed
            return isDecided && before?.facts[.sent] == nil && after.status == .pending
        }
    }

    private static func undecided(_ before: DeliveryRecord?, _ attempt: AttemptID) -> Bool {
        (before?.status == .sending || before?.status == .unconfirmed) && before?.attempt == attempt
    }

    private static func story(
        _ transition: DeliveryTransition,
        _ id: DeliveryID,
        _ before: DeliveryRecord?,
        _ after: DeliveryRecord
    ) -> String {
        "\(id): \(transition.name) took \(before?.status.name ?? "no record") to \(after.status.name)"
    }
}

extension DeliveryTransition {
    var name: String {
        switch self {
        case .claim: "T1 claim"
        case .withdraw: "T1' withdraw"
        case .fail: "T4 fail"
        case .release: "T5 release"
        case .record(let evidence): "T7 \(evidence.fact.rawValue)"
        case .refine(let evidence): "T7b \(evidence.fact.rawValue)"
        case .doubt: "T9 doubt"
        case .resend: "T9 resend"
        case .resolve(_, .resend, _): "T10 resend"
        case .resolve(_, .close, _): "T10 close"
        case .decide(let decision): "T12 \(decision.verdict.status.name)"
        case .reopen: "T13 reopen"
        }
    }
}
