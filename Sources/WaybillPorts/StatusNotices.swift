package import WaybillCore

/// The outbox of what the shop is told about its deliveries. All times are the store's own clock's.
package protocol StatusNoticeStore: Sendable {
    /// Keeps notices that are new, durably; one for a delivery and rank that is there already changes nothing. A store
    /// that keeps none (the setting is off) does nothing.
    func note(_ notices: [StatusNotice]) async throws(StoreError)

    /// Gives out notices that are due and not published, those that wait longest first. Each comes again, later every
    /// time, unless it is marked.
    func takeNotices(limit: Int) async throws(StoreError) -> [OutgoingNotice]

    /// They are published.
    func markPublished(_ ids: [Int64]) async throws(StoreError)

    /// Drops what is older, published or not. Returns how many were never published.
    func dropNotices(olderThan age: Duration) async throws(StoreError) -> Int
}

package struct OutgoingNotice: Hashable, Sendable {
    package var id: Int64
    package var notice: StatusNotice

    package init(id: Int64, notice: StatusNotice) {
        self.id = id
        self.notice = notice
    }
}

/// When a notice that was given out comes again: long enough for a batch under way, then longer and longer.
package enum NoticeBackoff {
    package static let first = Duration.seconds(10)
    package static let mostDoublings = 5

    package static func delay(tries: Int) -> Duration { first * (1 << min(max(0, tries), mostDoublings)) }
}

/// Where notices go: SNS.
package protocol NoticeTopic: Sendable {
    /// Publishes texts; gives for each, in order, why it was not, nil when it was.
    func publish(_ texts: [String]) async -> [String?]
}
