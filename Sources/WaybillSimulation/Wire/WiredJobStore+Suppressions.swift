import WaybillCore
import WaybillPorts

extension WiredJobStore: SuppressionStore {
    func suppress(_ suppression: Suppression, at: Timestamp) async throws(StoreError) {
        let store = store
        try await call { () throws(StoreError) in try store.suppress(suppression, at: at) }
    }

    func suppression(of email: String) async throws(StoreError) -> SuppressedAddress? {
        let store = store
        return try await call { () throws(StoreError) in try store.suppression(of: email) }
    }

    func unsuppress(_ email: String) async throws(StoreError) -> Bool {
        let store = store
        return try await call { () throws(StoreError) in try store.unsuppress(email) }
    }
}

extension WiredJobStore: SuppressionMirrorStore {
    func mirror() async throws(StoreError) -> SuppressionMirror {
        let store = store
        return try await call { () throws(StoreError) in try store.mirror() }
    }

    func beginMirrorRead(
        _ kind: SuppressionMirror.Kind,
        since: Timestamp?,
        tick: Int64?,
        fence: LeaderFence
    ) async throws(StoreError) -> Bool {
        let store = store
        return try await call { () throws(StoreError) in
            try store.beginMirrorRead(kind, since: since, tick: tick, fence: fence)
        }
    }

    func keepMirrorPage(_ page: AccountSuppressionPage, fence: LeaderFence) async throws(StoreError) {
        let store = store
        try await call { () throws(StoreError) in try store.keepMirrorPage(page, fence: fence) }
    }

    func dropUnseen(limit: Int, fence: LeaderFence) async throws(StoreError) -> Int {
        let store = store
        return try await call { () throws(StoreError) in try store.dropUnseen(limit: limit, fence: fence) }
    }

    func noteMirrorTrouble(_ trouble: String?, fence: LeaderFence) async throws(StoreError) {
        let store = store
        try await call { () throws(StoreError) in try store.noteMirrorTrouble(trouble, fence: fence) }
    }
}

/// The account's suppression list as a process sees it.
struct WiredSuppressionList: AccountSuppressionList {
    let link: ServiceLink
    let list: InMemorySuppressionList

    func page(since: Timestamp?, token: String?) async throws(AccountListError) -> AccountSuppressionPage {
        let list = list
        return try await link.call { () throws(AccountListError) in
            try list.page(since: since, token: token)
        } fault: {
            AccountListError(.unreached, "simulated: \($0)")
        }
    }

    func remove(_ email: String) async throws(AccountListError) -> Bool {
        let list = list
        return try await link.call { () throws(AccountListError) in
            try list.remove(email)
        } fault: {
            AccountListError(.unreached, "simulated: \($0)")
        }
    }
}
