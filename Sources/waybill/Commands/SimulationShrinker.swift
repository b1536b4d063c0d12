import WaybillSimulation

/// Looks for a smaller world in which a seed still breaks the same invariant: fewer faults, orders and workers.
struct SimulationShrinker {
    let seed: UInt64
    let mode: Scenario.Mode
    let invariant: Invariant
    private(set) var overrides: Scenario.Overrides

    init(seed: UInt64, mode: Scenario.Mode, invariant: Invariant, overrides: Scenario.Overrides) {
        self.seed = seed
        self.mode = mode
        self.invariant = invariant
        self.overrides = overrides
    }

    mutating func shrink() {
        for fault in Scenario(seed: seed, mode: mode, overrides: overrides).faults.sorted() {
            attempt { $0.without.insert(fault) }
        }
        for orders in [1, 2, 4, 8, 16, 32] where orders < overrides.orders ?? Scenario.orders {
            if attempt({ $0.orders = orders }) { break }
        }
        for nodes in 1..<(overrides.nodes ?? Scenario.nodes) {
            if attempt({ $0.nodes = nodes }) { break }
        }
    }

    @discardableResult
    private mutating func attempt(_ change: (inout Scenario.Overrides) -> Void) -> Bool {
        var smaller = overrides
        change(&smaller)
        let report = SimulatedWorld(Scenario(seed: seed, mode: mode, overrides: smaller)).run()
        guard report.violations.first?.invariant == invariant else { return false }
        overrides = smaller
        return true
    }
}
