import Synchronization
package import WaybillCore
package import WaybillPorts

extension InMemoryJobStore: StatusNoticeStore {
    package func note(_ notices: [StatusNotice]) throws(StoreError) {
        let now = clock()
        tables.withLock { $0.note(notices, now: now) }
    }

    package func takeNotices(limit: Int) throws(StoreError) -> [OutgoingNotice] {
        let now = clock()
        return tables.withLock { $0.takeNotices(limit: limit, now: now) }
    }

    package func markPublished(_ ids: [Int64]) throws(StoreError) {
        tables.withLock { tables in
            for id in ids { tables.notices[id]?.isPublished = true }
        }
    }

    package func dropNotices(olderThan age: Duration) throws(StoreError) -> Int {
        let now = clock()
        return tables.withLock { tables in
            let old = tables.notices.filter { now - $0.value.notedAt > age }
            for id in old.keys { tables.notices[id] = nil }
            return old.values.count { !$0.isPublished }
        }
    }
}

extension JobTables {
    /// A row of `status_notices`.
    struct NoticeRow {
        let notice: StatusNotice
        let notedAt: Timestamp
        var nextAt: Timestamp
        var tries = 0
        var isPublished = false
    }

    /// One commit, numbered in the order of the key, as PostgreSQL does.
    mutating func note(_ notices: [StatusNotice], now: Timestamp) {
        let order = notices.indices.sorted { left, right in
            let (left, right) = (notices[left], notices[right])
            return left.delivery != right.delivery
                ? left.delivery.isBefore(right.delivery)
                : left.status.rank < right.status.rank
        }
        for index in order { note(notices[index], now: now) }
    }

    private mutating func note(_ notice: StatusNotice, now: Timestamp) {
        let isKnown = notices.values.contains {
            $0.notice.delivery == notice.delivery && $0.notice.status.rank == notice.status.rank
        }
        guard notesStatuses, !isKnown else { return }
        var notice = notice
        notice.messageID = notice.messageID?.withoutNUL
        lastNotice += 1
        notices[lastNotice] = NoticeRow(notice: notice, notedAt: now, nextAt: now)
    }

    mutating func takeNotices(limit: Int, now: Timestamp) -> [OutgoingNotice] {
        let due = notices.filter { !$0.value.isPublished && $0.value.nextAt <= now }
        let first = due.sorted { ($0.value.nextAt, $0.key) < ($1.value.nextAt, $1.key) }.prefix(max(0, limit))
        for (id, row) in first {
            notices[id]?.nextAt = now + NoticeBackoff.delay(tries: row.tries)
            notices[id]?.tries += 1
        }
        return first.map { OutgoingNotice(id: $0.key, notice: $0.value.notice) }.sorted { $0.id < $1.id }
    }
}
