import WaybillCore
import WaybillPorts

/// One page of deliveries, for people and for programs.
struct DeliveriesListing: Hashable, Sendable {
    var page: LedgerPage

    var json: JSON {
        JSONShapes.object([
            ("records", .array(page.records.map(JSONShapes.record))),
            ("next", JSONShapes.text(page.next)),
        ])
    }

    func lines(_ palette: Palette) -> [String] {
        guard !page.records.isEmpty else {
            return [page.next == nil ? "No deliveries." : "No deliveries on this page."] + continuation
        }
        return table.lines(palette) + continuation
    }

    private var continuation: [String] {
        page.next.map { ["", "There are more: repeat the command with --after \($0)"] } ?? []
    }

    /// The kind is a column only where it tells something.
    private var table: TextTable {
        let showsKind = page.records.contains { $0.id.kind != .orderConfirmation }
        var columns: [TextTable.Column] = [.init("ORDER"), .init("KIND"), .init("STATUS"), .init("ADDRESS")]
        columns += [.init("UPDATED"), .init("MESSAGE ID"), .init("REASON")]
        var table = TextTable(columns.filter { showsKind || $0.title != "KIND" })
        for record in page.records {
            var cells: [TextTable.Cell] = [.init(record.id.order.text)]
            if showsKind { cells.append(.init(record.id.kind.text)) }
            cells += [.init(record.status.name, record.status.tone), .init(record.email)]
            cells.append(.init(record.updatedAt.rfc3339, .faint))
            cells += [record.messageID, record.reason].map { $0.map { .init($0) } ?? TextTable.absent }
            table.append(cells)
        }
        return table
    }
}

extension DeliveriesListing {
    /// What to ask for, from the one of three that was given; says what is wrong with it.
    static func key(order: String?, email: String?, status: String?) throws(CommandFailure) -> LedgerQuery.Key {
        if let order {
            guard let id = OrderID(order) else {
                throw CommandFailure(
                    .usage,
                    "An order id is 1 to \(OrderID.longestBytes) bytes without control characters."
                )
            }
            return .order(id)
        }
        if let email { return .email(try address(email)) }
        let name = (status ?? "").uppercased()
        guard IndexedStatus.names.contains(name) else {
            throw CommandFailure(.usage, "\(name) is not one of \(IndexedStatus.names.joined(separator: ", ")).")
        }
        return .status(name)
    }

    /// As the records keep it: the domain in lower case and Punycode.
    private static func address(_ text: String) throws(CommandFailure) -> String {
        do throws(EmailAddressError) {
            return try EmailAddress(text).text
        } catch {
            throw CommandFailure(.usage, "\(text) is no email address: expected \(error).")
        }
    }
}
