import WaybillCore
import WaybillPorts

/// One page of a query over records in memory. A page's token is the sort key of its last record, so a page stays where
/// it is when records are added or move in between.
struct LedgerListing {
    private let query: LedgerQuery
    private let start: SortKey?

    init(_ query: LedgerQuery) throws(LedgerError) {
        guard (1...1000).contains(query.limit) else {
            throw LedgerError(.rejected, "a page holds 1 to 1,000 records, not \(query.limit)")
        }
        self.query = query
        guard let after = query.after else {
            start = nil
            return
        }
        guard let key = SortKey(token: after) else {
            throw LedgerError(.rejected, "\"\(after)\" is not the token of a page")
        }
        start = key
    }

    func page(of records: [DeliveryRecord]) -> LedgerPage {
        let found =
            records
            .filter { $0.expiresAt > query.now && matches($0) }
            .map { (key: sortKey($0), record: $0) }
            .filter { entry in start.map { $0 < entry.key } ?? true }
            .sorted { $0.key < $1.key }
        let page = found.prefix(query.limit)
        return LedgerPage(records: page.map(\.record), next: page.count < found.count ? page.last?.key.token : nil)
    }

    private func matches(_ record: DeliveryRecord) -> Bool {
        switch query.key {
        case .order(let order): record.id.order == order
        case .email(let email): record.email == email && query.times.contains(record.createdAt)
        // PENDING and SENDING are not indexed, as in DynamoDB.
        case .status(let name):
            record.status.name == name && record.status.rank > DeliveryStatus.sending.rank
                && query.times.contains(record.updatedAt)
        }
    }

    private func sortKey(_ record: DeliveryRecord) -> SortKey {
        switch query.key {
        case .order: SortKey(newestFirst: 0, id: record.id)
        case .email: SortKey(newestFirst: record.createdAt.microseconds, id: record.id)
        case .status: SortKey(newestFirst: record.updatedAt.microseconds, id: record.id)
        }
    }
}

/// Newest first, then by identity.
private struct SortKey: Comparable {
    let microseconds: Int64
    let id: DeliveryID

    init(newestFirst microseconds: Int64, id: DeliveryID) {
        self.microseconds = microseconds
        self.id = id
    }

    init?(token: String) {
        guard let bytes = Base64URL.decode(token), let text = String(validating: bytes, as: UTF8.self),
            let blank = text.firstIndex(of: " "), let microseconds = Int64(text[..<blank]),
            let id = DeliveryID(text[text.index(after: blank)...])
        else { return nil }
        self.init(newestFirst: microseconds, id: id)
    }

    var token: String { Base64URL.encode("\(microseconds) \(id)".utf8) }

    static func < (left: SortKey, right: SortKey) -> Bool {
        left.microseconds != right.microseconds ? left.microseconds > right.microseconds : left.id < right.id
    }
}
