import ArgumentParser
import WaybillAWS
import WaybillCore
import WaybillPorts

struct PublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Publish orders to the environment's SNS topic.",
        discussion: """
            FILE holds one order (JSON, ops/schema/order-confirmed.v1.json) a line. A line
            goes out as it is: workers check it and quarantine what is wrong.

            EXAMPLES
              waybill publish orders.jsonl
              tail -f orders.jsonl | waybill publish -    as they come
              waybill publish orders.jsonl --repeat 3     each order still gets one email
              waybill publish orders.jsonl --rate 20      messages a second

            REAL ORDERS TO TRY IT WITH
              waybill publish --cdnow ops/data/cdnow-sample.txt --limit 200
              turns purchases of an online shop into orders placed now, to addresses of
              SES's mailbox simulator; a share of them bounces or complains. Publishing
              them again needs another --prefix: the same order id with another time is a
              conflict, and quarantined.

            Ends with 1 when a line failed; standard error names it.
            """
    )

    @Argument(help: "Orders as JSON lines; - for standard input.")
    var file: String?

    @Option(help: ArgumentHelp("Purchases of the CDNOW sample instead; - for standard input.", valueName: "file"))
    var cdnow: String?

    @Option(help: ArgumentHelp("Read so many orders at most.", valueName: "number"))
    var limit: Int?

    @Option(name: .customLong("repeat"), help: ArgumentHelp("Publish each line so often.", valueName: "number"))
    var repeats = 1

    @Option(help: ArgumentHelp("Messages a second at most; a decimal number.", valueName: "number"))
    var rate: Double?

    @Option(help: ArgumentHelp("With --cdnow: so many of a thousand bounce. Default: 20.", valueName: "number"))
    var bouncePerThousand: Int?

    @Option(help: ArgumentHelp("With --cdnow: so many of a thousand complain. Default: 5.", valueName: "number"))
    var complaintPerThousand: Int?

    @Option(help: "With --cdnow: stands in front of every order id.")
    var prefix: String?

    @Flag(help: "Print one JSON object: read, published, failed.")
    var json = false

    func validate() throws {
        guard (file == nil) != (cdnow == nil) else { throw ValidationError("Name a file, or one with --cdnow.") }
        guard repeats >= 1 else { throw ValidationError("--repeat is at least 1.") }
        guard limit ?? 0 >= 0 else { throw ValidationError("--limit is at least 0.") }
        if let rate, !(rate > 0 && rate.isFinite) { throw ValidationError("--rate is more than 0.") }
        _ = try purchases()
    }

    func run() async throws {
        let console = Console.system
        let purchases = try purchases()
        var input = try FileInput(path: cdnow ?? file ?? "-")
        let settings = try await WaybillSettings.load()
        try await Connections.with(settings, tellsUse: true) { connections in
            let publishing = Publishing(
                connections: connections,
                console: console,
                options: PublishRun.Options(repeats: repeats, limit: limit, perSecond: rate)
            )
            try await publishing.run(&input, json: json) { line in
                guard let purchases else { return LineVerdict(jsonLine: line) }
                return LineVerdict(purchase: line, of: purchases, placedAt: connections.clock.now())
            }
        }
    }

    /// How to read the purchases, or nil for JSON lines.
    private func purchases() throws -> CDNOWOrders? {
        guard cdnow != nil else {
            guard bouncePerThousand == nil, complaintPerThousand == nil, prefix == nil else {
                throw ValidationError("--bounce-per-thousand, --complaint-per-thousand and --prefix need --cdnow.")
            }
            return nil
        }
        var orders = CDNOWOrders()
        if let bouncePerThousand { orders.bouncesPerThousand = bouncePerThousand }
        if let complaintPerThousand { orders.complaintsPerThousand = complaintPerThousand }
        orders.prefix = prefix ?? ""
        let shares = [orders.bouncesPerThousand, orders.complaintsPerThousand]
        guard shares.allSatisfy({ (0...1000).contains($0) }), shares.reduce(0, +) <= 1000 else {
            throw ValidationError("Bounces and complaints are shares of a thousand, 0 to 1000 together.")
        }
        // It becomes part of an email address too.
        guard orders.prefix.wholeMatch(of: /[A-Za-z0-9_-]{0,32}/) != nil else {
            throw ValidationError("--prefix is up to 32 letters, digits, - and _.")
        }
        return orders
    }
}

/// One run of the command against the real topic.
private struct Publishing {
    let connections: Connections
    let console: Console
    let options: PublishRun.Options

    func run(_ input: inout FileInput, json: Bool, verdict: @escaping (InputLine) -> LineVerdict) async throws {
        let clock = connections.environment
        let start = clock.monotonicNow()
        var line = ProgressLine(isShown: console.showsProgress)
        var run = PublishRun(to: try await topic(), environment: clock, options: options, verdict: verdict) { notice in
            switch notice {
            case .failure(let text): console.fail(text)
            case .warning(let text): console.warn(text)
            case .progress(let tally):
                let now = clock.monotonicNow()
                let text = line.update(now: now) { tally.progress(after: now - start) }
                StandardError.write(text ?? "")
            }
        }
        await run.run(&input)
        StandardError.write(line.finish() ?? "")
        let summary = run.tally.summary(after: clock.monotonicNow() - start)
        console.show([json ? run.tally.json.description : summary])
        if let stop = run.stop { throw stop }
        if run.tally.failed > 0 { throw ExitCode(CommandExit.failed.rawValue) }
    }

    private func topic() async throws -> SNSOrderTopic {
        let names = connections.names
        guard let queue = try await connections.aws.setup().address(ofQueue: names.ordersQueue),
            let arn = TopicARN.topic(named: names.ordersTopic, besideQueue: queue.arn)
        else {
            let message = "the queue \(names.ordersQueue) is not there: run `waybill setup` for this environment first"
            throw CommandFailure(.usage, message)
        }
        return SNSOrderTopic(connections.aws.topic(arn: arn))
    }
}
