import ArgumentParser
import WaybillAWS
import WaybillCore
import WaybillPorts

struct DeliveriesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deliveries",
        abstract: "List deliveries by order, address or status.",
        discussion: """
            Asks the delivery records in DynamoDB, newest first. By address and by status
            the answer may lag behind by a moment: an index is read.

            EXAMPLES
              waybill deliveries --order 1001
              waybill deliveries --email ada@example.com
              waybill deliveries --status BOUNCED --limit 20
              waybill deliveries --status UNCONFIRMED --json | jq '.records[].order'

            STATUSES
              \(IndexedStatus.names.prefix(5).joined(separator: ", ")),
              \(IndexedStatus.names.dropFirst(5).joined(separator: ", "))
              (PENDING and SENDING are not indexed: see `waybill status`.)
            """
    )

    @Option(help: ArgumentHelp("Every message of this order.", valueName: "id"))
    var order: String?

    @Option(help: ArgumentHelp("Every delivery to this address.", valueName: "address"))
    var email: String?

    @Option(help: ArgumentHelp("Every delivery in this status.", valueName: "status"))
    var status: String?

    @Option(help: "How many at most, 1 to 1000.")
    var limit = 50

    @Option(help: ArgumentHelp("Go on where a page ended: its token.", valueName: "token"))
    var after: String?

    @Flag(help: "Print one JSON object: records, next.")
    var json = false

    func validate() throws {
        guard (1...1000).contains(limit) else { throw ValidationError("--limit is 1 to 1000.") }
        _ = try key()
    }

    func run() async throws {
        let console = Console.system
        let key = try key()
        let listing = try await Connections.with(try await WaybillSettings.load()) { connections in
            let now = connections.clock.now()
            let query = LedgerQuery(key: key, limit: limit, after: after, now: now)
            return DeliveriesListing(page: try await connections.ledger.query(query))
        }
        console.show(json ? [listing.json.description] : listing.lines(console.palette))
    }

    private func key() throws -> LedgerQuery.Key {
        guard [order, email, status].count(where: { $0 != nil }) == 1 else {
            throw ValidationError("Name one of --order, --email and --status.")
        }
        do throws(CommandFailure) {
            return try DeliveriesListing.key(order: order, email: email, status: status)
        } catch {
            throw ValidationError(error.message)
        }
    }
}
