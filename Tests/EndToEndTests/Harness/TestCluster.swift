import Foundation
import Synchronization

/// A whole Waybill for one test: its own database, its own local AWS, and as many worker processes as the test starts.
final class TestCluster: Sendable {
    /// How a test's cluster differs from the usual one.
    struct Settings: Sendable {
        /// V: after so long SES refuses a signature. The local AWS gets the same limit.
        var signatureValiditySeconds = 60
        /// G: how long SES may take to publish a Send event.
        var feedGraceSeconds = 60
        /// After so long a message that nobody deleted comes again; nil for what `waybill setup` gives the queues.
        var visibilitySeconds: Int?
        /// A PostgreSQL that this test alone has and may harm.
        var postgres: OwnPostgres?
        /// For the workers and every command.
        var variables: [String: String] = [:]
        /// For the workers, over everything else.
        var workerVariables: [String: String] = [:]
        /// For the local AWS.
        var localAWSVariables: [String: String] = [:]
    }

    struct OwnPostgres: Sendable {
        /// The size of its disk; nil for the machine's.
        var mebibytes: Int?
    }

    let name: String
    let folder: URL
    /// The test's own, if it asked for one.
    let postgres: PostgresServer?
    let database: TestDatabase
    let aws: LocalAWSServer
    let control: LocalAWSControl
    let commands: CommandRunner
    let settings: Settings
    private let waybill: URL
    private let workers = Mutex<[Worker]>([])

    init(
        name: String,
        folder: URL,
        commands: CommandRunner,
        postgres: PostgresServer?,
        database: TestDatabase,
        settings: Settings
    ) async throws {
        self.name = name
        self.folder = folder
        self.postgres = postgres
        self.commands = commands
        self.database = database
        self.settings = settings
        waybill = try Checkout.waybill()
        let limits = [
            "WAYBILL_LOCAL_SIGNATURE_AGE": "\(settings.signatureValiditySeconds)", "WAYBILL_LOCAL_SEND_RATE": "100000",
        ]
        aws = try await LocalAWSServer.start(
            in: folder,
            environment: limits.merging(settings.localAWSVariables) { $1 }
        )
        control = LocalAWSControl(url: aws.url)
    }

    var ordersTopic: String { "order-confirmations-\(name)" }
    var feedbackTopic: String { "ses-feedback-\(name)" }
    var statusTopic: String { "delivery-status-\(name)" }
    var ordersQueue: String { "waybill-orders-\(name)" }
    var feedbackQueue: String { "waybill-feedback-\(name)" }
    var rawEvents: RawEvents { RawEvents(endpoint: aws.url, folder: folder, commands: commands) }

    /// The database's schema and everything in the AWS account, made by the program itself.
    func setUp() async throws {
        try await run("migrate")
        try await run("setup")
        guard let seconds = settings.visibilitySeconds else { return }
        try await rawEvents.setVisibility(of: [ordersQueue, feedbackQueue], seconds: seconds)
    }

    // MARK: - Workers

    /// Starts a worker and does not wait for it. `variables` are for it alone.
    @discardableResult
    func startWorker(roles: String = Worker.allRoles, variables own: [String: String] = [:]) async throws -> Worker {
        let port = try await freePort()
        let number = workers.withLock { $0.count + 1 }
        let variables = ["WAYBILL_HTTP_PORT": "\(port)"].merging(settings.workerVariables) { $1 }.merging(own) { $1 }
        let process = try ChildProcess(
            name: "worker-\(number)",
            program: waybill,
            arguments: ["worker", "--roles", roles],
            environment: environment.merging(variables) { $1 },
            folder: folder,
            output: folder.appendingPathComponent("worker-\(number).log")
        )
        let worker = Worker(process: process, port: port)
        let pids = workers.withLock { workers in
            workers.append(worker)
            return workers.filter { $0.process.ended == nil }.map(\.process.pid)
        }
        try aws.keepWatch(over: pids)
        return worker
    }

    /// Starts workers of all roles and waits until each holds a lease.
    @discardableResult
    func startReadyWorkers(_ count: Int) async throws -> [Worker] {
        var started: [Worker] = []
        for _ in 0..<count { started.append(try await startWorker()) }
        for worker in started { try await worker.becomesReady() }
        return started
    }

    /// A wire that the test can cut. It ends with this process at the latest.
    func startProxy(to port: Int, named name: String) async throws -> FaultProxy {
        try await FaultProxy.start(to: port, named: name, in: folder)
    }

    var allWorkers: [Worker] { workers.withLock { $0 } }

    // MARK: - Commands

    /// Runs `waybill` and throws unless it succeeds.
    @discardableResult
    func run(_ arguments: String..., within limit: Duration = .seconds(60)) async throws -> CommandResult {
        try await commands.require(waybill, arguments, environment: environment, within: limit)
    }

    /// Runs `waybill` and returns what it wrote and how it ended.
    func runWhateverTheExit(_ arguments: [String]) async throws -> CommandResult {
        try await commands.run(waybill, arguments, environment: environment)
    }

    /// What every process of this cluster has in its environment. Nothing comes from the tests' own environment, and the home
    /// folder is empty, so that no credentials of the person at the machine are in reach.
    var environment: [String: String] {
        [
            "PATH": "/usr/bin:/bin",
            "HOME": folder.path,
            "TMPDIR": folder.path,
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_ENDPOINT_URL": aws.url.absoluteString,
            "WAYBILL_ENVIRONMENT": name,
            "WAYBILL_POSTGRES": database.conninfo,
            "WAYBILL_TEMPLATES": Checkout.folder.appendingPathComponent("ops/templates/order-confirmation").path,
            "WAYBILL_PRICES": Checkout.folder.appendingPathComponent("ops/prices").path,
            "WAYBILL_MIGRATIONS": Checkout.folder.appendingPathComponent("migrations").path,
            "WAYBILL_SEND_RATE": "10000",
            "WAYBILL_SEND_BURST": "1000",
            "WAYBILL_SWEEP_SECONDS": "1",
            "WAYBILL_SIGNATURE_VALIDITY_SECONDS": "\(settings.signatureValiditySeconds)",
            "WAYBILL_FEED_GRACE_SECONDS": "\(settings.feedGraceSeconds)",
            "WAYBILL_LOG_FORMAT": "json",
            "WAYBILL_LOG_LEVEL": "debug",
        ].merging(settings.variables) { $1 }
    }

    private func freePort() async throws -> Int {
        let program = try Checkout.program("python3")
        let script = "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])"
        let text = try await commands.require(program, ["-c", script], environment: [:]).text
        guard let port = Int(text.filter(\.isNumber)) else { throw UnexpectedAnswer("a port", found: text) }
        return port
    }
}
