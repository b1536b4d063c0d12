import Logging
import Synchronization
import Testing
import WaybillCluster
import WaybillCore
import WaybillPorts
import WaybillSimulation

/// What a worker adds up of what it uses.
@Suite struct UsageTests {
    /// Keeps what it is told.
    private final class Ledger: UsageStore {
        private let state = Mutex<[FactRow]>([])

        var facts: [FactRow] { state.withLock { $0 } }

        func add(
            _ rows: [UsageRow],
            facts: [FactRow],
            source: String,
            flush: Int64
        ) async throws(StoreError) -> Bool {
            state.withLock {
                $0 += facts.map { FactRow(hour: $0.hour, fact: $0.fact, resource: "", amount: $0.amount) }
            }
            return true
        }
    }

    @Test func aProcessTellsItsLoadOfEachMinuteAndTheUnitsOfItsBusiestSecond() throws {
        let loop = SimulatedLoop(seed: 1, startingAt: Timestamp(seconds: 1_800_000_000))
        let (usage, shutdown, store) = (UsageStream(), ShutdownSignal(), Ledger())
        let looks = Mutex<Int64>(0)
        let actor = CostActor(
            usage: usage,
            load: {
                let look = looks.withLock { looks in
                    looks += 1
                    return looks
                }
                return ProcessLoad(processorTime: .seconds(3 * look), memoryBytes: 100 * look)
            },
            account: CostActor.Account(store: store, clock: loop),
            environment: loop,
            interval: .seconds(60),
            shutdown: shutdown,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        try loop.run(limit: .seconds(8000)) {
            await withDiscardingTaskGroup { group in
                group.addTask { await actor.run() }
                for second in 1...5 {
                    await loop.sleep(for: .seconds(1), orUntil: shutdown)
                    for _ in 0..<second { usage.used(Usage(.dynamoDBWriteUnits, of: "table", thousandths: 1500)) }
                    usage.used(Usage(.sqsRequests, of: "orders", thousandths: 90_000))
                }
                await loop.sleep(for: .seconds(86), orUntil: shutdown)
                shutdown.begin()
            }
        }
        let amounts = { (fact: UseFact) in store.facts.filter { $0.fact == fact }.map(\.amount) }
        #expect(amounts(.peakWriteUnits) == [7500])
        #expect(amounts(.peakReadUnits) == [])
        #expect(amounts(.runTime) == [60_000, 31_000])
        #expect(amounts(.processorTime) == [3_000, 3_000])
        #expect(amounts(.memoryPeak) == [100, 200])
    }

    @Test func useIsAddedUpByMeterAndResourceWithTheHoursOfTheProcess() throws {
        let loop = SimulatedLoop(seed: 1)
        let (usage, shutdown) = (UsageStream(), ShutdownSignal())
        let size = try #require(ProcessHours.Size(architecture: .arm, milliCPU: 500, milliGigabytes: 1000))
        let actor = CostActor(
            usage: usage,
            size: size,
            environment: loop,
            interval: .seconds(60),
            shutdown: shutdown,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        try loop.run(limit: .seconds(8000)) {
            await withDiscardingTaskGroup { group in
                group.addTask { await actor.run() }
                usage.used(Usage(.sqsRequests, of: "orders", thousandths: 1000))
                usage.used(Usage(.sqsRequests, of: "feedback", thousandths: 2000))
                usage.used(Usage(.sqsRequests, of: "orders", thousandths: 3000))
                await loop.sleep(for: .seconds(7200), orUntil: shutdown)
                let totals = await actor.currentTotals()
                shutdown.begin()
                #expect(
                    totals == [
                        UsageKey(.sqsRequests, of: "orders"): 4000, UsageKey(.sqsRequests, of: "feedback"): 2000,
                        UsageKey(.fargateARMCPUHours): 1000, UsageKey(.fargateARMMemory): 2000,
                    ]
                )
            }
        }
    }
}
