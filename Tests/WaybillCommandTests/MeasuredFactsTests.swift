import Foundation
import Testing
import WaybillCore
import WaybillPorts

@testable import waybill

/// What `waybill cost recommend` makes of what was counted.
@Suite struct MeasuredFactsTests {
    private let hour = BillingHour(number: 500_000)

    private func facts(
        usage: [Meter: Int64] = [:],
        resources: [ResourceUse] = [],
        facts: [FactSum] = [],
        processes: [ProcessFact] = [],
        told: ToldFacts = ToldFacts()
    ) -> MeasuredFacts {
        let counted = CountedFacts(resources: resources, facts: facts, processes: processes)
        return MeasuredFacts(days: 30, usage: usage, counted: counted, told: told, table: "deliveries")
    }

    private func use(_ meter: Meter, _ resource: String, _ thousandths: Int64) -> ResourceUse {
        ResourceUse(meter: meter.rawValue, resource: resource, thousandths: thousandths, hours: 1)
    }

    private func process(_ hours: Int, _ fact: UseFact, _ amount: Int64, _ largest: Int64) -> ProcessFact {
        ProcessFact(hour: hour.advanced(by: hours), fact: fact, amount: amount, largest: largest)
    }

    @Test func whatNobodyCountedIsNotKnown() {
        let facts = facts(usage: [.sesRecipients: 5_000_000])
        #expect(facts.emails == 5000)
        #expect(facts.receives == nil)
        #expect(facts.feedback == nil)
        #expect(facts.table?.indexes == nil)
        #expect(facts.table?.recordBytes == nil)
        #expect(facts.table?.peakWriteUnitsPerSecond == nil)
        #expect(facts.logs == nil)
        #expect(facts.workers == nil)
        #expect(facts.database == nil)
        #expect(facts.network == nil)
    }

    @Test func receivesAndEventsAreCountedByTheirQueuesAndKinds() {
        let facts = facts(facts: [
            FactSum(fact: .receives, resource: "orders", amount: 100),
            FactSum(fact: .receives, resource: "feedback", amount: 50),
            FactSum(fact: .emptyReceives, resource: "orders", amount: 60),
            FactSum(fact: .events, resource: "Open", amount: 3),
            FactSum(fact: .events, resource: "Send", amount: 4),
            FactSum(fact: .logBytes, resource: "debug", amount: 9),
        ])
        #expect(facts.receives == MeasuredFacts.Receives(queues: 2, calls: 150, empty: 60))
        #expect(facts.feedback == ["Open": 3, "Send": 4])
        #expect(facts.logs?.bytesByLevel == ["debug": 9])
        #expect(facts.logs?.retention == nil)
    }

    @Test func theTableIsToldApartFromItsIndexesAndFromOthers() {
        let facts = facts(
            resources: [
                use(.dynamoDBWriteUnits, "deliveries", 7000), use(.dynamoDBWriteUnits, "deliveries/byEmail", 4000),
                use(.dynamoDBWriteUnits, "deliveries/byStatus", 5000), use(.dynamoDBWriteUnits, "others", 1),
                use(.dynamoDBReadUnits, "deliveries/byEmail", 500), use(.sqsRequests, "deliveries/byStatus", 9),
            ],
            facts: [
                FactSum(fact: .records, resource: "deliveries", amount: 3),
                FactSum(fact: .recordBytes, resource: "deliveries", amount: 1001),
                FactSum(fact: .recordBytes, resource: "others", amount: 1),
            ]
        )
        #expect(facts.table?.baseWriteThousandths == 7000)
        #expect(
            facts.table?.indexes == [
                MeasuredFacts.Table.Index(name: "byEmail", writeThousandths: 4000, readThousandths: 500),
                MeasuredFacts.Table.Index(name: "byStatus", writeThousandths: 5000, readThousandths: 0),
            ]
        )
        #expect(facts.table?.recordBytes == 334)
    }

    /// Two workers of half a processor and a gigabyte for two hours: 2 vCPU-hours and 4 GB-hours.
    @Test func theBusiestHourSaysHowBusyTheWorkersAre() {
        let usage: [Meter: Int64] = [.fargateX86CPUHours: 2000, .fargateX86Memory: 4000]
        let facts = facts(
            usage: usage,
            processes: [
                process(0, .runTime, 7_200_000, 3_600_000), process(0, .processorTime, 360_000, 300_000),
                process(0, .memoryPeak, 1 << 30, 3 << 28), process(0, .peakWriteUnits, 40_001, 40_000),
                process(1, .runTime, 7_200_000, 3_600_000), process(1, .processorTime, 720_000, 540_000),
                process(1, .memoryPeak, 1 << 29, 1 << 28), process(1, .peakWriteUnits, 9_000, 9_000),
            ]
        )
        #expect(
            facts.workers
                == MeasuredFacts.Workers(
                    count: 2,
                    hourlyThousandths: [2000, 2000],
                    cpuThousandths: 500,
                    peakCPUPercent: 20,
                    busiestCPUPercent: 30,
                    largestMemoryPercent: 75
                )
        )
        #expect(facts.table?.peakWriteUnitsPerSecond == 41)
    }

    @Test func daysWithoutFactsAreNotMeasured() {
        let (day, today) = (BillingDay(number: 20_000), BillingDay(number: 20_030))
        #expect(CountedFacts.start(use: nil, processes: nil, today: today) == today)
        #expect(CountedFacts.start(use: day, processes: nil, today: today) == day)
        #expect(CountedFacts.start(use: day, processes: day, today: today) == day)
        #expect(CountedFacts.start(use: day, processes: day.advanced(by: 20), today: today) == day.advanced(by: 21))
        #expect(CountedFacts.start(use: day, processes: today.advanced(by: -1), today: today) == today)
    }

    @Test func workersOfUnknownSizeAreNotJudged() {
        let processes = [process(0, .runTime, 3_600_000, 3_600_000), process(0, .processorTime, 1, 1)]
        #expect(facts(processes: processes).workers == nil)
    }

    @Test func whatAnOperatorSaysIsTaken() {
        let told = ToldFacts(
            databaseCPUPercent: 8,
            databaseMemoryPercent: 30,
            logRetention: .forever,
            zones: 2,
            callsOnlyAWS: true
        )
        let facts = facts(usage: [.sesRecipients: 1, .sqsRequests: 1, .snsRequests: 0], told: told)
        #expect(facts.database == MeasuredFacts.Database(peakCPUPercent: 8, peakMemoryPercent: 30))
        #expect(facts.logs == MeasuredFacts.Logs(retention: .forever))
        #expect(facts.network == MeasuredFacts.Network(zones: 2, services: 4, callsOnlyAWS: true))
    }

    @Test func theSystemSaysHowBusyThisProcessIs() throws {
        let load = try SystemLoad.read()
        #expect(load.processorTime > .zero)
        #expect(load.memoryBytes > 1 << 20)
        let status = "Name:\twaybill\nVmRSS:\t  99 kB\nRssAnon:\t   1234 kB\n"
        #expect(SystemLoad.kibibytes("RssAnon", in: status) == 1234)
        #expect(SystemLoad.kibibytes("RssShmem", in: status) == nil)
        #expect(SystemLoad.kibibytes("RssAnon", in: "RssAnon: 12 MB") == nil)
    }
}
