import Synchronization
import WaybillCore
import WaybillPorts

/// A group of statements on its way: one implicit transaction, because one sync ends it.
final class PostgresCall: Sendable {
    enum Content: Sendable {
        case statements([PostgresStatement])
        /// Several commands in one text, without parameters: the simple protocol.
        case script(String)
    }

    typealias Outcome = Result<[ResultHandle], StoreError>

    let content: Content
    let timeout: Duration
    private let state = Mutex(CallState())
    private let completion: @Sendable (Outcome) -> Void

    /// `completion` is called once, on the reactor's thread.
    init(_ content: Content, timeout: Duration, completion: @escaping @Sendable (Outcome) -> Void) {
        self.content = content
        self.timeout = timeout
        self.completion = completion
    }

    var cancelReason: CallState.Reason? { state.withLock { $0.reason } }

    /// True when a cancel request must be sent now. May be called from any thread.
    func cancel(_ reason: CallState.Reason) -> Bool { state.withLock { $0.cancel(reason) } }

    func becomeFirst() -> Bool { state.withLock { $0.becomeFirst() } }

    func finish(_ outcome: Outcome) {
        state.withLock { $0.finish() }
        completion(outcome.mapError { explain($0) })
    }

    /// A statement that was cancelled says 57014 for every reason; the reason is known here.
    private func explain(_ error: StoreError) -> StoreError {
        guard error.sqlState == "57014" else { return error }
        switch cancelReason {
        case .task: return StoreError(.cancelled, sqlState: error.sqlState, "the waiting task was cancelled")
        case .deadline:
            return StoreError(.transient, sqlState: error.sqlState, "cancelled after \(timeout.wholeMilliseconds) ms")
        case nil: return error
        }
    }
}

/// What the pool asks of a connection, from any thread.
final class ConnectionHealth: Sendable {
    private let open = Atomic(true)
    private let cancelRequests = Atomic(0)

    /// False once the connection broke or was closed.
    var isOpen: Bool { open.load(ordering: .acquiring) }

    /// A cancel request that is still under way could hit the next caller's statement.
    var isReusable: Bool { isOpen && cancelRequests.load(ordering: .acquiring) == 0 }

    func close() { open.store(false, ordering: .releasing) }

    func cancelRequestBegins() { cancelRequests.add(1, ordering: .acquiringAndReleasing) }

    func cancelRequestEnds() { cancelRequests.subtract(1, ordering: .acquiringAndReleasing) }
}
