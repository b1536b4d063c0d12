import Testing
import WaybillAWS
import WaybillCore
import WaybillPorts

/// A delivery of its own for one contract.
struct ContractDelivery: Sendable {
    static let retention = Duration.seconds(86_400)

    let id: DeliveryID
    let email: String
    let now: Timestamp

    init(email: String? = nil, now: Timestamp) throws {
        id = DeliveryID(order: try #require(OrderID(LocalAWS.name("contract"))))
        self.email = email ?? "\(LocalAWS.name("contract"))@example.com"
        self.now = now
    }

    func claim(attempt: UInt64 = 1) throws -> DeliveryTransition {
        let hash = try #require(PayloadHash(Array(repeating: 1, count: 32)))
        return .claim(
            DeliveryClaim(
                subject: DeliverySubject(email: email, payloadHash: hash, retention: Self.retention),
                attempt: Self.attempt(attempt),
                owner: WorkerID(high: 3, low: 4),
                epoch: Epoch(1),
                signedAt: now,
                template: "order-confirmation@1"
            )
        )
    }

    static func attempt(_ number: UInt64) -> AttemptID { AttemptID(high: 1, low: number) }

    /// The record after a transition that must be applied.
    @discardableResult
    func applied(_ transition: DeliveryTransition, to ledger: DynamoDBLedger) async throws -> DeliveryRecord {
        let outcome = try await ledger.apply(transition, to: id, now: now, signedAt: nil)
        guard case .applied(_, let after) = outcome else {
            return try #require(nil, "\(transition) was \(outcome)")
        }
        return after
    }
}
