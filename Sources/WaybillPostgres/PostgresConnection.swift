import CPostgres
package import WaybillPorts
package import WaybillReactor

/// A connection to PostgreSQL on the reactor: libpq without blocking, always in pipeline mode, unnamed statements, no
/// session state, so it works through PgBouncer in transaction mode.
///
/// Calls are answered in order. The reactor keeps the connection alive until it broke or ``close()`` was called.
package actor PostgresConnection {
    /// Calls that may wait on one connection; one more is refused as overloaded.
    static let longestLine = 64

    private enum State {
        case open(ConnectionHandle, socket: WatchedSocket, timer: ReactorTimer)
        /// Why it is of no more use.
        case closed(StoreError)
    }

    package nonisolated let reactor: Reactor
    nonisolated let health = ConnectionHealth()
    private let settings: PostgresSettings
    private let cancelHandle: CancelHandle
    private var state: State
    /// The first is what the server works on.
    private var line: [PostgresCall] = []
    /// Of the first call.
    private var results: [ResultHandle] = []
    private var failure: StoreError?
    private var wantsToWrite = false
    /// The first call has had its time.
    private var isOverdue = false

    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe reactor.asUnownedSerialExecutor() }

    /// Connects. `.unavailable` when that failed for whatever reason: whether it helps to try again is not known.
    package static func connect(
        _ settings: PostgresSettings,
        reactor: Reactor,
        environment: any Environment
    ) async throws(StoreError) -> PostgresConnection {
        let handle = try await PostgresConnector.connect(settings, environment: environment)
        guard let cancelHandle = CancelHandle(of: handle), let socket = WatchedSocket(of: handle) else {
            throw StoreError(.unavailable, "out of memory or of file descriptors")
        }
        let connection = PostgresConnection(settings, cancelHandle: cancelHandle, reactor: reactor)
        await connection.start(handle, socket)
        return connection
    }

    private init(_ settings: PostgresSettings, cancelHandle: CancelHandle, reactor: Reactor) {
        self.settings = settings
        self.cancelHandle = cancelHandle
        self.reactor = reactor
        state = .closed(StoreError(.unavailable, "the connection has not started"))
    }

    private func start(_ handle: ConnectionHandle, _ socket: WatchedSocket) {
        let timer = reactor.makeTimer { self.assumeIsolated { $0.timeIsUp() } }
        state = .open(handle, socket: socket, timer: timer)
        // Level-triggered and registered once: the loss of an idle connection shows by itself.
        reactor.register(socket.descriptor, .read) { _ in self.assumeIsolated { $0.ready() } }
    }

    /// Runs statements in one implicit transaction and decodes their results on the reactor's thread.
    ///
    /// A cancelled task sends a cancel request and still awaits the server's answer: `.cancelled` when it was in time,
    /// the value when not. `.unavailable` when the connection broke: whether it was committed is not known.
    package func perform<Value: Sendable>(
        _ statements: [PostgresStatement],
        timeout: Duration? = nil,
        decode: @escaping @Sendable (borrowing PostgresResults) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        try await submit(.statements(statements), timeout: timeout, decode)
    }

    /// Runs a text of several commands by the simple protocol. Nothing else may be under way on the connection; a
    /// transaction that the text opens stays open.
    package func run(script: String, timeout: Duration) async throws(StoreError) {
        guard line.isEmpty else { throw StoreError(.rejected, "a script needs its connection for itself") }
        try await submit(.script(script), timeout: timeout) { _ in }
    }

    /// What the server says beside its results from now on, on the reactor's thread. Before, it is dropped.
    package func hearNotices(_ hear: @escaping @Sendable (PostgresNotice) -> Void) {
        guard case .open(let handle, _, _) = state else { return }
        handle.hearNotices(hear)
    }

    /// Fails what is waiting and gives the socket back. To be called also for a connection that broke.
    package func close() {
        fail(StoreError(.unavailable, "the connection was closed"))
    }

    private func submit<Value: Sendable>(
        _ content: PostgresCall.Content,
        timeout: Duration?,
        _ decode: @escaping @Sendable (borrowing PostgresResults) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        let answer = AnswerBox<Value>()
        let call = PostgresCall(content, timeout: timeout ?? settings.statementTimeout) { outcome in
            answer.deliver(
                outcome.flatMap { handles in
                    Result { () throws(StoreError) in try decode(PostgresResults(handles)) }
                }
            )
        }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                answer.await(continuation)
                accept(call)
            }
        } onCancel: {
            if call.cancel(.task) { requestCancel() }
        }
        return try result.get()
    }

    private func accept(_ call: PostgresCall) {
        guard case .open(let handle, _, _) = state else {
            if case .closed(let error) = state { call.finish(.failure(error)) }
            return
        }
        if call.cancelReason != nil {
            return call.finish(.failure(StoreError(.cancelled, "cancelled before it began")))
        }
        guard line.count < Self.longestLine else {
            return call.finish(.failure(StoreError(.overloaded, "too many calls wait on one connection")))
        }
        guard handle.send(call.content) else { return refuse(call, handle.message) }
        line.append(call)
        if line.count == 1 { firstBegins() }
        flush()
    }

    /// libpq could not queue the call. What it queued of it cannot be taken back, so the connection goes.
    private func refuse(_ call: PostgresCall, _ message: String) {
        call.finish(.failure(StoreError(.rejected, message)))
        fail(StoreError(.unavailable, message))
    }

    private func firstBegins() {
        guard case .open(_, _, let timer) = state, let call = line.first else { return }
        isOverdue = false
        reactor.set(timer, after: call.timeout)
        if call.becomeFirst() { requestCancel() }
    }

    /// First the call's time, then the grace for the answer to the cancel request.
    private func timeIsUp() {
        guard case .open(_, _, let timer) = state, let call = line.first else { return }
        if isOverdue { return fail(StoreError(.unavailable, "the server does not answer")) }
        isOverdue = true
        reactor.set(timer, after: settings.cancelGrace)
        if call.cancel(.deadline) { requestCancel() }
    }

    /// PQcancel blocks, so it has a thread of its own.
    private nonisolated func requestCancel() {
        let (handle, health) = (cancelHandle, health)
        health.cancelRequestBegins()
        let code = OwnThread.start {
            handle.requestCancel()
            health.cancelRequestEnds()
        }
        if code != 0 { health.cancelRequestEnds() }
    }

    private func ready() {
        guard case .open(let handle, _, _) = state else { return }
        guard unsafe PQconsumeInput(handle.pointer) == 1 else {
            return fail(StoreError(.unavailable, handle.message))
        }
        flush()
        receive()
    }

    /// Asks for writability only while libpq has bytes left.
    private func flush() {
        guard case .open(let handle, let socket, _) = state else { return }
        let left = unsafe PQflush(handle.pointer)
        guard left >= 0 else { return fail(StoreError(.unavailable, handle.message)) }
        guard (left == 1) != wantsToWrite else { return }
        wantsToWrite = left == 1
        reactor.modify(socket.descriptor, wantsToWrite ? [.read, .write] : .read)
    }

    private func receive() {
        while case .open(let handle, _, _) = state, let call = line.first, unsafe PQisBusy(handle.pointer) == 0 {
            guard let pointer = unsafe PQgetResult(handle.pointer) else {
                // The end of one statement; of the whole call when it is a script.
                if case .script = call.content { firstEnds(handle) }
                continue
            }
            take(unsafe ResultHandle(pointer), of: handle)
        }
    }

    private func take(_ result: ResultHandle, of handle: ConnectionHandle) {
        switch result.status {
        case PGRES_PIPELINE_SYNC: firstEnds(handle)
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: results.append(result)
        // The statements after one that failed.
        case PGRES_PIPELINE_ABORTED: break
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH: fail(StoreError(.rejected, "COPY is not supported"))
        default: failure = failure ?? StoreError(result)
        }
    }

    private func firstEnds(_ handle: ConnectionHandle) {
        let call = line.removeFirst()
        let outcome = failure.map { PostgresCall.Outcome.failure($0) } ?? .success(results)
        (results, failure) = ([], nil)
        if case .script = call.content, unsafe PQenterPipelineMode(handle.pointer) != 1 {
            fail(StoreError(.unavailable, handle.message))
        }
        if case .open(_, _, let timer) = state { reactor.set(timer, after: nil) }
        firstBegins()
        call.finish(outcome)
        // The server went or is no primary any more: the next caller needs another connection.
        if case .failure(let error) = outcome, error.code == .unavailable { fail(error) }
    }

    private func fail(_ error: StoreError) {
        guard case .open(_, let socket, let timer) = state else { return }
        health.close()
        reactor.unregister(socket.descriptor)
        reactor.remove(timer)
        state = .closed(error)
        let waiting = line
        (line, results, failure) = ([], [], nil)
        for call in waiting { call.finish(.failure(StoreError(.unavailable, sqlState: error.sqlState, error.message))) }
    }
}
