import WaybillCore
import WaybillPorts

extension WiredJobStore: FeedStore {
    func noteSend(acceptedAt: Timestamp) async throws(StoreError) {
        let store = store
        try await call { () throws(StoreError) in try store.noteSend(acceptedAt: acceptedAt) }
    }

    func noteRead(trouble: String?, gap: Duration, fence: LeaderFence) async throws(StoreError) {
        let store = store
        try await call { () throws(StoreError) in try store.noteRead(trouble: trouble, gap: gap, fence: fence) }
    }

    func feed() async throws(StoreError) -> FeedState {
        let store = store
        return try await call { () throws(StoreError) in try store.feed() }
    }

    func quarantined(queue: String) async throws(StoreError) -> Int {
        let store = store
        return try await call { () throws(StoreError) in try store.quarantined(queue: queue) }
    }
}

extension WiredJobStore: DutyStore {
    func begin(task: String, tick: Int64, fence: LeaderFence) async throws(StoreError) -> Bool {
        let store = store
        return try await call { () throws(StoreError) in try store.begin(task: task, tick: tick, fence: fence) }
    }

    func maintainHistory(keepDays: Int, fence: LeaderFence?) async throws(StoreError) -> [String] {
        let store = store
        return try await call { () throws(StoreError) in try store.maintainHistory(keepDays: keepDays, fence: fence) }
    }

    func forgetOld(_ age: Duration, fence: LeaderFence) async throws(StoreError) -> Int {
        let store = store
        return try await call { () throws(StoreError) in try store.forgetOld(age, fence: fence) }
    }
}

extension WiredJobStore: QuarantineStore {
    func keep(_ messages: [QuarantinedMessage]) async throws(StoreError) {
        let store = store
        try await call { () throws(StoreError) in try store.keep(messages) }
    }

    func list(queue: String?, limit: Int) async throws(StoreError) -> [QuarantineEntry] {
        let store = store
        return try await call { () throws(StoreError) in try store.list(queue: queue, limit: limit) }
    }

    func entry(_ id: Int64) async throws(StoreError) -> QuarantineEntry? {
        let store = store
        return try await call { () throws(StoreError) in try store.entry(id) }
    }

    func about(_ delivery: DeliveryID, limit: Int) async throws(StoreError) -> [QuarantineEntry] {
        let store = store
        return try await call { () throws(StoreError) in try store.about(delivery, limit: limit) }
    }
}

extension WiredJobStore: StatusNoticeStore {
    func note(_ notices: [StatusNotice]) async throws(StoreError) {
        let store = store
        try await call { () throws(StoreError) in try store.note(notices) }
    }

    func takeNotices(limit: Int) async throws(StoreError) -> [OutgoingNotice] {
        let store = store
        return try await call { () throws(StoreError) in try store.takeNotices(limit: limit) }
    }

    func markPublished(_ ids: [Int64]) async throws(StoreError) {
        let store = store
        try await call { () throws(StoreError) in try store.markPublished(ids) }
    }

    func dropNotices(olderThan age: Duration) async throws(StoreError) -> Int {
        let store = store
        return try await call { () throws(StoreError) in try store.dropNotices(olderThan: age) }
    }
}
