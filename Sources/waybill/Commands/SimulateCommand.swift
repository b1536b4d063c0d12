import ArgumentParser
import WaybillCore
import WaybillSimulation

struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Run the cluster's own actors in simulated worlds, one a seed, and judge them.",
        discussion: """
            Each seed is a world of its own: workers with wrong clocks, a shop, PostgreSQL,
            DynamoDB, SQS and SES in memory behind a network that loses and delays, and
            faults drawn from the seed. Time is virtual, and no server is needed. A seed
            that breaks an invariant ends the command with 1 and names the command that
            replays it. The same seed, commit and build give the same run.

            EXAMPLES
              waybill simulate --seeds 1000 --jobs 2
              waybill simulate --mode liveness --seeds 1000 --json
              waybill simulate --replay 17 --trace    what happened, line by line
              waybill simulate --replay 17 --shrink   look for a smaller world
              waybill simulate --mutants              each mistake must be caught
              waybill simulate --month 2027-02        what a month costs, by the leader
            """
    )

    /// A batch of so many seeds must have gone through every rare path.
    private static let completeBatch: UInt64 = 1000

    @Option(help: ArgumentHelp("How many seeds.", valueName: "n"))
    var seeds: UInt64 = 100

    @Option(help: ArgumentHelp("The first seed.", valueName: "seed"))
    var from: UInt64 = 1

    @Option(help: "safety: faults to the end. liveness: they stop, and everything must end.")
    var mode: Scenario.Mode = .safety

    @Option(help: ArgumentHelp("Workers, 1 to 30.", valueName: "n"))
    var nodes: Int?

    @Option(help: ArgumentHelp("Orders, 1 to 10000.", valueName: "n"))
    var orders: Int?

    @Option(help: ArgumentHelp("Processes, 1 to 64.", valueName: "n"))
    var jobs = 1

    @Option(parsing: .upToNextOption, help: "These faults and no others.")
    var only: [FaultKind] = []

    @Option(parsing: .upToNextOption, help: "Never these faults.")
    var without: [FaultKind] = []

    @Option(help: "A deliberate mistake, as --mutants lists them.")
    var mutation: Mutation?

    @Option(help: ArgumentHelp("Run this seed alone.", valueName: "seed"))
    var replay: UInt64?

    @Flag(help: "With --replay: print everything that happened.")
    var trace = false

    @Flag(help: "With --replay: look for a smaller world that fails alike.")
    var shrink = false

    @Flag(help: "Run the table of deliberate mistakes.")
    var mutants = false

    @Flag(help: "Print one JSON object as the last line.")
    var json = false

    @OptionGroup var bill: SimulatedMonthOptions

    /// One process of several: who started it judges the sum.
    @Flag(help: .hidden)
    var share = false

    func validate() throws {
        guard seeds >= 1 else { throw ValidationError("--seeds is at least 1.") }
        guard (1...64).contains(jobs) else { throw ValidationError("--jobs is 1 to 64.") }
        guard (1...30).contains(nodes ?? 1) else { throw ValidationError("--nodes is 1 to 30.") }
        guard (1...10_000).contains(orders ?? 1) else { throw ValidationError("--orders is 1 to 10000.") }
        guard replay != nil || !(trace || shrink) else { throw ValidationError("--trace and --shrink need --replay.") }
        guard bill.month == nil || replay == nil && !mutants else {
            throw ValidationError("--month goes with neither --replay nor --mutants.")
        }
    }

    func run() async throws {
        if let plan = try bill.plan(seed: from) { return try bill.run(plan) }
        if mutants { return try runMutants() }
        if let replay { return try runAgain(replay) }
        let clock = ContinuousClock()
        let begun = clock.now
        let tally = jobs == 1 ? batch() : try processes()
        let seconds = (clock.now - begun).fractionalSeconds
        report(tally, seconds: seconds)
        if !share { try judge(tally) }
    }

    private var overrides: Scenario.Overrides {
        Scenario.Overrides(
            nodes: nodes,
            orders: orders,
            without: Set(without),
            only: only.isEmpty ? nil : Set(only),
            mutation: mutation
        )
    }

    private func batch() -> SimulationTally {
        var tally = SimulationTally()
        var progress = ProgressLine(isShown: Console.system.showsProgress)
        let clock = ContinuousClock()
        let begun = clock.now
        for seed in from..<(from + seeds) {
            let scenario = Scenario(seed: seed, mode: mode, overrides: overrides)
            tally.add(SimulatedWorld.runWatched(scenario))
            let line = progress.update(now: clock.now - begun) {
                "\(tally.seeds) of \(seeds) seeds, \(tally.failures) failed"
            }
            if let line { StandardError.write(line) }
        }
        if let line = progress.finish() { StandardError.write(line) }
        return tally
    }

    private func processes() throws -> SimulationTally {
        try SimulationProcesses(jobs: jobs, seeds: from...(from + seeds - 1), arguments: shared).run()
    }

    /// The options that decide what a seed is.
    private var shared: [String] {
        var words = ["--mode", mode.rawValue]
        if let nodes { words += ["--nodes", "\(nodes)"] }
        if let orders { words += ["--orders", "\(orders)"] }
        if !only.isEmpty { words += ["--only"] + only.map(\.rawValue) }
        if !without.isEmpty { words += ["--without"] + without.map(\.rawValue) }
        if let mutation { words += ["--mutation", mutation.rawValue] }
        return words
    }

    private func report(_ tally: SimulationTally, seconds: Double) {
        let console = Console.system
        if json { return console.show([tally.json(seconds: seconds).description]) }
        let hours = tally.simulatedSeconds / 3600
        let speed = Int(Double(tally.seeds) / max(0.001, seconds))
        console.show([
            "\(tally.seeds) seeds (\(mode.rawValue)), \(tally.failures) failed, \(speed) seeds a second",
            "\(hours) hours of workers, \(tally.kills) kills, \(tally.pauses) pauses, \(tally.events) events",
            "\(tally.deliveries) deliveries accepted by SES, \(tally.acceptances - tally.deliveries) acceptances beyond",
            "rare paths:",
        ])
        console.show(
            RarePath.allCases.map { path in
                let count = "\(tally.rare[path.rawValue] ?? 0)"
                return String(repeating: " ", count: max(1, 9 - count.count)) + count + "  " + path.rawValue
            }
        )
    }

    private func judge(_ tally: SimulationTally) throws {
        if let seed = tally.firstFailure {
            let words = (["waybill", "simulate", "--replay", "\(seed)"] + shared + ["--trace"]).joined(separator: " ")
            throw CommandFailure(.failed, "seed \(seed) broke \(tally.violation ?? ""); replay: \(words)")
        }
        let missed = tally.missed.filter { $0.isExpected(in: mode) }.map(\.rawValue)
        if tally.seeds >= Self.completeBatch, overrides == Scenario.Overrides(), !missed.isEmpty {
            throw CommandFailure(.failed, "no seed went through: \(missed.joined(separator: ", "))")
        }
    }

    private func runAgain(_ seed: UInt64) throws {
        let console = Console.system
        let scenario = Scenario(seed: seed, mode: mode, overrides: overrides)
        let report = SimulatedWorld.runWatched(scenario, keepsTrace: trace)
        console.show(["\(scenario)"] + report.trace + ["digest \(report.digest), \(report.steps) events"])
        guard let violation = report.violations.first else { return }
        if shrink {
            var shrinker = SimulationShrinker(
                seed: seed,
                mode: mode,
                invariant: violation.invariant,
                overrides: overrides
            )
            shrinker.shrink()
            console.show(["smaller: \(Scenario(seed: seed, mode: mode, overrides: shrinker.overrides))"])
        }
        throw CommandFailure(.failed, "\(violation)")
    }

    private func runMutants() throws {
        var bad = 0
        for mutant in Mutant.table where mutation == nil || mutant.mutation == mutation {
            let row = SimulationMutants.run(mutant)
            Console.system.show([SimulationMutants.line(row)])
            if !row.isGood { bad += 1 }
        }
        if bad > 0 { throw CommandFailure(.failed, "\(bad) mutants were not caught, or the product fails beside them") }
    }
}

extension SimulatedWorld {
    /// Under the tripwire, when the process was started with it.
    static func runWatched(_ scenario: Scenario, keepsTrace: Bool = false) -> RunReport {
        let tripwire = Tripwire.loaded()
        let world = SimulatedWorld(scenario, keepsTrace: keepsTrace)
        tripwire?.arm()
        defer { tripwire?.disarm() }
        return world.run()
    }
}

extension Scenario.Mode: ExpressibleByArgument {}
extension FaultKind: ExpressibleByArgument {}
extension Mutation: ExpressibleByArgument {}
