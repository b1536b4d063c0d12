import WaybillCore

/// A transition of few attempts, epochs, payloads and times, so that its condition is met as often as not.
package struct TransitionDraft: Sendable {
    private enum Kind: CaseIterable {
        case claim, withdraw, fail, release, record, refine, doubt, resend, resolve, decide, reopen
    }

    private var kind: Kind
    private var attempt: AttemptID
    private var epoch: Epoch
    private var payload: UInt8
    private var email: String
    private var fact: DeliveryFact
    /// After the first moment of the run, whenever it is written: events come late and in any order.
    private var happened: Duration
    private var sent: Duration
    private var messageID: String
    private var verdict: DeliveryVerdict
    private var isResent: Bool
    private var versionsOff: Int64
    private var reason: String

    static func draw(_ chance: inout ModelChance) -> TransitionDraft {
        TransitionDraft(
            kind: kind(&chance),
            attempt: AttemptID(high: 5, low: UInt64(chance.number(1...2))),
            epoch: Epoch(Int64(chance.number(1...6))),
            payload: chance.happens(oneIn: 10) ? 2 : 1,
            email: chance.one(of: LedgerModel.emails),
            fact: chance.one(of: chance.happens(oneIn: 2) ? [.sent, .delivered] : DeliveryFact.allCases),
            happened: .seconds(chance.number(0...3)),
            sent: .milliseconds(chance.number(0...2)),
            messageID: chance.one(of: ["m-1", "m-2"]),
            verdict: chance.one(of: [.suppressed, .failed, .closed]),
            isResent: chance.happens(oneIn: 2),
            versionsOff: chance.happens(oneIn: 5) ? chance.one(of: [-1, 1]) : 0,
            reason: chance.one(of: ["timeout", "", "n\0l \u{1F4E6} \"<&>"])
        )
    }

    /// Evidence ends most of what may happen to a delivery, so it is not as frequent as the rest.
    private static func kind(_ chance: inout ModelChance) -> Kind {
        chance.happens(oneIn: 4) ? .claim : chance.one(of: Kind.allCases + Kind.allCases.filter { $0 != .record })
    }

    func transition(now: Timestamp, seen: Int64) -> DeliveryTransition {
        switch kind {
        case .claim: .claim(claim(now))
        case .withdraw: .withdraw(claim(now))
        case .fail: .fail(attempt, reason: reason)
        case .release: .release(attempt, reason: reason)
        case .record: .record(evidence)
        case .refine: .refine(evidence)
        case .doubt: .doubt(attempt, reason: reason)
        case .resend: .resend(attempt)
        case .resolve: .resolve(seenVersion: seen + versionsOff, isResent ? .resend : .close, reason: reason)
        case .decide:
            .decide(DeliveryDecision(subject: subject, verdict: verdict, reason: reason, epoch: epoch))
        case .reopen: .reopen(seenVersion: seen + versionsOff, reason: reason)
        }
    }

    private var subject: DeliverySubject {
        DeliverySubject(email: email, payloadHash: .sample(payload), retention: LedgerModel.retention)
    }

    private func claim(_ now: Timestamp) -> DeliveryClaim {
        DeliveryClaim(
            subject: subject,
            attempt: attempt,
            owner: .model(1),
            epoch: epoch,
            signedAt: now,
            template: "order-confirmation@1"
        )
    }

    private var evidence: DeliveryEvidence {
        let at = LedgerModel.start + happened
        return DeliveryEvidence(fact: fact, at: at, sentAt: at - sent, messageID: messageID)
    }
}
