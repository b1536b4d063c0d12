package import Logging
package import WaybillCore
package import WaybillPorts

/// Adds up what this process used, by meter and resource: what its calls of AWS report, and the hours that it runs. Once a
/// minute, and at the end, it is added to what the cluster used; nothing waits for it. The leader prices it.
package actor CostActor {
    /// Where the cluster's use is added up.
    package struct Account: Sendable {
        package var store: any UsageStore
        /// Says in which hour something was used.
        package var clock: any WallClock

        package init(store: any UsageStore, clock: any WallClock) {
            self.store = store
            self.clock = clock
        }
    }

    private let usage: UsageStream
    /// Nil: it is only shown.
    private let account: Account?
    /// A name for this process that no other has.
    private let source: String
    private var book = UsageBook()
    private let environment: any Environment
    private let interval: Duration
    private let shutdown: ShutdownSignal
    private let logger: Logger
    /// Nil when nobody said how large this process is.
    private var hours: ProcessHours?
    /// What the system says of this process; nil where nobody asks it.
    private let load: (@Sendable () throws -> ProcessLoad)?
    private var lastLoad: (processorTime: Duration, at: Duration)
    private var second = BusiestSecond()
    /// Thousandths of each meter's unit, since the process started.
    private var totals: [UsageKey: Int64] = [:]

    package init(
        usage: UsageStream,
        size: ProcessHours.Size? = nil,
        load: (@Sendable () throws -> ProcessLoad)? = nil,
        account: Account? = nil,
        environment: any Environment,
        interval: Duration,
        shutdown: ShutdownSignal,
        logger: Logger
    ) {
        self.usage = usage
        self.account = account
        let bits = [environment.randomBits(), environment.randomBits()]
        source = bits.map { String($0, radix: 16) }.joined(separator: "-")
        hours = size.map { ProcessHours($0, startedAt: environment.monotonicNow()) }
        self.load = load
        lastLoad = (.zero, environment.monotonicNow())
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
                look()
                await tell()
            }
            group.cancelAll()
        }
    }

    private func consume() async {
        for await _ in usage.additions { collect() }
    }

    /// The totals up to this moment, in thousandths of each meter's unit.
    package func currentTotals() -> [UsageKey: Int64] {
        collect()
        return totals
    }

    private func collect() {
        for (use, thousandths) in usage.take() { add(thousandths, of: use) }
        for use in hours?.ran(until: environment.monotonicNow()) ?? [] { add(use.thousandths, of: UsageKey(use.meter)) }
    }

    private func add(_ amount: Int64, of use: UsageKey) {
        if case .meter = use.subject { totals[use, default: 0] += amount }
        guard let account else { return }
        let now = account.clock.now()
        book.add(amount, of: use, in: BillingHour(now))
        if case .meter(let meter) = use.subject, let peak = second.add(amount, of: meter, at: now) {
            book.add(peak.thousandths, of: UsageKey(peak.fact, of: source), in: BillingHour(now))
        }
    }

    /// How busy this process was since the last look.
    private func look() {
        guard let load, let account else { return }
        do {
            let (seen, at) = (try load(), environment.monotonicNow())
            let hour = BillingHour(account.clock.now())
            let facts: [(UseFact, Int64)] = [
                (.runTime, (at - lastLoad.at).wholeMilliseconds),
                (.processorTime, (seen.processorTime - lastLoad.processorTime).wholeMilliseconds),
                (.memoryPeak, seen.memoryBytes),
            ]
            for (fact, amount) in facts { book.add(max(0, amount), of: UsageKey(fact, of: source), in: hour) }
            lastLoad = (seen.processorTime, at)
        } catch {
            logger.warning("the load of this process is not known", metadata: ["error": "\(error)"])
        }
    }

    /// Tells what was used since the last time; what could not be told is told with the next minute's.
    private func tell() async {
        guard let account else { return }
        collect()
        do throws(StoreError) {
            // One that was left over, and then this minute's: what comes meanwhile waits for the next.
            for _ in 0..<2 {
                guard let flush = book.next() else { return }
                _ = try await account.store.add(
                    flush.rows,
                    facts: flush.facts,
                    source: source,
                    flush: flush.number
                )
                book.told(flush.number)
            }
        } catch {
            logger.warning("use not told, it is told later", metadata: ["error": "\(error)"])
        }
    }

    private func report() {
        let totals = currentTotals()
        guard !totals.isEmpty else { return }
        var metadata: Logger.Metadata = [:]
        for (key, thousandths) in totals {
            let name = key.resource.isEmpty ? key.name : "\(key.name).\(key.resource)"
            metadata["usage.\(name)"] = "\(thousandths)"
        }
        logger.info("AWS usage since the start, in thousandths", metadata: metadata)
    }
}
