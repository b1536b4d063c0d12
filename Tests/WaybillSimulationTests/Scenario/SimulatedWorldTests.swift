import Testing
import WaybillCore
import WaybillSimulation

/// A handful of worlds in debug; the release program runs hundreds (`ops/simulate`).
@Suite struct SimulatedWorldTests {
    @Test(arguments: Scenario.Mode.allCases, [1, 2, 3] as [UInt64])
    func aWorldHoldsItsPromises(mode: Scenario.Mode, seed: UInt64) {
        let scenario = Scenario(seed: seed, mode: mode, overrides: Scenario.Overrides(orders: 20, isShort: true))
        let report = SimulatedWorld(scenario).run()
        #expect(report.violations == [], "\(scenario)")
        #expect(report.deliveries > 0)
    }

    @Test(arguments: Scenario.Mode.allCases)
    func aWorldThatHasEndedLeavesNothingInMemory(mode: Scenario.Mode) {
        func end(_ seed: UInt64) -> Weak<Simulator> {
            let overrides = Scenario.Overrides(orders: 10, isShort: true)
            let world = SimulatedWorld(Scenario(seed: seed, mode: mode, overrides: overrides))
            _ = world.run()
            return Weak(value: world.simulator)
        }
        for seed in 1...5 as ClosedRange<UInt64> { #expect(end(seed).value == nil, "seed \(seed)") }
    }

    private struct Weak<Value: AnyObject> {
        weak let value: Value?
    }

    @Test func theSameSeedIsTheSameRunWithAndWithoutATrace() {
        let scenario = Scenario(seed: 7, mode: .safety, overrides: Scenario.Overrides(orders: 20, isShort: true))
        let (first, second) = (SimulatedWorld(scenario).run(), SimulatedWorld(scenario, keepsTrace: true).run())
        #expect(first.digest == second.digest)
        #expect(first.steps == second.steps)
        #expect(first.trace.isEmpty && !second.trace.isEmpty)
    }

    @Test func everyMistakeHasItsRowAndBreaksSomething() {
        #expect(Set(Mutant.table.map(\.mutation)) == Set(Mutation.allCases))
        for mutant in Mutant.table {
            #expect(!mutant.breaks.isEmpty)
            #expect(mutant.seeds <= 300 || mutant.reason != nil, "\(mutant.mutation)")
        }
    }

    @Test(arguments: [Mutation.deletedBeforeDurable, .rankIgnored, .clientPostsAgain])
    func aMistakeIsSeen(mutation: Mutation) throws {
        let mutant = try #require(Mutant.table.first { $0.mutation == mutation })
        let isSeen = (1...20 as ClosedRange<UInt64>).contains { seed in
            let report = SimulatedWorld(mutant.scenario(seed: seed)).run()
            return report.violations.contains { mutant.breaks.contains($0.invariant) }
        }
        #expect(isSeen)
    }

    @Test func aScenarioSaysEverythingThatItsSeedDecides() {
        let scenario = Scenario(seed: 3, mode: .liveness)
        let text = scenario.description
        for word in ["seed 3", "liveness", "3 nodes", "60 orders", "faults:"] { #expect(text.contains(word)) }
        #expect(Scenario(seed: 3, mode: .liveness) == scenario)
        #expect(Scenario(seed: 4, mode: .liveness) != scenario)
    }
}
