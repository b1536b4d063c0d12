import WaybillCore
import WaybillSimulation

/// The table of mistakes: each must be caught, and the product must pass the same seeds.
struct SimulationMutants {
    struct Row {
        let mutant: Mutant
        /// The seed that caught it, and how.
        var caught: (seed: UInt64, violation: Violation)?
        /// What the product itself broke in the same seeds.
        var unmutated: (seed: UInt64, violation: Violation)?

        var isGood: Bool { caught != nil && unmutated == nil }
    }

    static func run(_ mutant: Mutant) -> Row {
        var row = Row(mutant: mutant)
        for seed in 1...mutant.seeds {
            let report = SimulatedWorld(mutant.scenario(seed: seed)).run()
            let plain = SimulatedWorld(mutant.scenario(seed: seed, isMistaken: false)).run()
            if let violation = plain.violations.first {
                row.unmutated = (seed, violation)
                return row
            }
            guard let violation = report.violations.first(where: { mutant.breaks.contains($0.invariant) }) else {
                continue
            }
            row.caught = (seed, violation)
            return row
        }
        return row
    }

    static func line(_ row: Row) -> String {
        let name = row.mutant.mutation.rawValue
        if let (seed, violation) = row.unmutated {
            return "\(name): the product itself fails seed \(seed): \(violation)"
        }
        guard let (seed, violation) = row.caught else { return "\(name): NOT caught in \(row.mutant.seeds) seeds" }
        return "\(name): caught by seed \(seed), \(violation.invariant.rawValue)"
    }
}
