import WaybillCore
import WaybillSimulation

/// What a batch of seeds came to: the last line of `simulate --json`, and what several processes add up to.
struct SimulationTally: Hashable, Sendable {
    var seeds: UInt64 = 0
    var failures: UInt64 = 0
    var firstFailure: UInt64?
    /// How the first failing seed failed.
    var violation: String?
    var simulatedSeconds: Int64 = 0
    var kills = 0
    var pauses = 0
    var deliveries = 0
    var acceptances = 0
    var events = 0
    var rare: [String: Int] = [:]
    /// All seeds' digests in one: another run of the same seeds, by the same build, must have the same.
    var digest: UInt64 = 0

    mutating func add(_ report: RunReport) {
        seeds += 1
        digest ^= report.digest.value &* (2 &* report.seed &+ 1)
        simulatedSeconds += report.elapsed.wholeSeconds * Int64(report.nodes)
        kills += report.kills
        pauses += report.pauses
        deliveries += report.deliveries
        acceptances += report.acceptances
        events += report.steps
        for (path, count) in report.rare { rare[path.rawValue, default: 0] += count }
        guard let violation = report.violations.first else { return }
        failures += 1
        guard firstFailure == nil else { return }
        firstFailure = report.seed
        self.violation = violation.description
    }

    mutating func add(_ other: SimulationTally) {
        seeds += other.seeds
        failures += other.failures
        simulatedSeconds += other.simulatedSeconds
        kills += other.kills
        pauses += other.pauses
        deliveries += other.deliveries
        acceptances += other.acceptances
        events += other.events
        digest ^= other.digest
        rare.merge(other.rare) { $0 + $1 }
        guard let first = other.firstFailure, first < firstFailure ?? .max else { return }
        firstFailure = first
        violation = other.violation
    }

    /// Paths that no seed went through.
    var missed: [RarePath] { RarePath.allCases.filter { rare[$0.rawValue] ?? 0 == 0 } }

    func json(seconds: Double) -> JSON {
        JSONShapes.object([
            ("seeds", .number(Int64(seeds))),
            ("failures", .number(Int64(failures))),
            ("firstFailingSeed", firstFailure.map { .number(Int64($0)) } ?? .null),
            ("violation", violation.map { .string($0) } ?? .null),
            ("digest", .string(String(digest, radix: 16))),
            ("clusterHours", .number(simulatedSeconds / 3600)),
            ("simulatedSeconds", .number(simulatedSeconds)),
            ("kills", .number(kills)),
            ("pauses", .number(pauses)),
            ("deliveries", .number(deliveries)),
            ("acceptances", .number(acceptances)),
            ("events", .number(events)),
            ("seedsPerSecond", .number(Int64(Double(seeds) / max(0.001, seconds)))),
            ("rare", JSONShapes.object(RarePath.allCases.map { ($0.rawValue, .number(rare[$0.rawValue] ?? 0)) })),
        ])
    }

    /// Reads what another process has printed.
    init?(_ json: JSON) {
        func number(_ name: String) -> Int64? { json[name]?.integer }
        guard let seeds = number("seeds"), let failures = number("failures"), let kills = number("kills"),
            let seconds = number("simulatedSeconds"), let pauses = number("pauses"), let events = number("events"),
            let deliveries = number("deliveries"), let acceptances = number("acceptances"),
            let digest = json["digest"]?.text.flatMap({ UInt64($0, radix: 16) }), let rare = json["rare"]?.members
        else { return nil }
        self.seeds = UInt64(seeds)
        self.failures = UInt64(failures)
        self.digest = digest
        firstFailure = number("firstFailingSeed").map { UInt64($0) }
        violation = json["violation"]?.text
        simulatedSeconds = seconds
        (self.kills, self.pauses, self.events) = (Int(kills), Int(pauses), Int(events))
        (self.deliveries, self.acceptances) = (Int(deliveries), Int(acceptances))
        self.rare = Dictionary(uniqueKeysWithValues: rare.map { ($0.name, Int($0.value.integer ?? 0)) })
    }

    init() {}
}
