import Foundation
import Testing
import WaybillCore
import WaybillPorts

/// A delivery of its own for one case, and the transitions it goes through.
struct LedgerSample: Sendable {
    static let retention = Duration.seconds(400 * 86_400)

    let id: DeliveryID
    let email: String
    let now: Timestamp
    let attempt: AttemptID
    let other: AttemptID
    let owner: WorkerID
    let messageID = "0100018f-sample-000000"

    init(id: DeliveryID = LedgerSample.freshID(), email: String = "customer@example.com", second: Int64 = 0) {
        self.id = id
        self.email = email
        // The claim's signature is checked against the service's clock, so a sample lives now.
        now = Self.started + .seconds(second)
        var generator = SystemRandomNumberGenerator()
        attempt = AttemptID(using: &generator)
        other = AttemptID(using: &generator)
        owner = WorkerID(using: &generator)
    }

    private static let started = Timestamp(seconds: Int64(Date().timeIntervalSince1970))

    /// An order with the characters that are hard to carry.
    static func freshID() -> DeliveryID {
        let text = "ord #\"1\"/ä+\(String(UInt64.random(in: 0 ... .max), radix: 16))"
        guard let order = OrderID(text) else { preconditionFailure("\(text) is no order id") }
        return DeliveryID(order: order)
    }

    static func freshEmail() -> String {
        "customer+\(String(UInt64.random(in: 0 ... .max), radix: 16))@example.com"
    }

    /// Claims so many deliveries of one address, each a second after the one before.
    static func claimed(_ count: Int, email: String, on ledger: any DeliveryLedger) async throws -> [LedgerSample] {
        let samples = (0..<count).map { LedgerSample(email: email, second: Int64($0)) }
        for sample in samples { try await sample.applied(.claim(sample.claim()), to: ledger) }
        return samples
    }

    func subject(payload: UInt8 = 1) -> DeliverySubject {
        guard let hash = PayloadHash(Array(repeating: payload, count: 32)) else { preconditionFailure("32 bytes") }
        return DeliverySubject(email: email, payloadHash: hash, retention: Self.retention)
    }

    func claim(epoch: Int64 = 1, attempt: AttemptID? = nil, payload: UInt8 = 1) -> DeliveryClaim {
        DeliveryClaim(
            subject: subject(payload: payload),
            attempt: attempt ?? self.attempt,
            owner: owner,
            epoch: Epoch(epoch),
            signedAt: now,
            template: "order-confirmation@1"
        )
    }

    var decision: DeliveryDecision {
        DeliveryDecision(subject: subject(), verdict: .suppressed, reason: "hard bounce", epoch: Epoch(1))
    }

    func evidence(_ fact: DeliveryFact, second: Int64) -> DeliveryEvidence {
        DeliveryEvidence(fact: fact, at: now + .seconds(second), sentAt: now, messageID: messageID)
    }

    var transitionsOfAnExistingRecord: [DeliveryTransition] {
        [
            .fail(attempt, reason: "x"), .release(attempt, reason: "x"), .record(evidence(.sent, second: 0)),
            .refine(evidence(.sent, second: 0)), .doubt(attempt, reason: "x"), .resend(attempt),
            .resolve(seenVersion: 1, .close, reason: "x"), .reopen(seenVersion: 1, reason: "x"),
        ]
    }

    func apply(_ transition: DeliveryTransition, to ledger: any DeliveryLedger) async throws -> LedgerOutcome {
        try await ledger.apply(transition, to: id, now: now, signedAt: nil)
    }

    /// The record after a transition that must be applied.
    @discardableResult
    func applied(
        _ transition: DeliveryTransition,
        to ledger: any DeliveryLedger,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> DeliveryRecord {
        let outcome = try await apply(transition, to: ledger)
        switch outcome {
        case .applied(_, let after): return after
        case .refused: return try #require(nil, "\(transition) was \(outcome)", sourceLocation: sourceLocation)
        }
    }
}
