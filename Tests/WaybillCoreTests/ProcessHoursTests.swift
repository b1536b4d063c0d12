import Testing
import WaybillCore

@Suite struct ProcessHoursTests {
    private static func size(_ milliCPU: Int64 = 500, _ milliGigabytes: Int64 = 1000) throws -> ProcessHours.Size {
        try #require(ProcessHours.Size(architecture: .arm, milliCPU: milliCPU, milliGigabytes: milliGigabytes))
    }

    private func sums(_ uses: [ProcessHours.Use]) -> [Meter: Int64] {
        uses.reduce(into: [:]) { $0[$1.meter, default: 0] += $1.thousandths }
    }

    @Test func anHourIsHalfACPUHourAndAGigabyteHour() throws {
        var hours = ProcessHours(try Self.size(), startedAt: .seconds(1000))
        let uses = hours.ran(until: .seconds(4600))
        #expect(sums(uses) == [.fargateARMCPUHours: 500, .fargateARMMemory: 1000])
        #expect(hours.ran(until: .seconds(4600)).isEmpty, "no time has passed")
    }

    @Test func theArchitectureChoosesTheMeters() throws {
        let x86 = try #require(ProcessHours.Size(architecture: .x86, milliCPU: 1000, milliGigabytes: 2000))
        var hours = ProcessHours(x86, startedAt: .zero)
        #expect(sums(hours.ran(until: .seconds(3600))) == [.fargateX86CPUHours: 1000, .fargateX86Memory: 2000])
    }

    /// However time is cut, a year comes to a year: a quarter of a vCPU makes 4.1 thousandths a minute.
    @Test(arguments: UInt64(1)...5)
    func nothingIsLostHoweverOftenItIsAsked(seed: UInt64) throws {
        var generator = SeededGenerator(state: seed)
        var hours = ProcessHours(try Self.size(250, 333), startedAt: .zero)
        var total: [Meter: Int64] = [:]
        var now = Duration.zero
        for _ in 1...20_000 {
            now += .nanoseconds(Int64.random(in: 0...120_000_000_000, using: &generator))
            total.merge(sums(hours.ran(until: now))) { $0 + $1 }
        }
        let microseconds = now.components.seconds * 1_000_000 + now.components.attoseconds / 1_000_000_000_000
        #expect(total[.fargateARMCPUHours] == 250 * microseconds / 3_600_000_000, "seed \(seed)")
        #expect(total[.fargateARMMemory] == 333 * microseconds / 3_600_000_000, "seed \(seed)")
    }

    @Test func aTaskOfTheLargestSizeRunsForYears() throws {
        let size = try Self.size(ProcessHours.Size.mostMilliCPU, ProcessHours.Size.mostMilliGigabytes)
        var hours = ProcessHours(size, startedAt: .zero)
        let tenYears = Duration.seconds(3650 * 86_400)
        let uses = sums(hours.ran(until: tenYears))
        #expect(uses == [.fargateARMCPUHours: 160_000 * 87_600, .fargateARMMemory: 1_200_000 * 87_600])
    }

    @Test func timeThatGoesBackIsNoTime() throws {
        var hours = ProcessHours(try Self.size(), startedAt: .seconds(3600))
        #expect(hours.ran(until: .zero).isEmpty)
        #expect(sums(hours.ran(until: .seconds(7200))) == [.fargateARMCPUHours: 500, .fargateARMMemory: 1000])
    }

    @Test(arguments: [(Int64(0), Int64(1000)), (500, 0), (-1, 1), (160_001, 1), (1, 1_200_001)])
    func whatNoTaskCanHaveIsRefused(milliCPU: Int64, milliGigabytes: Int64) {
        #expect(ProcessHours.Size(architecture: .x86, milliCPU: milliCPU, milliGigabytes: milliGigabytes) == nil)
    }
}
