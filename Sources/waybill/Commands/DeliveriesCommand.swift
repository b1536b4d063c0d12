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
              waybill deliveries --status FAILED --since 2026-11-26 --until 2026-11-27
              waybill deliveries --status BOUNCED --csv --limit 1000 > bounced.csv

            TIMES
              --since (then or later) and --until (before) bound when an address's
              deliveries were created, and when a status was reached. A day in UTC, or
              a time as 2026-11-26T18:00:00Z.

            CSV
              As RFC 4180: a header, CRLF, quotes doubled. A cell that a spreadsheet would
              take for a formula (it begins with = + - @, tab or CR) gets a ' before it;
              --json has the exact values. Where there are more, standard error says how
              to go on; later pages have the header too, unless --no-header.

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

    @Option(
        help: ArgumentHelp("Only what was created (--email) or updated (--status) then or later.", valueName: "time")
    )
    var since: String?

    @Option(help: ArgumentHelp("Only what was created or updated before.", valueName: "time"))
    var until: String?

    @Flag(help: "Print one JSON object: records, next.")
    var json = false

    @Flag(help: "Print CSV.")
    var csv = false

    @Flag(name: .customLong("no-header"), help: "CSV without the header, for every page but the first.")
    var hasNoHeader = false

    func validate() throws {
        guard !(json && csv) else { throw ValidationError("Name one of --json and --csv.") }
        guard csv || !hasNoHeader else { throw ValidationError("--no-header goes with --csv.") }
        let times = try times()
        if order != nil, times != LedgerTimes() {
            throw ValidationError("--since and --until go with --email and --status: an order has few deliveries.")
        }
        if let since = times.since, let until = times.until, since >= until {
            throw ValidationError("--since is before --until.")
        }
        guard (1...1000).contains(limit) else { throw ValidationError("--limit is 1 to 1000.") }
        _ = try key()
    }

    func run() async throws {
        let console = Console.system
        let (key, times) = (try key(), try times())
        let listing = try await Connections.with(try await WaybillSettings.load(), tellsUse: true) { connections in
            let now = connections.clock.now()
            let query = LedgerQuery(key: key, limit: limit, after: after, now: now, times: times)
            return DeliveriesListing(page: try await connections.ledger.query(query))
        }
        guard csv else {
            console.show(json ? [listing.json.description] : listing.lines(console.palette))
            return
        }
        print(DeliveriesCSV.text(listing.page.records, hasHeader: !hasNoHeader), terminator: "")
        if let next = listing.page.next {
            StandardError.write("There are more: repeat the command with --no-header --after \(next)\n")
        }
    }

    private func times() throws -> LedgerTimes {
        LedgerTimes(since: try time("--since", since), until: try time("--until", until))
    }

    private func time(_ option: String, _ text: String?) throws -> Timestamp? {
        guard let text else { return nil }
        guard let time = Timestamp(rfc3339: text) ?? Timestamp(rfc3339: "\(text)T00:00:00Z") else {
            throw ValidationError("\(option) is a day (2026-11-26) or a time (2026-11-26T18:00:00Z), not '\(text)'.")
        }
        return time
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
