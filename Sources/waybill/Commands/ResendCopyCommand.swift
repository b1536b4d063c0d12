import ArgumentParser
import WaybillAWS
import WaybillCore
import WaybillPorts
import WaybillPostgres

struct ResendCopyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resend-copy",
        abstract: "Send another copy of an order's confirmation, on purpose.",
        discussion: """
            Makes a delivery of its own (order-confirmation~2, ~3 and so on) from the
            order as it was received, to the address given. Only when the first email is
            at an end: SENT or beyond, FAILED, SUPPRESSED or CLOSED. A worker performs it;
            the command waits for what became of it. Who asked, why and where it went are
            kept, see `SELECT * FROM admin.requests`.

            EXAMPLES
              waybill resend-copy 1001 --to ann@example.com --reason "deleted by mistake"

            Ends with 1 when it was refused, 3 when nothing is known of the order, and 4
            when no worker performed it in time: it is then still asked for.
            """
    )

    /// How often what became of it is looked for: workers look for requests every second.
    private static let look = Duration.milliseconds(300)

    @Argument(help: "The order's id.")
    var order: String

    @Option(help: ArgumentHelp("Where the copy goes.", valueName: "address"))
    var to: String

    @Option(help: ArgumentHelp("Why; it is kept.", valueName: "text"))
    var reason: String

    @Option(help: ArgumentHelp("How long to wait for a worker, in seconds.", valueName: "seconds"))
    var wait = 60

    @Flag(help: "Print one JSON object: request, done, outcome.")
    var json = false

    func validate() throws {
        guard OrderID(order) != nil else {
            throw ValidationError("An order id is 1 to \(OrderID.longestBytes) bytes without control characters.")
        }
        do throws(EmailAddressError) {
            _ = try EmailAddress(to)
        } catch {
            throw ValidationError("--to is an email address: \(error)")
        }
        guard reason.contains(where: { !$0.isWhitespace }) else { throw ValidationError("--reason says why.") }
        guard (1...3600).contains(wait) else { throw ValidationError("--wait is 1 to 3600.") }
    }

    func run() async throws {
        guard let id = OrderID(order) else { throw CommandFailure(.usage, "\(order) is no order id") }
        try await Connections.with(try await WaybillSettings.load(), tellsUse: true) { connections in
            guard try await connections.ledger.read(DeliveryID(order: id), now: connections.clock.now()) != nil else {
                throw CommandFailure(.notFound, "there is no record of the order \(order)")
            }
            let request = try await ask(id, connections)
            guard let result = try await result(of: request, connections) else {
                let what = "no worker performed request \(request) within \(wait) s. It is still asked for:"
                throw CommandFailure(.unreachable, "\(what) do not ask again, see admin.requests")
            }
            show(request, result)
            guard result.isDone else { throw CommandFailure(.failed, "refused: \(result.outcome)") }
        }
    }

    /// Never asked twice: after an answer that was lost, the operator looks whether it was asked.
    private func ask(_ id: OrderID, _ connections: Connections) async throws -> Int64 {
        do throws(StoreError) {
            return try await connections.jobs.askForCopy(of: id, to: to, reason: reason)
        } catch {
            guard error.code == .unavailable else { throw error }
            let what = "it may have been asked for: look into admin.requests before you ask again"
            throw CommandFailure(.unreachable, "\(error): \(what)")
        }
    }

    private func result(of request: Int64, _ connections: Connections) async throws -> OperatorResult? {
        let end = connections.environment.monotonicNow() + .seconds(wait)
        while true {
            if let result = try await connections.jobs.result(ofRequest: request) { return result }
            guard connections.environment.monotonicNow() < end else { return nil }
            try await connections.environment.sleep(for: Self.look)
        }
    }

    private func show(_ request: Int64, _ result: OperatorResult) {
        guard json else {
            if result.isDone { Console.system.show([TerminalText.printable(result.outcome)]) }
            return
        }
        let answer = JSONShapes.object([
            ("request", .number(request)), ("done", .bool(result.isDone)), ("outcome", .string(result.outcome)),
        ])
        Console.system.show([answer.description])
    }
}
