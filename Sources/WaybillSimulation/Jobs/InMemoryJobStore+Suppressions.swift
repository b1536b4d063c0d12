import Synchronization
package import WaybillCore
package import WaybillPorts

extension InMemoryJobStore: SuppressionStore {
    /// What `admin.suppress` writes.
    package func suppressForOperator(_ email: String, reason: String) {
        tables.withLock { $0.add(.operator, to: AddressKey(email).text, reason: reason) }
    }

    package func suppress(_ suppression: Suppression, at: Timestamp) throws(StoreError) {
        tables.withLock { $0.suppress(suppression, at: at) }
    }

    package func suppression(of email: String) throws(StoreError) -> SuppressedAddress? {
        tables.withLock { $0.suppression(of: email) }
    }

    package func unsuppress(_ email: String) throws(StoreError) -> Bool {
        let now = clock()
        return tables.withLock { $0.unsuppress(email, now: now) }
    }
}

extension InMemoryJobStore: SuppressionMirrorStore {
    package func mirror() throws(StoreError) -> SuppressionMirror {
        tables.withLock { $0.mirror }
    }

    package func beginMirrorRead(
        _ kind: SuppressionMirror.Kind,
        since: Timestamp?,
        tick: Int64?,
        fence: LeaderFence
    ) throws(StoreError) -> Bool {
        try lead(fence) { $0.beginMirrorRead(kind, since: since, tick: tick, now: $1) }
    }

    package func keepMirrorPage(_ page: AccountSuppressionPage, fence: LeaderFence) throws(StoreError) {
        try lead(fence) { $0.keepMirrorPage(page, now: $1) }
    }

    package func dropUnseen(limit: Int, fence: LeaderFence) throws(StoreError) -> Int {
        try lead(fence) { tables, _ in tables.dropUnseen(limit: limit) }
    }

    package func noteMirrorTrouble(_ trouble: String?, fence: LeaderFence) throws(StoreError) {
        try lead(fence) { tables, _ in tables.mirror.trouble = trouble?.withoutNUL }
    }
}

extension InMemoryJobStore {
    /// A leader's effect: nothing happens when its term is over. Without a fence it is nobody's.
    func lead<Value: Sendable>(
        _ fence: LeaderFence?,
        _ effect: (inout JobTables, Timestamp) -> Value
    ) throws(StoreError) -> Value {
        let now = clock()
        let value: Value? = tables.withLock { tables in
            if let fence, !tables.leads(fence, now: now) { return nil }
            return effect(&tables, now)
        }
        guard let value else { throw .deposed }
        return value
    }

    /// Whether this term is in force, for what is kept elsewhere.
    package func isInForce(_ fence: LeaderFence) -> Bool {
        let now = clock()
        return tables.withLock { $0.leads(fence, now: now) }
    }
}
