package import Logging
package import WaybillPorts

/// Adds up what this process used of AWS, by meter. Pricing it is a later step; nothing waits for it.
package actor CostActor {
    private let usage: UsageStream
    private let environment: any Environment
    private let interval: Duration
    private let shutdown: ShutdownSignal
    private let logger: Logger
    /// Thousandths of each meter's unit, since the process started.
    private var totals: [String: Int64] = [:]

    package init(
        usage: UsageStream,
        environment: any Environment,
        interval: Duration,
        shutdown: ShutdownSignal,
        logger: Logger
    ) {
        self.usage = usage
        self.environment = environment
        self.interval = interval
        self.shutdown = shutdown
        self.logger = logger
    }

    /// Adds up until the shutdown begins.
    package func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.consume() }
            while !shutdown.hasBegun, !Task.isCancelled {
                await shutdown.sleep(for: interval, in: environment)
                report()
            }
            group.cancelAll()
        }
    }

    private func consume() async {
        for await _ in usage.additions { collect() }
    }

    /// The totals up to this moment, in thousandths of each meter's unit.
    package func currentTotals() -> [String: Int64] {
        collect()
        return totals
    }

    private func collect() {
        totals.merge(usage.take()) { $0 + $1 }
    }

    private func report() {
        let totals = currentTotals()
        guard !totals.isEmpty else { return }
        let metadata = Dictionary(uniqueKeysWithValues: totals.map { ("usage.\($0.key)", "\($0.value)") })
        logger.info("AWS usage since the start, in thousandths", metadata: metadata.mapValues { .string($0) })
    }
}
