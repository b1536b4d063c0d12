package import Logging
package import WaybillPorts

/// Adds up what happened in this process and reports it once a minute. Nothing waits for it.
package actor TelemetryActor {
    private let outcomes: OutcomeStream
    private let environment: any Environment
    private let interval: Duration
    private let shutdown: ShutdownSignal
    private let logger: Logger
    /// Since the process started.
    private var totals: [Outcome: Int64] = [:]
    private var unreported: [Outcome: Int64] = [:]

    package init(
        outcomes: OutcomeStream,
        environment: any Environment,
        interval: Duration,
        shutdown: ShutdownSignal,
        logger: Logger
    ) {
        self.outcomes = outcomes
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
        for await _ in outcomes.additions { collect() }
    }

    /// The totals up to this moment, for the status page and `/metrics`.
    package func currentTotals() -> [Outcome: Int64] {
        collect()
        return totals
    }

    private func collect() {
        let added = outcomes.take()
        totals.merge(added) { $0 + $1 }
        unreported.merge(added) { $0 + $1 }
    }

    private func report() {
        collect()
        let added = unreported
        unreported = [:]
        guard !added.isEmpty else { return }
        var metadata: Logger.Metadata = [:]
        for (outcome, count) in added { metadata["count.\(outcome.rawValue)"] = "\(count)" }
        logger.info("work done since the last report", metadata: metadata)
    }
}
