import Logging
import Testing
import WaybillCluster
import WaybillCore
import WaybillPorts
import WaybillSimulation

/// What a worker adds up of what it uses.
@Suite struct UsageTests {
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
