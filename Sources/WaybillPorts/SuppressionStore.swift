package import WaybillCore

/// The addresses that are not written to. They are compared by their ``AddressKey``. All times are the store's own clock's,
/// but for what is said to have happened.
package protocol SuppressionStore: Sendable {
    /// Adds an address that bounced or complained, or this to the sources of one that is there; the first reason stays. `at`
    /// is when it happened: what is not newer than an operator's removal of the address changes nothing.
    func suppress(_ suppression: Suppression, at: Timestamp) async throws(StoreError)

    /// Nil when the address is not suppressed.
    func suppression(of email: String) async throws(StoreError) -> SuppressedAddress?

    /// Takes an address off, whatever its sources, and remembers that, so that older news do not bring it back. False when
    /// it was not there.
    func unsuppress(_ email: String) async throws(StoreError) -> Bool
}

package struct SuppressedAddress: Hashable, Sendable {
    /// The key.
    package var email: String
    /// The first one's.
    package var reason: String
    /// In the order in which they came.
    package var sources: [SuppressionSource]
    /// As the account's list spells it; nil when it is not known to be there.
    package var accountEmail: String?

    package init(email: String, reason: String, sources: [SuppressionSource], accountEmail: String? = nil) {
        self.email = email
        self.reason = reason
        self.sources = sources
        self.accountEmail = accountEmail
    }
}

/// The leader's mirror of the account's list. Each change is fenced by its term.
package protocol SuppressionMirrorStore: Sendable {
    func mirror() async throws(StoreError) -> SuppressionMirror

    /// Begins a read, in place of one that is under way. With a tick only the first that begins it: false, and nothing
    /// happens, for the others.
    func beginMirrorRead(
        _ kind: SuppressionMirror.Kind,
        since: Timestamp?,
        tick: Int64?,
        fence: LeaderFence
    ) async throws(StoreError) -> Bool

    /// Keeps a page, and with it where the read goes on. Without a next page a recent read is over, and a full one begins
    /// to drop.
    func keepMirrorPage(_ page: AccountSuppressionPage, fence: LeaderFence) async throws(StoreError)

    /// Takes the source `account` from up to `limit` addresses that the full read did not find, and the address off when
    /// it had no other. Returns how many; fewer than the limit were the last ones, and the read is over.
    func dropUnseen(limit: Int, fence: LeaderFence) async throws(StoreError) -> Int

    /// Why the account's list cannot be read, nil when it can.
    func noteMirrorTrouble(_ trouble: String?, fence: LeaderFence) async throws(StoreError)
}

/// The SES account's own suppression list. SES answers one such request a second and account.
package protocol AccountSuppressionList: Sendable {
    /// One page, at most ``AccountSuppressionPage/most`` long, of what changed since then.
    func page(since: Timestamp?, token: String?) async throws(AccountListError) -> AccountSuppressionPage

    /// Takes an address off. False when it was not there.
    func remove(_ email: String) async throws(AccountListError) -> Bool
}

package struct AccountSuppressionPage: Hashable, Sendable {
    /// SES API v2, ListSuppressedDestinations: at most 1,000.
    package static let most = 1000

    package struct Entry: Hashable, Sendable {
        /// As SES spells it.
        package var email: String
        /// BOUNCE or COMPLAINT.
        package var reason: String
        /// When it came onto the list, or was put there again.
        package var updatedAt: Timestamp

        package init(email: String, reason: String, updatedAt: Timestamp) {
            self.email = email
            self.reason = reason
            self.updatedAt = updatedAt
        }

        /// What the record of an email that is not sent says.
        package var text: String { "on the SES account's list: \(reason)" }
    }

    package var entries: [Entry]
    /// Pass it for the next page; nil at the end.
    package var next: String?

    package init(entries: [Entry], next: String?) {
        self.entries = entries
        self.next = next
    }
}

package struct AccountListError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        /// No answer, or no credentials: perhaps only here.
        case unreached
        /// SES answers so many requests and no more.
        case throttled
        /// SES does not know the token of the page any more: the read begins again.
        case staleToken
        /// Not allowed, or not understood: trying again does not help.
        case refused
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { "the SES account's suppression list, \(code.rawValue): \(message)" }
}
