import ArgumentParser
import WaybillAWS
import WaybillCore
import WaybillPorts

struct RedriveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redrive",
        abstract: "Put messages of a dead-letter queue back into their queue.",
        discussion: """
            Workers that could not store a message many times over, or SNS that could not
            write to a queue, leave it in a dead-letter queue. When the cause is mended,
            this puts each back: it is sent to its queue first and deleted from the
            dead-letter queue after, so that none is lost. One whose deletion fails is
            there twice, which workers recognise. StartMessageMoveTask of SQS would not
            take what SNS left, and says less.

            EXAMPLES
              waybill redrive --queue orders --dry-run
              waybill redrive --queue orders
              waybill redrive --queue feedback --from undelivered --max 100

            Needs sqs:SendMessage on the queue, and sqs:ReceiveMessage and
            sqs:DeleteMessage on its dead-letter queue. Ends with 1 when some stayed.
            """
    )

    enum Queue: String, CaseIterable, ExpressibleByArgument {
        case orders, feedback
    }

    enum Source: String, CaseIterable, ExpressibleByArgument {
        case givenUp = "given-up"
        case undelivered
    }

    @Option(help: "Which queue: orders or feedback.")
    var queue: Queue

    @Option(help: "given-up (by workers, after many tries) or undelivered (by SNS).")
    var from = Source.givenUp

    @Option(help: "How many at most, 1 to 100000.")
    var max = 1000

    @Flag(help: "Only count; the numbers are approximate, as SQS gives them.")
    var dryRun = false

    @Flag(help: "Print one JSON object: from, to, moved, left, waiting.")
    var json = false

    func validate() throws {
        guard (1...100_000).contains(max) else { throw ValidationError("--max is 1 to 100000.") }
    }

    func run() async throws {
        try await Connections.with(try await WaybillSettings.load(), tellsUse: true) { connections in
            let names = names(connections.names)
            let dead = try await connections.queue(named: names.dead)
            let home = try await connections.queue(named: names.home)
            if dryRun {
                let depth = try await dead.depth()
                return show(RedriveReport(waiting: depth.visible + depth.inFlight + depth.delayed), names)
            }
            let run = RedriveRun(dead: dead, limit: max) { body throws(QueueError) in try await home.send(body) }
            let report = await run.run()
            show(report, names)
            if let failure = report.failure { throw failure }
            guard report.left == 0 else {
                throw CommandFailure(
                    .failed,
                    "\(report.left) messages were put back and are still in \(names.dead) too"
                )
            }
        }
    }

    private func names(_ names: ResourceNames) -> (dead: String, home: String) {
        switch (queue, from) {
        case (.orders, .givenUp): (names.ordersDeadLetterQueue, names.ordersQueue)
        case (.orders, .undelivered): (names.ordersSubscriptionDeadLetterQueue, names.ordersQueue)
        case (.feedback, .givenUp): (names.feedbackDeadLetterQueue, names.feedbackQueue)
        case (.feedback, .undelivered): (names.feedbackSubscriptionDeadLetterQueue, names.feedbackQueue)
        }
    }

    private func show(_ report: RedriveReport, _ names: (dead: String, home: String)) {
        guard json else {
            let text =
                report.waiting.map { "about \($0) messages wait in \(names.dead)" }
                ?? "\(report.moved) messages went from \(names.dead) to \(names.home)"
            return Console.system.show([text])
        }
        let answer = JSONShapes.object([
            ("from", .string(names.dead)), ("to", .string(names.home)), ("moved", .number(report.moved)),
            ("left", .number(report.left)), ("waiting", report.waiting.map { .number($0) } ?? .null),
        ])
        Console.system.show([answer.description])
    }
}
