import Foundation
import Logging
import Synchronization
import Testing
import WaybillCluster
import WaybillCore
import WaybillPorts
import WaybillSimulation

/// What a worker's counts become, minute by minute, in virtual time.
@Suite struct TelemetryTests {
    private static let dimensions = ClusterMetric.dimensions(environment: "test")

    /// A telemetry actor that runs until the shutdown, and what it counts and puts.
    private struct Worker: Sendable {
        let loop: SimulatedLoop
        let outcomes = OutcomeStream()
        let sink = InMemoryMetricSink()
        let gauges = GaugeBoard()
        let shutdown = ShutdownSignal()
        let actor: TelemetryActor

        init(seed: UInt64) {
            loop = SimulatedLoop(seed: seed)
            actor = TelemetryActor(
                outcomes: outcomes,
                publication: TelemetryActor.Publication(sink: sink, environment: "test", gauges: gauges),
                environment: loop,
                interval: .seconds(60),
                shutdown: shutdown,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
        }

        /// Runs the actor beside the body, and ends it then.
        func run(_ body: @escaping @Sendable () async throws -> Void) throws {
            try loop.run {
                await withDiscardingTaskGroup { group in
                    group.addTask { await actor.run() }
                    do {
                        try await body()
                    } catch {
                        Issue.record(error)
                    }
                    shutdown.begin()
                }
            }
        }

        func sum(_ name: String) -> Double? { sink.sum(name, TelemetryTests.dimensions) }
    }

    @Test(arguments: UInt64(1)...3)
    func eachMinuteItsCountsGoInOnePut(seed: UInt64) throws {
        let worker = Worker(seed: seed)
        try worker.run {
            worker.outcomes.add(.sent, 3)
            worker.outcomes.add(.received)
            try await worker.loop.sleep(for: .seconds(61))
            #expect(worker.sink.puts.map { $0.map(\.name) } == [["Received", "Sent", "WorkersAlive"]])
            #expect(worker.sink.puts[0].allSatisfy { $0.dimensions == Self.dimensions && $0.unit == .count })
            worker.outcomes.add(.sent, 4)
            try await worker.loop.sleep(for: .seconds(60))
            // Nothing happened in the third: only the sign of life.
            try await worker.loop.sleep(for: .seconds(60))
            #expect(worker.sink.puts.map(\.count) == [3, 2, 1])
            #expect(worker.sum("Sent") == 7)
            #expect(worker.sum("WorkersAlive") == 3)
            worker.outcomes.add(.sent)
        }
        #expect(worker.sum("Sent") == 8, "the last counts go out at the shutdown")
    }

    @Test(arguments: UInt64(1)...3)
    func whatIsRefusedGoesWithTheNextMinuteAndCountsOnce(seed: UInt64) throws {
        let worker = Worker(seed: seed)
        worker.sink.fail(.refused, .refused)
        try worker.run {
            worker.outcomes.add(.sent, 3)
            try await worker.loop.sleep(for: .seconds(61))
            worker.outcomes.add(.sent, 4)
            worker.outcomes.add(.duplicateSend)
            try await worker.loop.sleep(for: .seconds(120))
            #expect(worker.sum("Sent") == 7)
            #expect(worker.sum("DuplicateSend") == 1)
            #expect(worker.sum("WorkersAlive") == 1, "a sign of life is of its own minute")
            try await worker.loop.sleep(for: .seconds(120))
            #expect(worker.sum("Sent") == 7)
        }
    }

    @Test func whatTheLeaderSaysOfMoneyGoesWithTheCountsOfItsMinuteAndOnce() throws {
        let worker = Worker(seed: 1)
        try worker.run {
            worker.gauges.set(.toDate, 12)
            worker.gauges.set(.toDate, 12.5)
            worker.gauges.set(.budgetUsed, 50)
            worker.outcomes.add(.sent)
            try await worker.loop.sleep(for: .seconds(61))
            let names = worker.sink.puts.map { $0.map(\.name) }
            #expect(names == [["Sent", "WorkersAlive", "BudgetUsedPct", "CostToDate"]])
            #expect(worker.sink.puts[0].map(\.unit) == [.count, .count, .percent, .none])
            #expect(worker.sum("CostToDate") == 12.5)
            // A gauge of a minute that failed is not made up for: the next one replaces it.
            worker.sink.fail(.refused)
            worker.gauges.set(.toDate, 13)
            try await worker.loop.sleep(for: .seconds(120))
            #expect(worker.sum("CostToDate") == 12.5)
            #expect(worker.sink.puts.last?.map(\.name) == ["WorkersAlive"])
        }
    }

    /// After a lost answer nobody knows: a count too many is better than an alarm that nobody hears.
    @Test(arguments: [(InMemoryMetricSink.Fault.requestIsLost, 1.0), (.answerIsLost, 2.0)])
    func whatGotNoAnswerIsPutAgain(fault: InMemoryMetricSink.Fault, counted: Double) throws {
        let worker = Worker(seed: 1)
        worker.sink.fail(fault)
        try worker.run {
            worker.outcomes.add(.duplicateSend)
            try await worker.loop.sleep(for: .seconds(200))
            #expect(worker.sum("DuplicateSend") == counted)
        }
    }

    /// A sink that takes the first metrics of a put and refuses the rest.
    private final class PartialSink: MetricSink {
        private let all = Mutex<[[String: Double]]>([])
        let taken: Int

        init(taken: Int) { self.taken = taken }

        var puts: [[String: Double]] { all.withLock { $0 } }

        func put(_ metrics: [Metric]) async throws(MetricError) {
            let isFirst = all.withLock { puts in
                puts.append(Dictionary(uniqueKeysWithValues: metrics.map { ($0.name, $0.sum) }))
                return puts.count == 1
            }
            if isFirst { throw MetricError(.refused, "throttled", taken: taken) }
        }
    }

    @Test func whatWasTakenOfAPutIsNotPutAgain() throws {
        let loop = SimulatedLoop(seed: 1)
        let (outcomes, shutdown, sink) = (OutcomeStream(), ShutdownSignal(), PartialSink(taken: 1))
        let actor = TelemetryActor(
            outcomes: outcomes,
            publication: TelemetryActor.Publication(sink: sink, environment: "test", gauges: GaugeBoard()),
            environment: loop,
            interval: .seconds(60),
            shutdown: shutdown,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        for outcome in [Outcome.claimed, .received, .sent] { outcomes.add(outcome, 2) }
        try loop.run {
            await withDiscardingTaskGroup { group in
                group.addTask { await actor.run() }
                await loop.sleep(for: .seconds(150), orUntil: shutdown)
                shutdown.begin()
            }
        }
        #expect(sink.puts.count == 3)
        #expect(sink.puts[0] == ["Claimed": 2, "Received": 2, "Sent": 2, "WorkersAlive": 1])
        #expect(sink.puts[1] == ["Received": 2, "Sent": 2, "WorkersAlive": 1])
        #expect(sink.puts[2] == ["WorkersAlive": 1])
    }

    /// Each metric costs money: a new one has to be written down where operators read what they pay.
    @Test func theMetricsAreThoseOfTheDocumentation() throws {
        let names = ClusterMetric.names
        #expect(Set(names).count == names.count)
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "docs/metrics.md"), encoding: .utf8)
        #expect(text.contains("\(names.count) metrics"))
        for name in names { #expect(text.contains("`\(name)`"), "docs/metrics.md does not name \(name)") }
    }
}
