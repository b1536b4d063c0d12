import ArgumentParser
import WaybillCore
import WaybillPorts

struct TraceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Tell the story of one order.",
        discussion: """
            Shows what became of an order: its delivery record (DynamoDB, the truth), its
            job (PostgreSQL: who works on it), what was quarantined of it, and when each
            thing happened.

            EXAMPLES
              waybill trace 1001
              waybill trace 1001 --json | jq '.deliveries[].record.facts'

            Ends with 3 when nothing is known of the order.
            """
    )

    @Argument(help: "The order's id.")
    var order: String

    @Flag(help: "Print one JSON object: order, deliveries, quarantine, timeline.")
    var json = false

    func validate() throws {
        guard OrderID(order) != nil else {
            throw ValidationError("An order id is 1 to \(OrderID.longestBytes) bytes without control characters.")
        }
    }

    func run() async throws {
        let console = Console.system
        guard let id = OrderID(order) else { throw CommandFailure(.usage, "\(order) is no order id") }
        let trace = try await Connections.with(try await WaybillSettings.load(), tellsUse: true) { connections in
            try await OrderTrace.gather(
                id,
                ledger: connections.ledger,
                jobs: connections.jobs,
                quarantine: connections.jobs,
                now: connections.clock.now()
            )
        }
        if json { console.show([trace.json.description]) }
        guard trace.isKnown else { throw CommandFailure(.notFound, "nothing is known of the order \(order)") }
        if !json { console.show(trace.lines(console.palette)) }
    }
}
