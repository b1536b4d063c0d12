import Testing
import WaybillCore
import WaybillPorts

extension DeliveryLedgerConformance {
    static let evidence: [Case] = [
        Case("Evidence raises the status and never lowers it") { ledger async throws in
            let sample = LedgerSample()
            try await sample.applied(.claim(sample.claim()), to: ledger)
            let delivered = try await sample.applied(.record(sample.evidence(.delivered, second: 5)), to: ledger)
            #expect(delivered.status == .delivered)
            #expect(delivered.facts[.sent] == sample.now)
            #expect(delivered.messageID == sample.messageID)
            let sent = try await sample.apply(.record(sample.evidence(.sent, second: 0)), to: ledger)
            #expect(sent == .refused(delivered))
            let complained = try await sample.applied(.record(sample.evidence(.complained, second: 9)), to: ledger)
            #expect(complained.status == .complaint)
            #expect(complained.facts.keys.count == 3)
        },
        Case("The earliest time of a fact wins, in whatever order it arrives") { ledger async throws in
            let sample = LedgerSample()
            try await sample.applied(.claim(sample.claim()), to: ledger)
            try await sample.applied(.record(sample.evidence(.delivered, second: 5)), to: ledger)
            let later = try await sample.apply(.refine(sample.evidence(.delivered, second: 8)), to: ledger)
            #expect(later.isApplied == false)
            let earlier = try await sample.applied(.refine(sample.evidence(.delivered, second: 3)), to: ledger)
            #expect(earlier.facts[.delivered] == sample.now + .seconds(3))
            #expect(earlier.status == .delivered)
        },
        Case("A lower fact is added beside a higher status") { ledger async throws in
            let sample = LedgerSample()
            try await sample.applied(.claim(sample.claim()), to: ledger)
            try await sample.applied(.record(sample.evidence(.bouncedHard, second: 5)), to: ledger)
            let delayed = try await sample.applied(.refine(sample.evidence(.delayed, second: 2)), to: ledger)
            #expect(delayed.status == .bouncedHard)
            #expect(delayed.facts[.delayed] == sample.now + .seconds(2))
        },
        Case("Evidence overrides a decision, and the first message id stays") { ledger async throws in
            let sample = LedgerSample()
            try await sample.applied(.decide(sample.decision), to: ledger)
            let sent = try await sample.applied(.record(sample.evidence(.sent, second: 1)), to: ledger)
            #expect(sent.status == .sent)
            let other = DeliveryEvidence(
                fact: .delivered,
                at: sample.now,
                sentAt: sample.now,
                messageID: "another-message"
            )
            let outcome = try await sample.apply(.record(other), to: ledger)
            guard case .applied(let before, let after) = outcome else {
                Issue.record("refused: \(outcome)")
                return
            }
            #expect(before == sent)
            #expect(after.messageID == sample.messageID)
        },
    ]

    static let queries: [Case] = [
        Case("Every kind of message of an order is found by the order") { ledger async throws in
            let sample = LedgerSample()
            try await sample.applied(.claim(sample.claim()), to: ledger)
            let kind = try #require(MessageKind("order-confirmation~2"))
            let second = LedgerSample(id: DeliveryID(order: sample.id.order, kind: kind))
            try await second.applied(.claim(second.claim()), to: ledger)
            let query = LedgerQuery(key: .order(sample.id.order), limit: 10, now: sample.now)
            #expect(try await ledger.query(query).records.map(\.id) == [sample.id, second.id])
            let paged = try await LedgerPages(ledger).all(.order(sample.id.order), limit: 1, now: sample.now)
            #expect(paged.map(\.id) == [sample.id, second.id])
        },
        Case("The deliveries of an address are found newest first, page by page") { ledger async throws in
            let samples = try await LedgerSample.claimed(7, email: LedgerSample.freshEmail(), on: ledger)
            let newestFirst = samples.reversed().map(\.id)
            let pages = LedgerPages(ledger)
            let key = LedgerQuery.Key.email(samples[0].email)
            #expect(try await pages.all(key, limit: 100, now: samples[0].now).map(\.id) == newestFirst)
            #expect(try await pages.all(key, limit: 3, now: samples[0].now).map(\.id) == newestFirst)
        },
        Case("The deliveries of a status are found newest first, page by page") { ledger async throws in
            let samples = try await LedgerSample.claimed(20, email: LedgerSample.freshEmail(), on: ledger)
            for sample in samples {
                try await sample.applied(.doubt(sample.attempt, reason: "no evidence"), to: ledger)
            }
            let newestFirst = samples.reversed().map(\.id)
            for limit in [100, 7, 1] {
                let found = try await LedgerPages(ledger).all(.status("UNCONFIRMED"), limit: limit, now: samples[0].now)
                let times = found.map(\.updatedAt)
                #expect(times == times.sorted(by: >))
                #expect(found.map(\.id).filter { newestFirst.contains($0) } == newestFirst)
            }
        },
        Case("A span of time bounds the deliveries of an address and of a status, page by page") {
            ledger async throws in
            let samples = try await LedgerSample.claimed(9, email: LedgerSample.freshEmail(), on: ledger)
            for sample in samples {
                try await sample.applied(.doubt(sample.attempt, reason: "no evidence"), to: ledger)
            }
            let times = LedgerTimes(since: samples[2].now, until: samples[6].now)
            let within = samples[2..<6].reversed().map(\.id)
            let pages = LedgerPages(ledger)
            let now = samples[0].now
            for limit in [100, 3, 1] {
                let key = LedgerQuery.Key.email(samples[0].email)
                #expect(try await pages.all(key, limit: limit, now: now, times: times).map(\.id) == within)
                let found = try await pages.all(.status("UNCONFIRMED"), limit: limit, now: now, times: times)
                #expect(found.allSatisfy { times.contains($0.updatedAt) })
                #expect(found.map(\.id).filter { id in samples.contains { $0.id == id } } == within)
            }
            let none = LedgerTimes(since: samples[6].now, until: samples[2].now)
            #expect(try await pages.all(.email(samples[0].email), limit: 9, now: now, times: none).isEmpty)
            let open = LedgerTimes(since: samples[6].now)
            let last = samples[6...].reversed().map(\.id)
            #expect(try await pages.all(.email(samples[0].email), limit: 9, now: now, times: open).map(\.id) == last)
        },
        Case("Both kinds of bounce are found as BOUNCED, and nothing that is not") { ledger async throws in
            let samples = try await LedgerSample.claimed(3, email: LedgerSample.freshEmail(), on: ledger)
            for (sample, fact) in zip(samples, [DeliveryFact.bouncedSoft, .bouncedHard, .delivered]) {
                try await sample.applied(.record(sample.evidence(fact, second: 1)), to: ledger)
            }
            let found = try await LedgerPages(ledger).all(.status("BOUNCED"), limit: 100, now: samples[0].now)
            #expect(found.allSatisfy { $0.status == .bouncedSoft || $0.status == .bouncedHard })
            let mine = samples.map(\.id).filter { id in found.contains { $0.id == id } }
            #expect(mine == [samples[0].id, samples[1].id])
        },
        Case("Queries leave out records whose time to live is over") { ledger async throws in
            let samples = try await LedgerSample.claimed(2, email: LedgerSample.freshEmail(), on: ledger)
            let end = samples[0].now + LedgerSample.retention + .seconds(60)
            let pages = LedgerPages(ledger)
            #expect(try await pages.all(.email(samples[0].email), limit: 10, now: end).isEmpty)
            #expect(try await pages.all(.order(samples[0].id.order), limit: 10, now: end).isEmpty)
        },
        Case("A token that no page gave is refused") { ledger async throws in
            let sample = LedgerSample()
            let keys: [LedgerQuery.Key] = [.order(sample.id.order), .email("a@example.com"), .status("SENT")]
            for key in keys {
                let query = LedgerQuery(key: key, limit: 10, after: "no token", now: sample.now)
                let error = await #expect(throws: LedgerError.self) { try await ledger.query(query) }
                #expect(error?.code == .rejected)
            }
        },
    ]
}

/// Reads a query to its end.
private struct LedgerPages {
    /// More pages than any case here makes: a token that leads nowhere ends in a failure, not in a loop.
    static let most = 10_000

    let ledger: any DeliveryLedger

    init(_ ledger: any DeliveryLedger) {
        self.ledger = ledger
    }

    func all(
        _ key: LedgerQuery.Key,
        limit: Int,
        now: Timestamp,
        times: LedgerTimes = LedgerTimes()
    ) async throws -> [DeliveryRecord] {
        var records: [DeliveryRecord] = []
        var query = LedgerQuery(key: key, limit: limit, now: now, times: times)
        for _ in 1...Self.most {
            let page = try await ledger.query(query)
            #expect(page.records.count <= limit)
            records += page.records
            guard let next = page.next else { return records }
            query.after = next
        }
        Issue.record("the query \(key) does not end")
        return records
    }
}
