import ArgumentParser

struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Runs one worker of the cluster until SIGTERM or SIGINT.",
        discussion: """
            Workers are identical; run one or fifty. On SIGTERM a worker claims no more, waits for the answers of the \
            requests on the wire, hands over what stays in doubt, and ends.

            Settings, by environment or in the JSON file that WAYBILL_CONFIG names (below "waybill", in camel case):
            \(Setting.listing)

            AWS: AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or a profile, AWS_ENDPOINT_URL.
            """
    )

    @Option(help: ArgumentHelp("What this worker does, separated by commas: \(WorkerRole.words). Default: all."))
    var roles: String?

    @Option(help: "Deliveries in hand at once.")
    var concurrency: Int?

    func run() async throws {
        var settings = try await WaybillSettings.load()
        if let roles { settings.roles = try WorkerRole.parse(roles) }
        if let concurrency {
            guard (1...1000).contains(concurrency) else {
                throw ValidationError("--concurrency: expected a whole number from 1 to 1000, found \(concurrency)")
            }
            settings.concurrency = concurrency
        }
        try await Connections.with(settings) { connections in
            try await WorkerProcess(connections: connections).run()
        }
    }
}
