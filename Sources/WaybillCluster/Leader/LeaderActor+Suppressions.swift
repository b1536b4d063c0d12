import Logging
import WaybillCore
import WaybillPorts

/// The mirror of the SES account's suppression list: one page a step, and each step begins with what the store knows, so
/// that a term may end anywhere.
extension LeaderActor {
    /// Addresses removed in one commit.
    private static let dropLimit = 1000

    func mirrorSuppressions(_ fence: LeaderFence) async throws(DutyFailure) -> Duration {
        guard let list = ports.suppressions else { return SuppressionMirror.interval }
        let now = try await DutyFailure.wrap { () async throws(StoreError) in try await ports.store.now() }
        let mirror = try await DutyFailure.wrap { () async throws(StoreError) in try await ports.store.mirror() }
        var action = mirror.next(now: now)
        if case .begin(let kind, let since, let tick?) = action {
            if try await begin(kind, since: since, tick: tick, fence) { return .zero }
            action = mirror.next(now: now, isFullBegun: true)
        }
        switch action {
        case .begin(let kind, let since, let tick):
            _ = try await begin(kind, since: since, tick: tick, fence)
            return .zero
        case .page(let since, let token):
            return try await readPage(of: list, since: since, token: token, mirror, fence)
        case .drop:
            let dropped = try await DutyFailure.wrap { () async throws(StoreError) in
                try await ports.store.dropUnseen(limit: Self.dropLimit, fence: fence)
            }
            if dropped > 0 {
                logger.info("addresses left the account's suppression list", metadata: ["count": "\(dropped)"])
            }
            return .zero
        case .rest(let duration):
            return duration
        }
    }

    private func begin(
        _ kind: SuppressionMirror.Kind,
        since: Timestamp?,
        tick: Int64?,
        _ fence: LeaderFence
    ) async throws(DutyFailure) -> Bool {
        try await DutyFailure.wrap { () async throws(StoreError) in
            try await ports.store.beginMirrorRead(kind, since: since, tick: tick, fence: fence)
        }
    }

    private func readPage(
        of list: any AccountSuppressionList,
        since: Timestamp?,
        token: String?,
        _ mirror: SuppressionMirror,
        _ fence: LeaderFence
    ) async throws(DutyFailure) -> Duration {
        let wait = waitForAccount()
        guard wait == .zero else { return wait }
        let page: AccountSuppressionPage
        do throws(AccountListError) {
            page = try await list.page(since: since, token: token)
        } catch {
            return try await notRead(error, mirror, fence)
        }
        try await DutyFailure.wrap { () async throws(StoreError) in
            try await ports.store.keepMirrorPage(page, fence: fence)
        }
        return SuppressionMirror.pagePause
    }

    /// Only what is out of reach may be a matter of this leader's place. Email goes on without the mirror: SES keeps its list
    /// itself.
    private func notRead(
        _ error: AccountListError,
        _ mirror: SuppressionMirror,
        _ fence: LeaderFence
    ) async throws(DutyFailure) -> Duration {
        switch error.code {
        case .unreached:
            throw .outside(error.description)
        case .staleToken:
            guard let read = mirror.read else { return SuppressionMirror.pagePause }
            _ = try await begin(read.kind, since: read.since, tick: nil, fence)
            return SuppressionMirror.pagePause
        case .throttled, .refused:
            if mirror.trouble != error.message {
                logger.warning("the account's suppression list is not read", metadata: ["error": "\(error)"])
            }
            try await DutyFailure.wrap { () async throws(StoreError) in
                try await ports.store.noteMirrorTrouble(error.message, fence: fence)
            }
            return SuppressionMirror.troublePause
        }
    }
}
