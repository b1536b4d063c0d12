import Testing
package import WaybillCore
package import WaybillPorts

/// A cost store of its own for one case.
package struct CostStoreSubject: Sendable {
    package let store: any CostStore
    /// A term in force.
    package let fence: LeaderFence

    package init(store: any CostStore, fence: LeaderFence) {
        self.store = store
        self.fence = fence
    }

    /// One that was never given.
    var deposed: LeaderFence {
        LeaderFence(role: fence.role, holder: fence.holder, term: Term(fence.term.number + 7))
    }
}

/// What every store of use and costs must do.
package enum CostStoreConformance {
    package typealias Case = ConformanceCase<CostStoreSubject>

    package static let cases: [Case] = usage + facts + costs + alerts + status

    /// Monday 2026-11-23, 00:00 UTC.
    private static let first = BillingHour(Timestamp(seconds: 1_795_392_000))
    private static let month = first.day.month

    private static func row(_ hours: Int, _ meter: Meter, _ thousandths: Int64, of resource: String = "") -> UsageRow {
        UsageRow(hour: first.advanced(by: hours), meter: meter, resource: resource, thousandths: thousandths)
    }

    private static func use(_ hours: Int, _ meter: Meter, _ thousandths: Int64) -> NamedUse {
        NamedUse(hour: first.advanced(by: hours), meter: meter.rawValue, thousandths: thousandths)
    }

    private static func cost(_ hours: Int, _ meter: Meter, _ microdollars: Int64) -> HourCost {
        let cost = Money(microdollars: microdollars)
        return HourCost(hour: first.advanced(by: hours), meter: meter, thousandths: 1000, cost: cost)
    }

    private static let usage: [Case] = [
        Case("A flush that is repeated adds nothing, the next adds") { subject async throws in
            let rows = [row(0, .sqsRequests, 3000, of: "orders"), row(0, .sqsRequests, 2000, of: "feedback")]
            #expect(try await subject.store.lastFlush(of: "a") == nil)
            #expect(try await subject.store.add(rows, source: "a", flush: 1))
            #expect(try await !subject.store.add(rows, source: "a", flush: 1))
            #expect(try await subject.store.add([row(0, .sqsRequests, 500, of: "orders")], source: "a", flush: 2))
            #expect(try await !subject.store.add(rows, source: "a", flush: 1))
            #expect(try await subject.store.lastFlush(of: "a") == 2)
            #expect(try await subject.store.usage(first..<first.advanced(by: 1)) == [use(0, .sqsRequests, 5500)])
        },
        Case("Sources count for themselves, and a row may be told twice in one flush") { subject async throws in
            let row = row(1, .sesRecipients, 1000)
            for source in ["a", "b"] { #expect(try await subject.store.add([row, row], source: source, flush: 1)) }
            #expect(try await subject.store.add([], source: "c", flush: 1))
            #expect(try await subject.store.usage(first..<first.advanced(by: 9)) == [use(1, .sesRecipients, 4000)])
        },
        Case("Resources are told apart, over all hours") { subject async throws in
            let rows = [
                row(0, .sqsRequests, 3, of: "orders"), row(1, .sqsRequests, 4, of: "orders"),
                row(1, .sqsRequests, 5, of: "feedback"), row(7, .sqsRequests, 6, of: "orders"),
            ]
            #expect(try await subject.store.add(rows, source: "a", flush: 1))
            let seen = try await subject.store.resources(first..<first.advanced(by: 3))
            let meter = Meter.sqsRequests.rawValue
            #expect(
                seen == [
                    ResourceUse(meter: meter, resource: "feedback", thousandths: 5, hours: 1),
                    ResourceUse(meter: meter, resource: "orders", thousandths: 7, hours: 2),
                ]
            )
        },
        Case("Hours of a range, in order") { subject async throws in
            let rows = [
                row(3, .kmsRequests, 1), row(0, .snsRequests, 1), row(0, .kmsRequests, 2), row(2, .kmsRequests, 3),
            ]
            #expect(try await subject.store.add(rows, source: "a", flush: 1))
            let seen = try await subject.store.usage(first..<first.advanced(by: 3))
            #expect(seen == [use(0, .kmsRequests, 2), use(0, .snsRequests, 1), use(2, .kmsRequests, 3)])
        },
    ]

    private static let costs: [Case] = [
        Case("Costs are replaced, and added up by hour") { subject async throws in
            let day = first.day
            let before = [cost(0, .sqsRequests, 5), cost(0, .sesRecipients, 7), cost(1, .sqsRequests, 1)]
            try await subject.store.write(before, pricesAsOf: day, fence: subject.fence)
            let next = day.advanced(by: 1)
            try await subject.store.write([cost(0, .sqsRequests, 6)], pricesAsOf: next, fence: subject.fence)
            let hours = first..<first.advanced(by: 2)
            #expect(try await subject.store.pricesAsOf(hours) == next)
            #expect(try await subject.store.pricesAsOf(first.advanced(by: 1)..<first.advanced(by: 2)) == day)
            #expect(try await subject.store.pricesAsOf(first.advanced(by: 7)..<first.advanced(by: 9)) == nil)
            let after = [cost(0, .sesRecipients, 7), cost(0, .sqsRequests, 6), cost(1, .sqsRequests, 1)]
            #expect(try await subject.store.costs(hours) == after)
            let totals = try await subject.store.totals(hours)
            #expect(totals == [first: Money(microdollars: 13), first.advanced(by: 1): Money(microdollars: 1)])
            #expect(try await subject.store.totals(first..<first).isEmpty)
        },
        Case("Days have the hours that are known, and what is counted by use") { subject async throws in
            let costs = [
                cost(-1, .sqsRequests, 100), cost(0, .sqsRequests, 5), cost(0, .rdsStorage, 900),
                cost(5, .rdsStorage, 900),
                cost(24, .sesRecipients, 3),
            ]
            try await subject.store.write(costs, pricesAsOf: first.day, fence: subject.fence)
            let days = try await subject.store.days(from: first.day)
            let today = DayCost(day: first.day, cost: Money(microdollars: 5), hours: 2)
            #expect(days == [today, DayCost(day: first.day.advanced(by: 1), cost: Money(microdollars: 3), hours: 1)])
        },
        Case("A term that is over changes nothing") { subject async throws in
            let fence = subject.deposed
            let alert = alert(.actual50, 1)
            await isDeposed {
                try await subject.store.write([cost(0, .sqsRequests, 5)], pricesAsOf: first.day, fence: fence)
            }
            await isDeposed { _ = try await subject.store.raise([alert], fence: fence) }
            await isDeposed { try await subject.store.write(sample, fence: fence) }
            await isDeposed { try await subject.store.writeTrouble("x", fence: fence) }
            #expect(try await subject.store.raise([alert], fence: subject.fence) == [alert])
            await isDeposed { try await subject.store.told(alert, fence: fence) }
            #expect(try await subject.store.costs(first..<first.advanced(by: 1)).isEmpty)
            #expect(try await subject.store.untold(limit: 5).count == 1)
            #expect(try await subject.store.status() == nil)
            #expect(try await subject.store.trouble() == nil)
        },
    ]

    private static func isDeposed(_ change: () async throws -> Void) async {
        let error = await #expect(throws: StoreError.self) { try await change() }
        #expect(error?.code == .deposed)
    }

    private static func alert(_ threshold: BudgetThreshold, _ amount: Int64, in month: BillingMonth = month)
        -> BudgetAlert
    {
        let hour = threshold == .anomaly ? first : nil
        let limit = Money(microdollars: 1)
        return BudgetAlert(
            month: month,
            threshold: threshold,
            amount: Money(microdollars: amount),
            limit: limit,
            hour: hour
        )
    }

    private static let alerts: [Case] = [
        Case("An alert is raised once a month and threshold") { subject async throws in
            let both = [alert(.actual50, 5), alert(.anomaly, 9)]
            #expect(try await subject.store.raise(both, fence: subject.fence) == both)
            let again = [alert(.actual50, 6), alert(.actual80, 7)]
            #expect(try await subject.store.raise(again, fence: subject.fence) == [alert(.actual80, 7)])
            let next = alert(.actual50, 1, in: month.next)
            #expect(try await subject.store.raise([next], fence: subject.fence) == [next])
            let raised = try await subject.store.alerts(month)
            #expect(Set(raised.map(\.alert)) == Set(both + [alert(.actual80, 7)]))
            #expect(raised.allSatisfy { $0.toldAt == nil })
        },
        Case("What was told is not to be told again") { subject async throws in
            let (first, second) = (alert(.actual50, 5), alert(.actual80, 6))
            #expect(try await subject.store.raise([first], fence: subject.fence) == [first])
            #expect(try await subject.store.raise([second], fence: subject.fence) == [second])
            #expect(try await subject.store.untold(limit: 1).map(\.alert) == [first])
            try await subject.store.told(first, fence: subject.fence)
            let told = try await subject.store.alerts(month).first?.toldAt
            #expect(told != nil)
            try await subject.store.told(first, fence: subject.fence)
            #expect(try await subject.store.alerts(month).first?.toldAt == told)
            #expect(try await subject.store.untold(limit: 9).map(\.alert) == [second])
        },
    ]

    private static let sample = CostStatus(
        at: first.start,
        month: month,
        toDate: Money(microdollars: 12),
        fixed: Money(microdollars: 5),
        emails: 3,
        forecast: Money(microdollars: 40),
        forecastLow: Money(microdollars: 30),
        forecastHigh: Money(microdollars: 60),
        method: "a guess",
        errorPercent: 7.25,
        budget: Money(microdollars: 100),
        region: "us-east-1",
        plan: .pro,
        pricesAsOf: first.day,
        unverified: ["network.out-bytes"]
    )

    private static let status: [Case] = [
        Case("The last status is kept, whole") { subject async throws in
            #expect(try await subject.store.status() == nil)
            try await subject.store.write(sample, fence: subject.fence)
            #expect(try await subject.store.status() == sample)
            var bare = sample
            (bare.errorPercent, bare.budget, bare.unverified) = (nil, nil, [])
            try await subject.store.write(bare, fence: subject.fence)
            #expect(try await subject.store.status() == bare)
        },
        Case("Trouble leaves the numbers, and ends with the next that are right") { subject async throws in
            try await subject.store.writeTrouble("no price", fence: subject.fence)
            #expect(try await subject.store.trouble() == "no price")
            #expect(try await subject.store.status() == nil)
            try await subject.store.write(sample, fence: subject.fence)
            #expect(try await subject.store.trouble() == nil)
            try await subject.store.writeTrouble("no price", fence: subject.fence)
            var troubled = sample
            troubled.trouble = "no price"
            #expect(try await subject.store.status() == troubled)
        },
    ]
}
