package import Logging
package import WaybillPorts

/// Adds up what happened in this process and reports it once a minute: to the log and, if there is a sink, to the metrics.
/// Nothing waits for it.
package actor TelemetryActor {
    /// Where metrics go, of which environment they are, and what goes with the counts.
    package struct Publication: Sendable {
        package let sink: any MetricSink
        package let gauges: GaugeBoard
        package let dimensions: [Metric.Dimension]

        package init(sink: any MetricSink, environment: String, gauges: GaugeBoard) {
            self.sink = sink
            self.gauges = gauges
            dimensions = ClusterMetric.dimensions(environment: environment)
        }
    }

    private let outcomes: OutcomeStream
    private let publication: Publication?
    private let environment: any Environment
    private let interval: Duration
    private let shutdown: ShutdownSignal
    private let logger: Logger
    /// Since the process started.
    private var totals: [Outcome: Int64] = [:]
    private var unreported: [Outcome: Int64] = [:]
    private var unsent = UnsentCounts()

    package init(
        outcomes: OutcomeStream,
        publication: Publication? = nil,
        environment: any Environment,
        interval: Duration,
        shutdown: ShutdownSignal,
        logger: Logger
    ) {
        self.outcomes = outcomes
        self.publication = publication
        self.environment = environment
        self.interval = interval
        self.shutdown = shutdown
        self.logger = logger
    }

    /// Adds up until the shutdown begins, and reports what is left then.
    package func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.consume() }
            while !shutdown.hasBegun, !Task.isCancelled {
                await shutdown.sleep(for: interval, in: environment)
                report()
                if let publication { await publish(publication) }
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
        if publication != nil { unsent.add(added) }
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

    /// What a failure leaves goes with the next minute's. After a lost answer that may count it twice: a missed alarm is
    /// worse than a number too large. `WorkersAlive` and the gauges are of their own minute and never made up for.
    private func publish(_ publication: Publication) async {
        unsent.begin()
        var metrics = unsent.inHand.map { counted in
            Metric(counted.outcome.rawValue, .single(Double(counted.count)), .count, dimensions: publication.dimensions)
        }
        metrics.append(Metric(ClusterMetric.workersAlive, .single(1), .count, dimensions: publication.dimensions))
        for (gauge, value) in publication.gauges.take().sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            metrics.append(Metric(gauge.rawValue, .single(value), gauge.unit, dimensions: publication.dimensions))
        }
        do throws(MetricError) {
            try await publication.sink.put(metrics)
            unsent.ended(taken: unsent.inHand.count)
        } catch {
            unsent.ended(taken: min(error.taken, unsent.inHand.count))
            let text =
                switch error.code {
                case .refused: "metrics not taken: they are put again"
                case .unknown: "no answer to the metrics: they are put again and may count twice"
                }
            logger.warning("\(text)", metadata: ["error": "\(error)"])
        }
    }
}
