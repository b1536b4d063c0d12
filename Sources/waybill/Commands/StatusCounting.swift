import WaybillCore
import WaybillPorts

/// Counts the deliveries by status from the index, page by page, up to a bound: a count of everything would read months
/// of records each time somebody asks.
enum StatusCounting {
    /// Where counting of one status stops by default: some ten pages, a few thousandths of a cent of reading.
    static let defaultBound = 10_000
    private static let pageSize = 1000

    static func counts(
        ledger: any DeliveryLedger,
        bound: Int,
        now: Timestamp
    ) async throws(LedgerError) -> [StatusReport.StatusCount] {
        var counts: [StatusReport.StatusCount] = []
        for status in IndexedStatus.names {
            counts.append(try await count(status, ledger: ledger, bound: bound, now: now))
        }
        return counts
    }

    private static func count(
        _ status: String,
        ledger: any DeliveryLedger,
        bound: Int,
        now: Timestamp
    ) async throws(LedgerError) -> StatusReport.StatusCount {
        var count = 0
        var next: String?
        repeat {
            let limit = min(pageSize, bound - count)
            let page = try await ledger.query(LedgerQuery(key: .status(status), limit: limit, after: next, now: now))
            count += page.records.count
            next = page.next
        } while next != nil && count < bound
        return StatusReport.StatusCount(status: status, count: count, isExact: next == nil)
    }
}
