import Foundation
import Logging
import WaybillAWS
import WaybillCluster
import WaybillCore
import WaybillHTTP
import WaybillPorts
import WaybillPostgres
import WaybillReactor

/// Everything that a command reaches out with. Nothing is connected before it is used.
struct Connections: Sendable {
    let settings: WaybillSettings
    let names: ResourceNames
    let logger: Logger
    let environment: any Environment
    let reactor: Reactor
    let pool: PostgresPool
    /// Jobs, worker registry, quarantine and suppressions.
    let jobs: PostgresJobStore
    let aws: AWSServices
    let usage: UsageStream

    /// AWS's wall time, as far as it is known.
    var clock: any WallClock { AWSWallClock(clock: aws.clock) }

    /// The cluster's send rate: one for each region.
    var sendRate: PostgresSendRate { PostgresSendRate(pool: pool, region: aws.configuration.region) }

    var demand: PostgresDemand { PostgresDemand(pool: pool, region: aws.configuration.region) }

    var costs: PostgresCostStore { PostgresCostStore(pool: pool) }

    var ledger: DynamoDBLedger { aws.ledger(table: names.table) }

    /// Where the cluster's metrics go; nil for nowhere.
    var metrics: (any MetricSink)? {
        switch settings.metrics {
        case .off: nil
        case .cloudwatch: aws.metrics(namespace: ClusterMetric.namespace)
        }
    }

    /// Opens what a command needs, and closes it when the command has ended or failed. `tellsUse`: what it used of AWS is added
    /// to the cluster's use at its end; a worker tells its own while it runs.
    static func with<Result: Sendable>(
        _ settings: WaybillSettings,
        tellsUse: Bool = false,
        _ body: (Connections) async throws -> Result
    ) async throws -> Result {
        let environment = SystemEnvironment()
        let usage = UsageStream()
        let logger = Logger(label: "waybill") { settings.logHandler(label: $0, usage: usage) }
        let surroundings = AWSSurroundings.system(variables: ProcessInfo.processInfo.environment)
        let reactor = try Reactor()
        let transport = HTTPEngine(reactor: reactor)
        let aws = AWSServices(
            configuration: try AWSConfiguration(surroundings),
            surroundings: surroundings,
            transport: transport,
            environment: environment,
            usage: usage
        )
        try settings.checkTimes(endpointsAreLoopback: aws.isLoopback)
        var postgres = PostgresSettings(connectionString: settings.postgres)
        postgres.maxConnections = settings.postgresConnections
        let pool = PostgresPool(postgres, reactor: reactor, environment: environment)
        let connections = Connections(
            settings: settings,
            names: ResourceNames(environment: settings.environment),
            logger: logger,
            environment: environment,
            reactor: reactor,
            pool: pool,
            jobs: PostgresJobStore(pool: pool, notesStatuses: settings.deliveryStatus == .on),
            aws: aws,
            usage: usage
        )
        do {
            let result = try await body(connections)
            if tellsUse { await connections.tellUse() }
            await connections.close(transport)
            return result
        } catch {
            await connections.close(transport)
            throw error
        }
    }

    /// A command's work is done, whether its use can be told or not.
    private func tellUse() async {
        guard settings.costs != nil else { return }
        var book = UsageBook()
        // Its output goes to a terminal, whatever the settings say of the workers' logs.
        let ofLog = ["", "info", "notice", "warning", "error", "critical", "debug", "trace"].flatMap {
            [UsageKey(.cloudWatchLogBytes, of: $0), UsageKey(.logBytes, of: $0)]
        }
        for (use, amount) in usage.take() where !ofLog.contains(use) {
            book.add(amount, of: use, in: BillingHour(clock.now()))
        }
        guard let flush = book.next() else { return }
        do throws(StoreError) {
            let source = "command-\(String(environment.randomBits(), radix: 16))"
            _ = try await costs.add(flush.rows, facts: flush.facts, source: source, flush: flush.number)
        } catch {
            Console.system.warn("what this used of AWS is missing in the costs: \(error)")
        }
    }

    /// The reactor's thread ends with the process: the I/O actors are pinned to it until they are gone.
    private func close(_ transport: HTTPEngine) async {
        await transport.shutdown()
        await pool.close()
    }

    /// The queue of that name, which `waybill setup` has made.
    func queue(named name: String) async throws -> SQSMessageQueue {
        guard let address = try await aws.setup().address(ofQueue: name) else {
            throw SettingsError("the queue \(name) is not there: run `waybill setup` for this environment first")
        }
        return aws.queue(url: address.url)
    }
}

/// The AWS adapter's clock as the cluster's port.
private struct AWSWallClock: WallClock {
    let clock: ServiceClock

    func now() -> Timestamp { clock.now() }
}
