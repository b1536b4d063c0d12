import Synchronization
import Testing
import WaybillCore
import WaybillPorts
import WaybillSimulation

@Suite struct SimulatorTests {
    /// What processes wrote down, in order.
    private final class Notes: Sendable {
        private let lines = Mutex<[String]>([])

        var all: [String] { lines.withLock { $0 } }

        func add(_ line: String) { lines.withLock { $0.append(line) } }
    }

    /// Shared by tasks of one process, so that every access is a point where others may come between.
    private actor Counter {
        private(set) var value = 0

        func add(_ node: SimulatedNode) async throws(CancellationError) {
            let seen = value
            try await node.sleep(for: .milliseconds(Int64(node.randomBits() % 3)))
            value = seen + 1
        }
    }

    private func busyRun(seed: UInt64) -> (RunDigest, Int, [Int]) {
        let simulator = Simulator(seed: seed)
        let values = Mutex<[Int]>([])
        for name in ["a", "b", "c"] {
            simulator.boot(name) { node in
                let counter = Counter()
                await withDiscardingTaskGroup { group in
                    for _ in 0..<10 {
                        group.addTask {
                            do {
                                try await counter.add(node)
                            } catch {
                                simulator.record("cancelled", by: node)
                            }
                        }
                    }
                }
                let value = await counter.value
                values.withLock { $0.append(value) }
                simulator.record("counted \(value)", by: node)
            }
        }
        simulator.run(until: .seconds(10))
        let result = (simulator.digest, simulator.steps, values.withLock { $0 })
        #expect(simulator.reap())
        return result
    }

    @Test(arguments: UInt64(1)...20)
    func theSameSeedGivesTheSameRun(seed: UInt64) {
        let (digest, steps, values) = busyRun(seed: seed)
        let again = busyRun(seed: seed)
        #expect(values.count == 3)
        #expect(again == (digest, steps, values))
    }

    @Test func differentSeedsGiveDifferentRuns() {
        let runs = (1...20).map { busyRun(seed: $0) }
        #expect(Set(runs.map(\.0)).count == runs.count)
        #expect(Set(runs.map(\.2)).count > 1, "the race inside the actor comes out differently")
    }

    @Test func aKilledProcessRunsNothingMore() {
        let simulator = Simulator(seed: 1)
        let notes = Notes()
        let node = simulator.boot("a") { node in
            defer { notes.add("left") }
            do {
                try await node.sleep(for: .seconds(5))
                notes.add("slept")
            } catch {
                notes.add("cancelled")
            }
        }
        simulator.after(.seconds(1)) { node.kill() }
        simulator.run(until: .seconds(60))
        #expect(notes.all.isEmpty)
        #expect(node.phase == .dead)
        #expect(simulator.reap())
        #expect(notes.all == ["cancelled", "left"], "the memory of its tasks comes back at the end")
    }

    @Test func aPausedProcessGoesOnLateAndTheOthersAtOnce() {
        let simulator = Simulator(seed: 2)
        let notes = Notes()
        let nodes = ["a", "b"].map { name in
            simulator.boot(name) { node in
                do {
                    try await node.sleep(for: .seconds(2))
                    notes.add("\(name) \(simulator.elapsed.wholeSeconds)")
                } catch {
                    notes.add("cancelled")
                }
            }
        }
        simulator.after(.seconds(1)) { nodes[0].pause(for: .seconds(1200)) }
        simulator.run(until: .seconds(3600))
        #expect(notes.all == ["b 2", "a 1201"])
        #expect(simulator.reap())
    }

    @Test func everyProcessHasClocksOfItsOwn() {
        let simulator = Simulator(seed: 3)
        let late = simulator.boot("late", clock: NodeClock(wallOffset: .seconds(-3600))) { _ in }
        let fast = simulator.boot("fast", clock: NodeClock(driftPartsPerMillion: 1000)) { node in
            do {
                try await node.sleep(for: .seconds(1000))
                simulator.record("awake", by: node)
                #expect(simulator.elapsed.wholeSeconds == 999)
            } catch {
                Issue.record("nobody cancels")
            }
        }
        simulator.run(until: .seconds(1000))
        #expect(late.wallNow() == simulator.epoch + .seconds(1000 - 3600))
        #expect(fast.monotonicNow() == .seconds(1001))
        #expect(late.randomBits() != fast.randomBits())
        #expect(simulator.reap())
    }

    @Test func anAnswerCountsOnceAndNotAfterACancellation() {
        let simulator = Simulator(seed: 4)
        let notes = Notes()
        simulator.boot("a") { node in
            let first: Int? = await node.wait { answer in
                for number in 1...2 { simulator.after(.seconds(Int64(number))) { answer.give(number) } }
            }
            notes.add("\(first ?? 0)")
            await withTaskGroup(of: Int?.self) { group in
                group.addTask { await node.wait { answer in simulator.after(.seconds(9)) { answer.give(9) } } }
                group.cancelAll()
                for await number in group { notes.add(number.map { "\($0)" } ?? "nothing") }
            }
        }
        simulator.run(until: .seconds(60))
        #expect(notes.all == ["1", "nothing"])
        #expect(simulator.reap())
    }

    @Test func codeThatIgnoresItsCancellationIsFound() {
        let simulator = Simulator(seed: 5)
        let isOver = Mutex(false)
        simulator.boot("deaf") { node in
            while !isOver.withLock({ $0 }) { await Task.yield() }
        }
        simulator.run(until: .milliseconds(10))
        #expect(simulator.reap() == false)
        isOver.withLock { $0 = true }
        #expect(simulator.reap(), "it ends once it listens")
    }

    /// It would be left behind, and nobody would end it.
    @Test func aProcessThatIsBootedWhileTheWorldEndsNeverRuns() {
        let simulator = Simulator(seed: 7)
        let hasRun = Mutex(false)
        simulator.boot("parent") { node in
            do {
                try await node.sleep(for: .seconds(60))
            } catch {
                simulator.boot("child") { _ in
                    hasRun.withLock { $0 = true }
                    while !Task.isCancelled { await Task.yield() }
                }
            }
        }
        simulator.run(until: .seconds(1))
        #expect(simulator.reap())
        #expect(!hasRun.withLock { $0 })
    }

    @Test func theTraceTellsWhatHappenedWhenAndToWhom() {
        let simulator = Simulator(seed: 6, keepsTrace: true)
        let node = simulator.boot("a") { _ in }
        simulator.after(.seconds(1)) { node.pause(for: .seconds(2)) }
        simulator.after(.seconds(9)) { node.kill() }
        simulator.run(until: .seconds(10))
        let times = ["0", "1", "3", "9"]
        let events = ["boot", "paused for 2000 ms", "goes on", "killed"]
        let expected = zip(times, events).map { "    \($0).000000  a  \($1)" }
        #expect(simulator.trace == expected)
    }
}
