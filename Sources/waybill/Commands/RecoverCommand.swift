import ArgumentParser
import WaybillCluster
import WaybillCore
import WaybillPorts

struct RecoverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recover",
        abstract: "Makes sending safe again after PostgreSQL or DynamoDB was restored.",
        discussion: """
            Pauses sending, raises the epochs past those of every record, puts back the
            jobs of records that are PENDING or SENDING and have none, waits until the
            feed of SES events is drained, and lets sending go on. Workers may run
            meanwhile: they take events in and send nothing. It reads the whole table.

            Run it again whenever it was interrupted: sending stays paused until it ends.
            Orders whose job was lost with the database and that were never claimed come
            back only when they are published again: `lost` names what the record knows.

            EXAMPLES
              waybill recover
              waybill recover --json | jq .lost
            """
    )

    @Option(help: ArgumentHelp("How long the feed is waited for, in seconds.", valueName: "seconds"))
    var patience = 3600

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard patience >= 1 else { throw ValidationError("--patience is at least 1.") }
    }

    func run() async throws {
        let console = Console.system
        let settings = try await WaybillSettings.load()
        try await Connections.with(settings, tellsUse: true) { connections in
            let recovery = Recovery(
                store: connections.jobs,
                ledger: connections.ledger,
                rate: connections.sendRate,
                feed: try await connections.queue(named: connections.names.feedbackQueue),
                environment: connections.environment,
                policy: settings.delivery
            )
            let report = try await recovery.run(patience: .seconds(patience)) { StandardError.write("\($0)\n") }
            console.show(json ? [report.json.description] : report.lines)
            guard report.isSendingAgain else {
                throw CommandFailure(.failed, "the feed was not drained in time: sending stays paused, run it again")
            }
        }
    }
}

extension Recovery.Report {
    fileprivate var json: JSON {
        JSONShapes.object([
            ("highestEpoch", .number(Int(highestEpoch.number))),
            ("putBack", .array(scan.putBack.map { .string($0.description) })),
            ("lost", .array(scan.lost.map { .string($0.description) })),
            ("sending", .bool(isSendingAgain)),
        ])
    }

    fileprivate var lines: [String] {
        [
            "epochs begin after \(highestEpoch)", "\(scan.putBack.count) jobs put back",
            "\(scan.lost.count) records without an order here",
        ] + scan.lost.map { "  \($0): publish its order again" }
            + (isSendingAgain ? ["sending goes on"] : [])
    }
}
