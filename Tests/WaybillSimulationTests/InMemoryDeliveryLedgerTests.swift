import Testing
import WaybillConformance
import WaybillCore
import WaybillPorts
import WaybillSimulation

@Suite struct InMemoryDeliveryLedgerTests {
    @Test(arguments: DeliveryLedgerConformance.cases)
    func conforms(to demand: DeliveryLedgerConformance.Case) async throws {
        try await demand.check(InMemoryDeliveryLedger())
    }

    @Test func aClaimSignedTooLongAgoIsRefusedByTheServicesClock() async throws {
        let ledger = InMemoryDeliveryLedger(serviceClock: { Timestamp(seconds: 1_000_000) })
        for distance in [-301, 301] as [Int64] {
            let error = #expect(throws: LedgerError.self) {
                try decide(on: ledger, signedAt: Timestamp(seconds: 1_000_000 + distance))
            }
            #expect(error?.code == .signatureExpired)
        }
        #expect(try ledger.records().isEmpty)
        try decide(on: ledger, signedAt: Timestamp(seconds: 999_700))
        #expect(try ledger.records().count == 1)
    }

    @Test func aFaultBeforeTheWriteLeavesNothingAndOneAfterItLeavesTheRecord() async throws {
        let lost = LedgerError(.unanswered, "lost")
        for fault in [InMemoryDeliveryLedger.Fault.before(lost), .after(lost)] {
            let ledger = InMemoryDeliveryLedger(fault: { call in
                if case .apply = call { fault } else { nil }
            })
            #expect(throws: lost) { try decide(on: ledger, signedAt: nil) }
            #expect(try ledger.records().isEmpty == (fault == .before(lost)))
        }
    }

    @Test func anExpiredItemStaysUntilItIsDeleted() async throws {
        let ledger = InMemoryDeliveryLedger()
        try decide(on: ledger, signedAt: nil)
        let record = try #require(try ledger.records().first)
        #expect(try ledger.read(record.id, now: record.expiresAt) == nil)
        ledger.deleteExpired(now: record.expiresAt - .seconds(1))
        #expect(ledger.attributes(of: record.id) != nil)
        ledger.deleteExpired(now: record.expiresAt)
        #expect(ledger.attributes(of: record.id) == nil)
    }

    @discardableResult
    private func decide(on ledger: InMemoryDeliveryLedger, signedAt: Timestamp?) throws -> LedgerOutcome {
        let order = try #require(OrderID("order-1"))
        let hash = try #require(PayloadHash(Array(repeating: 1, count: 32)))
        let subject = DeliverySubject(email: "a@example.com", payloadHash: hash, retention: .seconds(3600))
        let decision = DeliveryDecision(subject: subject, verdict: .closed, reason: "cancelled", epoch: Epoch(1))
        return try ledger.apply(
            .decide(decision),
            to: DeliveryID(order: order),
            now: Timestamp(seconds: 1_000_000),
            signedAt: signedAt
        )
    }
}
