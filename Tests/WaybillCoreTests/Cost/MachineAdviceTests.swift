import Testing
import WaybillCore

@Suite struct MachineAdviceTests {
    private typealias Fixture = AdviceFixture

    private func workers(
        _ topic: Recommendation.Topic,
        _ count: Int64,
        cpu: Int64 = 1000,
        busy: Int64,
        busiest: Int64? = nil,
        memory: Int64 = 10
    ) throws -> Recommendation? {
        // As many gigabytes as twice the processors.
        let usage: [Meter: Int64] = [
            .fargateARMCPUHours: count * cpu * Fixture.hours, .fargateARMMemory: 2 * count * cpu * Fixture.hours,
        ]
        let facts = Fixture.facts(usage) {
            $0.workers = MeasuredFacts.Workers(
                count: count,
                hourlyThousandths: Array(repeating: count * 1000, count: 24),
                cpuThousandths: cpu,
                peakCPUPercent: busy,
                busiestCPUPercent: busiest ?? busy,
                largestMemoryPercent: memory
            )
        }
        return try Fixture.recommendation(topic, facts)
    }

    @Test func workersThatTheBusiestHourDidNotNeedAreNamed() throws {
        // 20 % of six are 60 % of two. Six of half a processor and a gigabyte: 2160 x 0.03238 + 4320 x 0.00356 = 85.32.
        let recommendation = try #require(try workers(.workerCount, 6, cpu: 500, busy: 20))
        #expect(recommendation.saving.decimal == "56.880000")
        #expect(recommendation.title == "2 workers instead of 6")
    }

    /// Ten in one hour of ten and two in the others: three would be 60 % busy in that hour, and seven of 28 hours are spared.
    @Test func aClusterThatGrowsForAnHourIsSparedThatHourAlone() throws {
        let usage: [Meter: Int64] = [.fargateARMCPUHours: 28 * 1_000_000]
        let facts = Fixture.facts(usage) {
            $0.workers = MeasuredFacts.Workers(
                count: 10,
                hourlyThousandths: Array(repeating: 2000, count: 9) + [10_000],
                cpuThousandths: 1000,
                peakCPUPercent: 18,
                busiestCPUPercent: 18,
                largestMemoryPercent: 10
            )
        }
        let recommendation = try #require(try Fixture.recommendation(.workerCount, facts))
        #expect(recommendation.title == "3 workers instead of 10")
        // 7,000 hours of a processor at 0.03238.
        #expect(recommendation.saving.decimal == "226.660000")
    }

    @Test func workersThatWereBusyStayAndTwoStayAnyway() throws {
        #expect(try workers(.workerCount, 6, busy: 60) == nil)
        #expect(try workers(.workerCount, 2, busy: 1) == nil)
    }

    @Test func aWorkerIsSparedOnceTheOthersAreAtMostSixtyPercentBusy() throws {
        #expect(try workers(.workerCount, 6, busy: 50)?.title == "5 workers instead of 6")
        #expect(try workers(.workerCount, 6, busy: 51) == nil)
    }

    @Test func workersThatAreTooLargeAreNamed() throws {
        // Half of 1440 x 0.03238 + 2880 x 0.00356 = 56.88.
        #expect(try workers(.workerSize, 2, busy: 20)?.saving.decimal == "28.440000")
    }

    @Test func workersStayAsLargeAsTheyAreWhileFewerWouldDo() throws {
        #expect(try workers(.workerSize, 6, busy: 20) == nil)
        #expect(try workers(.workerSize, 2, busy: 40) == nil)
        #expect(try workers(.workerSize, 2, busy: 20, memory: 80) == nil)
        #expect(try workers(.workerSize, 2, busy: 20, busiest: 31) == nil)
    }

    @Test func aWorkerIsHalvedUpToThirtyPercentAndDownToAQuarterOfAProcessor() throws {
        #expect(try workers(.workerSize, 2, busy: 30, memory: 30) != nil)
        #expect(try workers(.workerSize, 2, busy: 31) == nil)
        #expect(try workers(.workerSize, 2, busy: 30, memory: 31) == nil)
        #expect(try workers(.workerSize, 2, cpu: 500, busy: 30) != nil)
        #expect(try workers(.workerSize, 2, cpu: 499, busy: 30) == nil)
    }

    private func x86(_ processorHours: Int64, memory: Int64) throws -> String? {
        try Fixture.saving(
            .graviton,
            Fixture.facts([.fargateX86CPUHours: processorHours, .fargateX86Memory: memory])
        )
    }

    @Test func workersOnX86AreNamed() throws {
        // Three of half a processor and a gigabyte: 43.7184 + 9.6012 against 34.9704 + 7.6896.
        #expect(try x86(1_080_000, memory: 2_160_000) == "10.659600")
    }

    @Test func workersOnARMStay() throws {
        let usage: [Meter: Int64] = [
            .fargateARMCPUHours: Fixture.allMonth(90), .fargateARMMemory: Fixture.allMonth(90),
        ]
        #expect(try Fixture.saving(.graviton, Fixture.facts(usage)) == nil)
    }

    @Test func aMachineIsChangedForADollarAndNotForLess() throws {
        // 0.0081 an hour less.
        #expect(try x86(123_457, memory: 0) == "1.000001")
        #expect(try x86(123_456, memory: 0) == nil)
    }

    private func database(_ meter: Meter, busy: Int64, memory: Int64) throws -> Recommendation? {
        let facts = Fixture.facts([meter: Fixture.allMonth(2)]) {
            $0.database = MeasuredFacts.Database(peakCPUPercent: busy, peakMemoryPercent: memory)
        }
        return try Fixture.recommendation(.databaseSize, facts)
    }

    @Test func aDatabaseThatIsTooLargeIsNamed() throws {
        // 1440 x (0.032 - 0.016) and 1440 x (0.065 - 0.032).
        let small = try #require(try database(.rdsT4gSmallHours, busy: 5, memory: 30))
        #expect(small.saving.decimal == "23.040000")
        #expect(small.title == "db.t4g.micro instead of db.t4g.small")
        #expect(try database(.rdsT4gMediumHours, busy: 5, memory: 30)?.saving.decimal == "47.520000")
    }

    @Test func aDatabaseThatIsBusyOrTheSmallestStays() throws {
        #expect(try database(.rdsT4gSmallHours, busy: 50, memory: 30) == nil)
        #expect(try database(.rdsT4gSmallHours, busy: 5, memory: 90) == nil)
        #expect(try database(.rdsT4gMicroHours, busy: 1, memory: 1) == nil)
    }

    @Test func aDatabaseShrinksUpToTheSmallersOwnPartOfItsProcessors() throws {
        #expect(try database(.rdsT4gSmallHours, busy: 10, memory: 45) != nil)
        #expect(try database(.rdsT4gSmallHours, busy: 11, memory: 45) == nil)
        #expect(try database(.rdsT4gSmallHours, busy: 10, memory: 46) == nil)
        #expect(try database(.rdsT4gMediumHours, busy: 20, memory: 45) != nil)
        #expect(try database(.rdsT4gMediumHours, busy: 21, memory: 45) == nil)
    }
}
