import Synchronization
package import WaybillCore
package import WaybillPorts

/// The suppression list of an SES account in memory, in pages. The account of tests has one; in a simulated world bounces and
/// complaints come onto it as SES puts them there.
package final class InMemorySuppressionList: AccountSuppressionList {
    private struct State {
        var entries: [String: AccountSuppressionPage.Entry] = [:]
        var fault: AccountListError?
        var requests: [Request] = []
    }

    /// What was asked, in order.
    package struct Request: Hashable, Sendable {
        package var at: Timestamp
        package var since: Timestamp?
        package var token: String?
    }

    private let state = Mutex(State())
    private let pageSize: Int
    private let clock: @Sendable () -> Timestamp

    package init(
        pageSize: Int = AccountSuppressionPage.most,
        clock: @escaping @Sendable () -> Timestamp
    ) {
        self.pageSize = pageSize
        self.clock = clock
    }

    package var requests: [Request] { state.withLock { $0.requests } }

    package func holds(_ email: String) -> Bool { state.withLock { $0.entries[email.lowercased()] != nil } }

    package func add(_ email: String, reason: String = "BOUNCE") {
        let entry = AccountSuppressionPage.Entry(email: email, reason: reason, updatedAt: clock())
        state.withLock { $0.entries[email.lowercased()] = entry }
    }

    /// Every request fails like this from now on; nil for none.
    package func set(fault: AccountListError?) { state.withLock { $0.fault = fault } }

    /// In the order of the addresses; the token is the last address of the page before.
    package func page(since: Timestamp?, token: String?) throws(AccountListError) -> AccountSuppressionPage {
        let now = clock()
        let answer = state.withLock { state -> Result<AccountSuppressionPage, AccountListError> in
            state.requests.append(Request(at: now, since: since, token: token))
            if let fault = state.fault { return .failure(fault) }
            let found = state.entries.filter { key, entry in
                token.map { key > $0 } ?? true && since.map { entry.updatedAt >= $0 } ?? true
            }.sorted { $0.key < $1.key }
            let next = found.count > pageSize ? found[pageSize - 1].key : nil
            return .success(AccountSuppressionPage(entries: found.prefix(pageSize).map(\.value), next: next))
        }
        return try answer.get()
    }

    package func remove(_ email: String) throws(AccountListError) -> Bool {
        let answer = state.withLock { state -> Result<Bool, AccountListError> in
            if let fault = state.fault { return .failure(fault) }
            return .success(state.entries.removeValue(forKey: email.lowercased()) != nil)
        }
        return try answer.get()
    }
}
