import Testing
import WaybillCore
import WaybillPorts

/// What advice rests on, and what is forgotten.
extension CostStoreConformance {
    private static let monday = BillingHour(Timestamp(seconds: 1_795_392_000))

    private static func fact(_ hours: Int, _ fact: UseFact, _ amount: Int64, of resource: String) -> FactRow {
        FactRow(hour: monday.advanced(by: hours), fact: fact, resource: resource, amount: amount)
    }

    static let facts: [Case] = [
        Case("Facts come with their flush, once, and are added up by resource") { subject async throws in
            let rows = [
                fact(0, .emptyReceives, 3, of: "orders"), fact(1, .emptyReceives, 4, of: "orders"),
                fact(0, .emptyReceives, 5, of: "feedback"), fact(0, .events, 1, of: "Open"),
                fact(9, .events, 1, of: "Open"),
            ]
            #expect(try await subject.store.add([], facts: rows, source: "a", flush: 1))
            #expect(try await !subject.store.add([], facts: rows, source: "a", flush: 1))
            #expect(try await subject.store.add([], facts: [rows[0], rows[0]], source: "b", flush: 1))
            let range = monday..<monday.advanced(by: 9)
            #expect(
                try await subject.store.facts(range) == [
                    FactSum(fact: .events, resource: "Open", amount: 1),
                    FactSum(fact: .emptyReceives, resource: "feedback", amount: 5),
                    FactSum(fact: .emptyReceives, resource: "orders", amount: 13),
                ]
            )
            #expect(try await subject.store.processFacts(range) == [])
        },
        Case("Of a peak the largest stays, and the processes of an hour are taken together") { subject async throws in
            let rows = [fact(0, .memoryPeak, 70, of: "one"), fact(0, .runTime, 10, of: "one")]
            #expect(try await subject.store.add([], facts: rows + rows, source: "one", flush: 1))
            let more = [
                fact(0, .memoryPeak, 60, of: "one"), fact(0, .runTime, 10, of: "one"),
                fact(1, .memoryPeak, 90, of: "one"),
            ]
            #expect(try await subject.store.add([], facts: more, source: "one", flush: 2))
            let other = [fact(0, .memoryPeak, 5, of: "two"), fact(0, .runTime, 1, of: "two")]
            #expect(try await subject.store.add([], facts: other, source: "two", flush: 1))
            let range = monday..<monday.advanced(by: 2)
            #expect(
                try await subject.store.processFacts(range) == [
                    ProcessFact(hour: monday, fact: .memoryPeak, amount: 75, largest: 70),
                    ProcessFact(hour: monday, fact: .runTime, amount: 31, largest: 30),
                    ProcessFact(hour: monday.advanced(by: 1), fact: .memoryPeak, amount: 90, largest: 90),
                ]
            )
            #expect(try await subject.store.facts(range) == [])
        },
        Case("What is old is forgotten, costs and facts each from their own hour") { subject async throws in
            for hours in 0..<4 {
                let use = UsageRow(hour: monday.advanced(by: hours), meter: .kmsRequests, thousandths: 1)
                let row = fact(hours, .events, 1, of: "Send")
                #expect(try await subject.store.add([use], facts: [row], source: "a", flush: Int64(hours)))
            }
            let cost = HourCost(hour: monday, meter: .kmsRequests, thousandths: 1, cost: Money(microdollars: 1))
            try await subject.store.write([cost], pricesAsOf: monday.day, fence: subject.fence)
            let (costs, facts) = (monday.advanced(by: 1), monday.advanced(by: 3))
            await #expect(throws: StoreError.self) {
                try await subject.store.forget(costsBefore: costs, factsBefore: facts, fence: subject.deposed)
            }
            try await subject.store.forget(costsBefore: costs, factsBefore: facts, fence: subject.fence)
            let range = monday..<monday.advanced(by: 9)
            #expect(try await subject.store.usage(range).map(\.hour) == (1..<4).map { monday.advanced(by: $0) })
            #expect(try await subject.store.costs(range).isEmpty)
            #expect(try await subject.store.facts(range).map(\.amount) == [1])
            // The process told it just now, whatever hours it told of.
            #expect(try await subject.store.lastFlush(of: "a") == 3)
        },
    ]
}
