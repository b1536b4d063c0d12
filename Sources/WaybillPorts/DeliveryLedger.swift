package import WaybillCore

/// The delivery record: DynamoDB's table `email-deliveries`.
package protocol DeliveryLedger: Sendable {
    /// Performs one transition as a conditional write. `now` is the writer's corrected wall time and becomes
    /// `updatedAt`; `signedAt` is the SigV4 time to use, so that a claim from a clock that is far off is refused, nil
    /// for now.
    func apply(
        _ transition: DeliveryTransition,
        to id: DeliveryID,
        now: Timestamp,
        signedAt: Timestamp?
    ) async throws(LedgerError) -> LedgerOutcome

    /// A strongly consistent read; nil when there is no item or its time to live is over.
    func read(_ id: DeliveryID, now: Timestamp) async throws(LedgerError) -> DeliveryRecord?

    /// One page of a query. Indexes are eventually consistent.
    func query(_ query: LedgerQuery) async throws(LedgerError) -> LedgerPage

    /// One page of the whole table, in no order, strongly consistent, expired items included. It costs a read unit for
    /// every 4 KB of the table: for recovery and a daily look.
    func scan(_ scan: LedgerScan) async throws(LedgerError) -> LedgerPage
}

package struct LedgerScan: Hashable, Sendable {
    /// Only PENDING and SENDING; the price is the same, the answer smaller. A page may then be empty and not the last.
    package var openOnly: Bool
    /// Items looked at for one page, 1 to 1,000.
    package var limit: Int
    /// `next` of the page before.
    package var after: String?

    package init(openOnly: Bool, limit: Int = 1000, after: String? = nil) {
        self.openOnly = openOnly
        self.limit = limit
        self.after = after
    }
}

package struct LedgerQuery: Hashable, Sendable {
    package enum Key: Hashable, Sendable {
        /// Every kind of message of an order.
        case order(OrderID)
        /// Newest first.
        case email(String)
        /// A stored status name (`BOUNCED` has both kinds), all shards, newest first.
        case status(String)
    }

    package var key: Key
    /// At most this many records a page, 1 to 1,000.
    package var limit: Int
    /// `next` of the page before.
    package var after: String?
    package var now: Timestamp
    /// Only records of that time: of an address those created then, of a status those updated then. Not used by order.
    package var times: LedgerTimes

    package init(
        key: Key,
        limit: Int,
        after: String? = nil,
        now: Timestamp,
        times: LedgerTimes = LedgerTimes()
    ) {
        self.times = times
        self.key = key
        self.limit = limit
        self.after = after
        self.now = now
    }
}

/// A span of time, open at either end unless that is said.
package struct LedgerTimes: Hashable, Sendable {
    /// From here on.
    package var since: Timestamp?
    /// Before here.
    package var until: Timestamp?

    package init(since: Timestamp? = nil, until: Timestamp? = nil) {
        self.since = since
        self.until = until
    }

    package func contains(_ time: Timestamp) -> Bool {
        (since.map { $0 <= time } ?? true) && (until.map { time < $0 } ?? true)
    }

    /// The first and the last microsecond.
    package var bounds: (first: Int64, last: Int64) {
        (since?.microseconds ?? 0, until.map { $0.microseconds - 1 } ?? .max)
    }
}

package struct LedgerPage: Hashable, Sendable {
    package var records: [DeliveryRecord]
    /// Pass as `after` for the next page; nil at the end.
    package var next: String?

    package init(records: [DeliveryRecord], next: String?) {
        self.records = records
        self.next = next
    }
}

package struct LedgerError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        /// The write may have happened: no answer, a 5xx, a timeout. Repeat it unchanged or read.
        case unanswered
        /// The write did not happen; it may be tried later (throttled, not one byte written).
        case unavailable
        /// The signature's time was refused: this machine's clock is off, or the claim waited too long. Did not happen.
        case signatureExpired
        /// The request is wrong or not allowed; trying again does not help. Did not happen.
        case rejected
        /// The stored item cannot be read as a record.
        case malformedRecord
        case cancelled
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { "delivery ledger \(code.rawValue): \(message)" }
}
