/// Rules about workers and the database.
enum MachineAdvice {
    /// What may be busy in the busiest hour once there is less: the rest is for the seconds that an hour's average hides, and
    /// for a burst that is larger than any before.
    static let busiestPercent: Int64 = 60
    /// One takes over when the other ends.
    static let fewestWorkers: Int64 = 2
    /// Fargate has nothing smaller than a quarter of a processor.
    static let smallestCPUThousandths: Int64 = 250

    private static let machineMeters: [Meter] = [
        .fargateX86CPUHours, .fargateX86Memory, .fargateARMCPUHours, .fargateARMMemory,
    ]

    static func workerCount(_ situation: Situation) throws(Unknown) -> Finding? {
        let load = try WorkerLoad(situation)
        let needed = max(fewestWorkers, load.workersNeeded)
        guard needed < load.count else { return nil }
        return Finding(
            title: "\(needed) workers instead of \(load.count)",
            saving: try saving(situation, keeping: load.thousandths(with: needed), of: load.thousandths),
            evidence: "the busiest hour used \(load.description) of \(load.count) workers; \(needed) would be "
                + "at most \(busiestPercent) % busy",
            confidence: .medium,
            how: "Lower WAYBILL_MAX_WORKERS, or follow the wanted number of `waybill status` (docs/elasticity.md).",
            meters: machineMeters
        )
    }

    /// Only once there are as few workers as there may be, so that the same money is not promised twice.
    static func workerSize(_ situation: Situation) throws(Unknown) -> Finding? {
        let load = try WorkerLoad(situation)
        guard max(fewestWorkers, load.workersNeeded) >= load.count, load.cpuThousandths / 2 >= smallestCPUThousandths,
            load.fitsInHalf
        else { return nil }
        return Finding(
            title: "Workers of half the size",
            saving: try saving(situation, keeping: 1, of: 2),
            evidence: "the busiest hour used \(load.description) of \(load.count) workers of "
                + "\(load.cpuThousandths) thousandths of a processor",
            confidence: .medium,
            how:
                "Halve processor and memory in the task definition, one worker first, and watch the time from order to "
                + "email.",
            meters: machineMeters
        )
    }

    private static func saving(_ situation: Situation, keeping part: Int64, of all: Int64) throws(Unknown) -> Money {
        let uses = try situation.uses(of: machineMeters)
        return try situation.saving(uses.mapValues { Int64(clamping: Int128($0) * Int128(part) / Int128(all)) })
    }

    /// The same processors and memory at ARM's prices.
    static func graviton(_ situation: Situation) throws(Unknown) -> Finding? {
        let uses = try situation.uses(of: machineMeters)
        let processors = uses[.fargateX86CPUHours, default: 0]
        let memory = uses[.fargateX86Memory, default: 0]
        guard processors + memory > 0 else { return nil }
        let saving = try situation.saving([
            .fargateX86CPUHours: 0,
            .fargateX86Memory: 0,
            .fargateARMCPUHours: processors + uses[.fargateARMCPUHours, default: 0],
            .fargateARMMemory: memory + uses[.fargateARMMemory, default: 0],
        ])
        return Finding(
            title: "Run the workers on ARM (Graviton)",
            saving: saving,
            evidence: "\(processors / 1000) vCPU-hours and \(memory / 1000) gigabyte-hours a month on x86",
            confidence: .high,
            how:
                "Build the container for linux/arm64 and set the task definition's cpuArchitecture to ARM64; both kinds "
                + "can run side by side.",
            meters: machineMeters
        )
    }

    /// A size, the next smaller one, and the part of its processors that the smaller one has all the time: above it a burstable
    /// instance lives on credits. Source of the baselines: memory of RDS's guide; not looked up.
    private static let steps: [(Meter, String, Meter, String, baselinePercent: Int64)] = [
        (.rdsT4gMediumHours, "db.t4g.medium", .rdsT4gSmallHours, "db.t4g.small", 20),
        (.rdsT4gSmallHours, "db.t4g.small", .rdsT4gMicroHours, "db.t4g.micro", 10),
    ]
    /// Half the memory must hold what is used, with a tenth to spare.
    static let memoryPercentForHalf: Int64 = 45

    static func databaseSize(_ situation: Situation) throws(Unknown) -> Finding? {
        for (meter, name, smaller, smallerName, baseline) in steps where try situation.use(meter) > 0 {
            let database = situation.facts.database
            let processor = try known(
                database?.peakCPUPercent,
                "how busy the database's processors are (--database-cpu)"
            )
            let memory = try known(
                database?.peakMemoryPercent,
                "how much of its memory the database uses (--database-memory)"
            )
            guard processor <= baseline, memory <= memoryPercentForHalf else { return nil }
            let both = try situation.use(meter) + situation.use(smaller)
            return Finding(
                title: "\(smallerName) instead of \(name)",
                saving: try situation.saving([meter: 0, smaller: both]),
                evidence:
                    "in the busiest hour \(processor) % of the processors and \(memory) % of the memory were used; "
                    + "the smaller one has \(baseline) % all the time and half the memory",
                confidence: .medium,
                how:
                    "Modify the instance in its maintenance window; with two zones it fails over for about a minute, and "
                    + "the workers wait.",
                meters: [meter, smaller]
            )
        }
        return nil
    }
}

/// How busy the workers were in their busiest hour.
private struct WorkerLoad {
    private let workers: MeasuredFacts.Workers

    init(_ situation: Situation) throws(Unknown) {
        workers = try known(
            situation.facts.workers,
            "how busy workers of a known size are (WAYBILL_WORKER_CPU, WAYBILL_WORKER_MEMORY_GB)"
        )
    }

    var count: Int64 { workers.count }
    var cpuThousandths: Int64 { workers.cpuThousandths }

    /// A worker's memory is its own, so fewer workers need none of the others'.
    var workersNeeded: Int64 {
        let percent = MachineAdvice.busiestPercent
        return (count * workers.peakCPUPercent + percent - 1) / percent
    }

    /// Hours of workers over all the hours, in thousandths, and those with so many workers at most.
    var thousandths: Int64 { workers.hourlyThousandths.reduce(0, +) }

    func thousandths(with most: Int64) -> Int64 {
        workers.hourlyThousandths.map { min($0, most * 1000) }.reduce(0, +)
    }

    /// Each must fit, also the one that leads.
    var fitsInHalf: Bool {
        let busiest = max(workers.peakCPUPercent, workers.busiestCPUPercent, workers.largestMemoryPercent)
        return busiest * 2 <= MachineAdvice.busiestPercent
    }

    var description: String {
        "\(workers.peakCPUPercent) % of the processors (the busiest worker \(workers.busiestCPUPercent) %, "
            + "the largest \(workers.largestMemoryPercent) % of its memory)"
    }
}
