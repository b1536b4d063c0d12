import Configuration
import Logging
import WaybillCore

/// What an operator may set. From the environment (`WAYBILL_…`), or from the JSON file that `WAYBILL_CONFIG` names, below
/// its key `waybill`; the environment wins.
struct WaybillSettings: Sendable {
    var postgres: String
    var postgresConnections: Int
    var environment: String
    var from: String
    var replyTo: String?
    var templates: String
    /// The file with the other brands.
    var brandFile: String?
    var migrations: String
    var roles: Set<WorkerRole>
    var concurrency: Int
    /// Emails a second of the whole cluster, in thousandths; nil for what SES allows.
    var sendMilliRate: Int64?
    var sendBurst: Int64
    var delivery: DeliveryPolicy
    var lease: LeaseMachine.Timing
    var sweepInterval: Duration
    var recipients: RecipientGuard
    var historyDays: Int
    /// Within which the wanted number of workers stays.
    var workers: ClosedRange<Int>
    /// Whether the shop is told by SNS what becomes of its deliveries.
    var deliveryStatus: DeliveryStatusMode
    /// What costs are reckoned with; nil when they are not.
    var costs: CostChoices?
    var httpHost: String
    var httpPort: Int
    var logLevel: Logger.Level
    var logFormat: LogFormat
    var logDestination: LogDestination
    var metrics: MetricsMode
    /// What this worker's task was given; nil when nobody said.
    var workerSize: ProcessHours.Size?

    /// Reads and checks all of them.
    static func load() async throws(SettingsError) -> WaybillSettings {
        let reader = try await SettingsReader.make()
        let rate = try reader.optionalText(.sendRate) == nil ? nil : reader.decimalThousandths(.sendRate, atLeast: 1)
        let lease = Duration.seconds(try reader.integer(.leaseSeconds, 3...60))
        return WaybillSettings(
            postgres: try reader.text(.postgres),
            postgresConnections: try reader.integer(.postgresConnections, 2...100),
            environment: try reader.environmentName(),
            from: try reader.text(.from),
            replyTo: try reader.optionalText(.replyTo),
            templates: try reader.text(.templates),
            brandFile: try reader.optionalText(.brands),
            migrations: try reader.text(.migrations),
            roles: try WorkerRole.parse(try reader.text(.roles)),
            concurrency: try reader.integer(.concurrency, 1...1000),
            sendMilliRate: rate,
            sendBurst: Int64(try reader.integer(.sendBurst, 1...10_000)),
            delivery: try reader.deliveryPolicy(),
            lease: LeaseMachine.Timing(lease: lease, renewal: lease * 3 / 10, margin: lease / 10),
            sweepInterval: .seconds(try reader.integer(.sweepSeconds, 1...300)),
            recipients: try reader.recipientGuard(),
            historyDays: try reader.integer(.historyDays, 1...3650),
            workers: try reader.workerRange(),
            deliveryStatus: try reader.choice(.deliveryStatus, of: DeliveryStatusMode.self),
            costs: try reader.costChoices(),
            httpHost: try reader.text(.httpHost),
            httpPort: try reader.integer(.httpPort, 0...65_535),
            logLevel: try reader.logLevel(),
            logFormat: try reader.logFormat(),
            logDestination: try reader.choice(.logDestination, of: LogDestination.self),
            metrics: try reader.choice(.metrics, of: MetricsMode.self),
            workerSize: try reader.workerSize()
        )
    }

    /// V below 6 minutes or G below 1 minute give up the protocol's safety against AWS: they are for a local AWS only.
    func checkTimes(endpointsAreLoopback: Bool) throws(SettingsError) {
        guard !endpointsAreLoopback else { return }
        guard delivery.signatureValidity >= .seconds(360) else {
            throw SettingsError(.signatureValiditySeconds, "at least 360 unless every AWS endpoint is loopback")
        }
        guard delivery.feedGrace >= .seconds(60) else {
            throw SettingsError(.feedGraceSeconds, "at least 60 unless every AWS endpoint is loopback")
        }
        guard delivery.feedDrain >= .seconds(60) else {
            throw SettingsError(.feedDrainSeconds, "at least 60 unless every AWS endpoint is loopback")
        }
    }
}

extension SettingsReader {
    /// More than ten thousand workers would be a mistake.
    fileprivate func workerRange() throws(SettingsError) -> ClosedRange<Int> {
        let least = try integer(.minWorkers, 0...10_000)
        let most = try integer(.maxWorkers, 1...10_000)
        guard least <= most else {
            throw SettingsError(.maxWorkers, "at least \(Setting.minWorkers.variable) (\(least)), found '\(most)'")
        }
        return least...most
    }

    /// Both settings or neither: half a task has no price.
    func workerSize() throws(SettingsError) -> ProcessHours.Size? {
        let isSet = try (optionalText(.workerCPU) != nil, optionalText(.workerMemoryGB) != nil)
        guard isSet != (false, false) else { return nil }
        guard isSet == (true, true) else {
            let (missing, other) = isSet.0 ? (Setting.workerMemoryGB, Setting.workerCPU) : (.workerCPU, .workerMemoryGB)
            throw SettingsError(missing, "a number, because \(other.variable) is set")
        }
        let cpu = try decimalThousandths(.workerCPU, atLeast: 1)
        let memory = try decimalThousandths(.workerMemoryGB, atLeast: 1)
        guard cpu <= ProcessHours.Size.mostMilliCPU else {
            throw SettingsError(.workerCPU, "at most \(ProcessHours.Size.mostMilliCPU / 1000)")
        }
        guard
            let size = ProcessHours.Size(architecture: .own, milliCPU: cpu, milliGigabytes: memory)
        else { throw SettingsError(.workerMemoryGB, "at most \(ProcessHours.Size.mostMilliGigabytes / 1000)") }
        return size
    }

    fileprivate func deliveryPolicy() throws(SettingsError) -> DeliveryPolicy {
        let staleAfter = try integer(.staleAfterSeconds, 0...31_536_000)
        return DeliveryPolicy(
            signatureValidity: .seconds(try integer(.signatureValiditySeconds, 1...3600)),
            feedGrace: .seconds(try integer(.feedGraceSeconds, 1...86_400)),
            inDoubt: try choice(.inDoubt, of: InDoubtMode.self),
            feedDrain: .seconds(try integer(.feedDrainSeconds, 1...3600)),
            feedPatience: .seconds(try integer(.feedPatienceSeconds, 0...86_400)),
            maximumAge: staleAfter > 0 ? .seconds(staleAfter) : nil,
            staleOrders: try choice(.staleOrders, of: StaleOrderMode.self),
            retention: .seconds(try integer(.retentionDays, 90...3650) * 86_400)
        )
    }
}

/// A setting that is missing or wrong: which one, and what was expected.
struct SettingsError: Error, CustomStringConvertible {
    let message: String

    init(_ setting: Setting, _ expected: String) {
        message = "\(setting.variable): expected \(expected)"
    }

    init(_ message: String) {
        self.message = message
    }

    var description: String { message }
}

/// Where the cluster's metrics go.
enum MetricsMode: String, CaseIterable, Sendable {
    case off, cloudwatch
}

/// Whether status changes are published.
enum DeliveryStatusMode: String, CaseIterable, Sendable {
    case off, on
}
