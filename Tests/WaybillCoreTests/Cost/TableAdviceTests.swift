import Testing
import WaybillCore

@Suite struct TableAdviceTests {
    private typealias Fixture = AdviceFixture

    private func table(
        _ topic: Recommendation.Topic,
        _ usage: [Meter: Int64],
        _ change: (inout MeasuredFacts.Table) -> Void = { _ in }
    ) throws -> Recommendation? {
        var table = MeasuredFacts.Table()
        change(&table)
        return try Fixture.recommendation(topic, Fixture.facts(usage) { $0.table = table })
    }

    private func index(_ units: Int64, reads: Int64) throws -> Recommendation? {
        try table(.unreadIndexes, [.dynamoDBWriteUnits: 12_000_000_000]) {
            $0.indexes = [
                MeasuredFacts.Table.Index(name: "byShop", writeThousandths: units * 1000, readThousandths: reads),
                MeasuredFacts.Table.Index(name: "byDay", writeThousandths: 4_000_000_000, readThousandths: 10),
                // One of Waybill's own, of which nobody asked for an address in these days.
                MeasuredFacts.Table.Index(name: "byEmail", writeThousandths: 1_000_000_000, readThousandths: 0),
            ]
        }
    }

    @Test func anIndexThatNobodyReadsIsNamed() throws {
        // Four million units at 0.625 a million.
        let recommendation = try #require(try index(4_000_000, reads: 0))
        #expect(recommendation.saving.decimal == "2.500000")
        #expect(recommendation.title == "Drop what nobody reads: index byShop")
        #expect(recommendation.evidence.hasPrefix("4000000 of 12000000 write units a month"))
    }

    @Test func anIndexThatIsReadOnceStays() throws {
        #expect(try index(4_000_000, reads: 1) == nil)
        #expect(try index(0, reads: 0) == nil)
    }

    @Test func anUnreadIndexOfADollarIsNamedAndACheaperOneIsNot() throws {
        #expect(try index(1_600_000, reads: 0)?.saving == Money(dollars: 1))
        #expect(try index(1_599_998, reads: 0) == nil)
    }

    private func record(_ bytes: Int64) throws -> Recommendation? {
        try table(.recordSize, [.dynamoDBWriteUnits: 16_000_000_000]) {
            $0.recordBytes = bytes
            $0.baseWriteThousandths = 8_000_000_000
        }
    }

    @Test func aRecordALittleOverAKibibyteIsNamed() throws {
        // Two units a write become one: four million less at 0.625.
        let recommendation = try #require(try record(1200))
        #expect(recommendation.saving.decimal == "2.500000")
        #expect(recommendation.title == "Make records 176 bytes smaller")
        // Three become two: a third of eight million, rounded to the unit's thousandths.
        #expect(try record(2100)?.saving.decimal == "1.666667")
    }

    @Test func aRecordThatCannotShrinkBelowAKibibyteStays() throws {
        #expect(try record(900) == nil)
        #expect(try record(2000) == nil)
    }

    @Test func whatTheLongestDiagnosticTakesIsTheMostThatCanGo() throws {
        #expect(try record(1024) == nil)
        #expect(try record(1025) != nil)
        #expect(try record(1324) != nil)
        #expect(try record(1325) == nil)
    }

    /// 600 million write units cost 375 on demand.
    private func provisioned(peak: Int64) throws -> Recommendation? {
        try table(.provisionedCapacity, [.dynamoDBWriteUnits: 600_000_000_000]) {
            $0.peakWriteUnitsPerSecond = peak
            $0.peakReadUnitsPerSecond = 10
        }
    }

    @Test func anEvenLoadIsCheaperProvisioned() throws {
        // 480 units x 720 hours, less 18,600 that are free, at 0.00065 are 212.55; 12 read units are free.
        let recommendation = try #require(try provisioned(peak: 400))
        #expect(recommendation.saving.decimal == "162.450000")
        #expect(recommendation.title.hasPrefix("Provision 480 write and 12 read capacity units"))
    }

    @Test func aLoadWithPeaksIsCheaperOnDemand() throws {
        // 1,200 units are 549.51.
        #expect(try provisioned(peak: 1000) == nil)
    }

    @Test func aModeIsChangedForADollarAndNotForLess() throws {
        // 824 units are 373.542, 825 are 374.01.
        #expect(try provisioned(peak: 686)?.saving.decimal == "1.458000")
        #expect(try provisioned(peak: 687) == nil)
    }

    private func stored(_ gigabytes: Int64, writes: Int64 = 0, reads: Int64 = 0) throws -> Recommendation? {
        try table(
            .tableClass,
            [
                .dynamoDBStorage: Fixture.allMonth(gigabytes), .dynamoDBWriteUnits: writes * 1000,
                .dynamoDBReadUnits: reads * 1000,
            ]
        )
    }

    @Test func aTableThatIsMostlyStorageIsCheaperInTheOtherClass() throws {
        // 975 x 0.25 + 6.25 + 0.25 are 250.25; 1000 x 0.10 + 7.80 + 0.31 are 108.11.
        #expect(try stored(1000, writes: 10_000_000, reads: 2_000_000)?.saving.decimal == "142.140000")
    }

    @Test func aTableThatIsMostlyWrittenStaysInItsClass() throws {
        #expect(try stored(10, writes: 10_000_000, reads: 2_000_000) == nil)
        #expect(try stored(100, writes: 100_000_000) == nil)
    }

    @Test func aClassIsChangedForADollarAndNotForLess() throws {
        // 24 x 0.25 - 4.90 and 23 x 0.25 - 4.80.
        #expect(try stored(49)?.saving.decimal == "1.100000")
        #expect(try stored(48) == nil)
    }
}
