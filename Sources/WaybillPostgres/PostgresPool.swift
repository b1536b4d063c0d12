import Synchronization
package import WaybillPorts
package import WaybillReactor

/// A fixed number of connections, each lent to one caller at a time; a bounded line waits for them, and a cancelled task
/// leaves it at once. Connections are made when they are needed, by the caller that needs one.
package final class PostgresPool: Sendable {
    private struct Storage {
        var machine: PoolMachine
        var connections: [Int: PostgresConnection] = [:]
        var waiting: [Int: CheckedContinuation<PoolMachine.Grant, Never>] = [:]
        var lastWaiter = 0
        /// Cancelled before they stood in the line.
        var cancelled: Set<Int> = []
        var closing: [CheckedContinuation<Void, Never>] = []
    }

    private let storage: Mutex<Storage>
    private let settings: PostgresSettings
    private let reactor: Reactor
    private let environment: any Environment

    /// Connects nothing yet.
    package init(_ settings: PostgresSettings, reactor: Reactor, environment: any Environment) {
        self.settings = settings
        self.reactor = reactor
        self.environment = environment
        storage = Mutex(Storage(machine: PoolMachine(settings)))
    }

    /// Runs statements in one implicit transaction on some connection: see ``PostgresConnection/perform``.
    package func perform<Value: Sendable>(
        _ statements: [PostgresStatement],
        timeout: Duration? = nil,
        decode: @escaping @Sendable (borrowing PostgresResults) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        try await withConnection { connection throws(StoreError) in
            try await connection.perform(statements, timeout: timeout, decode: decode)
        }
    }

    /// Lends a connection for the time of the body. Errors: `.unavailable` when the server cannot be reached,
    /// `.overloaded` when the line is full, `.cancelled`, and the body's.
    package func withConnection<Value: Sendable>(
        _ body: (PostgresConnection) async throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        let (number, connection) = try await acquire()
        let result: Result<Value, StoreError>
        do throws(StoreError) {
            result = .success(try await body(connection))
        } catch {
            result = .failure(error)
        }
        await release(number, connection)
        return try result.get()
    }

    /// Refuses everybody from now on, closes what is idle, and returns when the last connection that was lent is back.
    package func close() async {
        let idle = storage.withLock { storage in
            let (answers, idle) = storage.machine.close()
            deliver(answers, in: &storage)
            return idle.compactMap { storage.connections.removeValue(forKey: $0) }
        }
        for connection in idle { await connection.close() }
        await withCheckedContinuation { continuation in
            let isQuiet = storage.withLock { storage in
                if !storage.machine.isQuiet { storage.closing.append(continuation) }
                return storage.machine.isQuiet
            }
            if isQuiet { continuation.resume() }
        }
    }

    private func acquire() async throws(StoreError) -> (Int, PostgresConnection) {
        while true {
            switch await grant() {
            case .refuse(let error): throw error
            case .connect(let number):
                let connection = try await connect(number)
                return (number, connection)
            case .use(let number):
                guard let connection = storage.withLock({ $0.connections[number] }) else {
                    preconditionFailure("the pool lends a connection it does not have")
                }
                if connection.health.isReusable { return (number, connection) }
                // It broke while it was idle.
                await release(number, connection)
            }
        }
    }

    private func grant() async -> PoolMachine.Grant {
        let waiter = storage.withLock { storage in
            storage.lastWaiter += 1
            return storage.lastWaiter
        }
        let grant = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if let grant = ask(waiter, continuation) { continuation.resume(returning: grant) }
            }
        } onCancel: {
            cancel(waiter)
        }
        storage.withLock { _ = $0.cancelled.remove(waiter) }
        return grant
    }

    /// Nil when the continuation stands in the line.
    private func ask(_ waiter: Int, _ continuation: CheckedContinuation<PoolMachine.Grant, Never>) -> PoolMachine.Grant?
    {
        let now = environment.monotonicNow()
        return storage.withLock { storage in
            if storage.cancelled.contains(waiter) { return .refuse(.cancelledWaiting) }
            let grant = storage.machine.acquire(waiter: waiter, now: now)
            if grant == nil { storage.waiting[waiter] = continuation }
            return grant
        }
    }

    private func cancel(_ waiter: Int) {
        let continuation = storage.withLock { storage in
            guard storage.machine.leave(waiter: waiter) else {
                storage.cancelled.insert(waiter)
                return CheckedContinuation<PoolMachine.Grant, Never>?.none
            }
            return storage.waiting.removeValue(forKey: waiter)
        }
        continuation?.resume(returning: .refuse(.cancelledWaiting))
    }

    private func connect(_ number: Int) async throws(StoreError) -> PostgresConnection {
        do throws(StoreError) {
            let connection = try await PostgresConnection.connect(settings, reactor: reactor, environment: environment)
            let now = environment.monotonicNow()
            storage.withLock { storage in
                storage.connections[number] = connection
                deliver(storage.machine.connected(number, now: now), in: &storage)
            }
            return connection
        } catch {
            let now = environment.monotonicNow()
            storage.withLock { storage in
                var generator = EnvironmentGenerator(environment)
                let answers = storage.machine.connectFailed(number, error, now: now, using: &generator)
                deliver(answers, in: &storage)
            }
            throw error
        }
    }

    private func release(_ number: Int, _ connection: PostgresConnection) async {
        let now = environment.monotonicNow()
        let isKept = storage.withLock { storage in
            let isKept = connection.health.isReusable && !storage.machine.isClosed
            if !isKept { storage.connections[number] = nil }
            deliver(storage.machine.release(number, reusable: isKept, now: now), in: &storage)
            return isKept
        }
        if !isKept { await connection.close() }
    }

    /// Resumes those who waited, and those who wait for the end. Resuming only enqueues, so the lock may be held.
    private func deliver(_ answers: [PoolMachine.Answer], in storage: inout Storage) {
        for answer in answers { storage.waiting.removeValue(forKey: answer.waiter)?.resume(returning: answer.grant) }
        guard storage.machine.isClosed, storage.machine.isQuiet else { return }
        for continuation in storage.closing { continuation.resume() }
        storage.closing = []
    }
}

extension StoreError {
    fileprivate static let cancelledWaiting = StoreError(.cancelled, "cancelled while waiting for a connection")
}
