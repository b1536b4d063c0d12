import ArgumentParser
import WaybillAWS
import WaybillCore
import WaybillPorts
import WaybillPostgres

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show workers, jobs, queues and how many deliveries ended how.",
        discussion: """
            Asks PostgreSQL (workers, send rate, jobs), SQS (queue depths, approximate) and DynamoDB
            (deliveries by status, from an index that may lag by a moment). What does
            not answer is named on standard error, and the rest is shown.

            EXAMPLES
              waybill status
              watch waybill status
              waybill status --json | jq '.deliveries.DELIVERED'
              waybill status --json | jq '.jobs.inDoubt + .jobs.unconfirmed'
              waybill status --json --skip-deliveries | jq .wantedWorkers

            Counting of one status stops at --count-up-to; `deliveriesAtLeast` names
            the statuses of which there are more.
            """
    )

    @Option(help: ArgumentHelp("Where counting the deliveries of one status stops.", valueName: "number"))
    var countUpTo = StatusCounting.defaultBound

    @Flag(help: "Do not ask DynamoDB: for those who ask often, such as an autoscaler.")
    var skipDeliveries = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard countUpTo >= 1 else { throw ValidationError("--count-up-to is at least 1.") }
    }

    func run() async throws {
        let console = Console.system
        let report = try await Connections.with(try await WaybillSettings.load(), tellsUse: true) { connections in
            let sources = StatusReport.Sources(
                jobs: connections.jobs,
                workers: connections.jobs,
                rate: connections.sendRate,
                ledger: connections.ledger,
                facts: { try await connections.demand.facts() },
                bounds: connections.settings.workerBounds,
                depth: { try await connections.queue(named: connections.names.queue($0)).depth() }
            )
            return await StatusReport.gather(
                environment: connections.settings.environment,
                at: connections.clock.now(),
                from: sources,
                countUpTo: skipDeliveries ? nil : countUpTo
            )
        }
        console.show(json ? [report.json.description] : report.lines(console.palette))
        for problem in report.problems { console.fail("\(problem.part): \(problem.error.message)") }
        guard report.exit == .ok else { throw ExitCode(report.exit.rawValue) }
    }
}

extension ResourceNames {
    fileprivate func queue(_ role: StatusReport.QueueRole) -> String {
        switch role {
        case .orders: ordersQueue
        case .ordersDeadLetter: ordersDeadLetterQueue
        case .ordersUndelivered: ordersSubscriptionDeadLetterQueue
        case .feedback: feedbackQueue
        case .feedbackDeadLetter: feedbackDeadLetterQueue
        case .feedbackUndelivered: feedbackSubscriptionDeadLetterQueue
        }
    }
}
