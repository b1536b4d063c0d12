import Testing
import WaybillCore
package import WaybillPorts

/// What every delivery ledger must do. Each case uses deliveries of its own, so all may run on one table at once.
package enum DeliveryLedgerConformance {
    package typealias Case = ConformanceCase<any DeliveryLedger>

    package static let cases: [Case] = claims + ends + evidence + queries

    private static let claims: [Case] = [
        Case("A claim creates the record") { ledger async throws in
            let sample = LedgerSample()
            let outcome = try await sample.apply(.claim(sample.claim()), to: ledger)
            guard case .applied(before: nil, let after) = outcome else {
                Issue.record("not created: \(outcome)")
                return
            }
            #expect(after.status == .sending)
            #expect(after.attempt == sample.attempt)
            #expect(after.owner == sample.owner)
            #expect(after.epoch == Epoch(1))
            #expect(after.signedAt == Timestamp(seconds: sample.now.seconds))
            #expect(after.version == 1)
            #expect(try await ledger.read(sample.id, now: sample.now) == after)
        },
        Case("A delivery that nobody claimed has no record") { ledger async throws in
            let sample = LedgerSample()
            #expect(try await ledger.read(sample.id, now: sample.now) == nil)
        },
        Case("A second claim is refused with the record that is there") { ledger async throws in
            let sample = LedgerSample()
            let first = try await sample.applied(.claim(sample.claim()), to: ledger)
            let second = try await sample.apply(.claim(sample.claim(epoch: 2, attempt: sample.other)), to: ledger)
            #expect(second == .refused(first))
        },
        Case("Of many claims at once exactly one is applied") { ledger async throws in
            let sample = LedgerSample()
            let applied = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 1...16 {
                    group.addTask {
                        let attempt = AttemptID(high: 7, low: UInt64(number))
                        let claim = sample.claim(epoch: Int64(number), attempt: attempt)
                        return try await sample.apply(.claim(claim), to: ledger).isApplied
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(applied == 1)
        },
        Case("A released delivery is claimed again by a later epoch only") { ledger async throws in
            let sample = LedgerSample()
            try await sample.applied(.claim(sample.claim(epoch: 5)), to: ledger)
            let released = try await sample.applied(.release(sample.attempt, reason: "throttled"), to: ledger)
            #expect(released.status == .pending)
            #expect(released.reason == "throttled")
            let late = try await sample.apply(.claim(sample.claim(epoch: 5, attempt: sample.other)), to: ledger)
            #expect(late == .refused(released))
            let again = try await sample.applied(.claim(sample.claim(epoch: 6, attempt: sample.other)), to: ledger)
            #expect(again.status == .sending)
            #expect(again.attempt == sample.other)
            #expect(again.reason == nil)
            #expect(again.createdAt == released.createdAt)
        },
        Case("A withdrawn claim leaves PENDING and refuses a late copy of itself") { ledger async throws in
            let sample = LedgerSample()
            let withdrawn = try await sample.applied(.withdraw(sample.claim(epoch: 3)), to: ledger)
            #expect(withdrawn.status == .pending)
            let late = try await sample.apply(.claim(sample.claim(epoch: 3)), to: ledger)
            #expect(late == .refused(withdrawn))
        },
        Case("Another payload does not take over a pending record") { ledger async throws in
            let sample = LedgerSample()
            let pending = try await sample.applied(.withdraw(sample.claim(epoch: 1)), to: ledger)
            let outcome = try await sample.apply(.claim(sample.claim(epoch: 2, payload: 9)), to: ledger)
            #expect(outcome == .refused(pending))
        },
    ]

    private static let ends: [Case] = [
        Case("A refusal by SES ends the attempt that was refused, and no other") { ledger async throws in
            let sample = LedgerSample()
            let claimed = try await sample.applied(.claim(sample.claim()), to: ledger)
            #expect(try await sample.apply(.fail(sample.other, reason: "bad"), to: ledger) == .refused(claimed))
            let refusal = DeliveryTransition.fail(sample.attempt, reason: "MessageRejected: \"bad\"")
            let failed = try await sample.applied(refusal, to: ledger)
            #expect(failed.status == .failed)
            #expect(failed.reason == "MessageRejected: \"bad\"")
        },
        Case("A transition of a record that is not there is refused and creates nothing") { ledger async throws in
            let sample = LedgerSample()
            for transition in sample.transitionsOfAnExistingRecord {
                #expect(try await sample.apply(transition, to: ledger) == .refused(nil))
            }
            #expect(try await ledger.read(sample.id, now: sample.now) == nil)
        },
        Case("A delivery in doubt is resolved once, by the version seen") { ledger async throws in
            let sample = LedgerSample()
            try await sample.applied(.claim(sample.claim()), to: ledger)
            let doubted = try await sample.applied(.doubt(sample.attempt, reason: "no evidence"), to: ledger)
            #expect(doubted.status == .unconfirmed)
            let stale = DeliveryTransition.resolve(seenVersion: doubted.version - 1, .close, reason: "stale")
            #expect(try await sample.apply(stale, to: ledger) == .refused(doubted))
            let resolve = DeliveryTransition.resolve(seenVersion: doubted.version, .resend, reason: "asked")
            #expect(try await sample.applied(resolve, to: ledger).status == .pending)
            #expect(try await sample.apply(resolve, to: ledger).isApplied == false)
        },
        Case("A decision not to send is reopened by the version seen") { ledger async throws in
            let sample = LedgerSample()
            let decided = try await sample.applied(.decide(sample.decision), to: ledger)
            #expect(decided.status == .suppressed)
            #expect(decided.attempt == nil)
            #expect(try await sample.apply(.claim(sample.claim(epoch: 9)), to: ledger) == .refused(decided))
            let reopen = DeliveryTransition.reopen(seenVersion: decided.version, reason: "address corrected")
            #expect(try await sample.applied(reopen, to: ledger).status == .pending)
        },
        Case("A read hides a record whose time to live is over") { ledger async throws in
            let sample = LedgerSample()
            let record = try await sample.applied(.claim(sample.claim()), to: ledger)
            #expect(try await ledger.read(sample.id, now: record.expiresAt - .seconds(1)) == record)
            #expect(try await ledger.read(sample.id, now: record.expiresAt) == nil)
        },
    ]
}

extension LedgerOutcome {
    var isApplied: Bool {
        switch self {
        case .applied: true
        case .refused: false
        }
    }
}
