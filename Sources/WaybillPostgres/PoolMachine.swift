import WaybillCore
import WaybillPorts

/// Decides who gets which connection. Connections and waiting callers are numbers here; ``PostgresPool`` holds what they
/// stand for.
///
/// Nobody sleeps in the pool. While the server cannot be reached a caller is refused at once as unavailable, and the
/// first one after the backoff tries to connect.
struct PoolMachine: Sendable {
    enum Grant: Hashable, Sendable {
        /// Take this connection; give it back with `release`.
        case use(Int)
        /// Make this connection; report with `connected` or `connectFailed`.
        case connect(Int)
        case refuse(StoreError)
    }

    /// A caller that waited, and what it gets.
    struct Answer: Hashable, Sendable {
        let waiter: Int
        let grant: Grant
    }

    private let maxConnections: Int
    private let waitingLine: Int
    private var backoff: Backoff
    /// Last used, first used again: what is not needed stays idle.
    private var idle: [Int] = []
    private var busy: Set<Int> = []
    private var connecting: Set<Int> = []
    /// First come, first served.
    private var waiters: [Int] = []
    private var lastConnection = 0
    private(set) var isClosed = false

    init(_ settings: PostgresSettings) {
        maxConnections = settings.maxConnections
        waitingLine = settings.waitingLine
        backoff = Backoff(first: settings.firstBackoff, longest: settings.longestBackoff)
    }

    /// Nothing is lent and nothing under way.
    var isQuiet: Bool { busy.isEmpty && connecting.isEmpty }

    /// Nil when the caller has to wait, and stands in the line now.
    mutating func acquire(waiter: Int, now: Duration) -> Grant? {
        if isClosed { return .refuse(.poolClosed) }
        if let connection = idle.popLast() {
            busy.insert(connection)
            return .use(connection)
        }
        if let connection = connect(now: now) { return .connect(connection) }
        // Somebody will give a connection back, or learn whether the server is there.
        guard !isQuiet else { return .refuse(backoff.error) }
        guard waiters.count < waitingLine else {
            return .refuse(StoreError(.overloaded, "\(waitingLine) callers wait for a connection already"))
        }
        waiters.append(waiter)
        return nil
    }

    /// A caller that waited was cancelled; false when it does not stand in the line.
    mutating func leave(waiter: Int) -> Bool {
        guard let index = waiters.firstIndex(of: waiter) else { return false }
        waiters.remove(at: index)
        return true
    }

    mutating func connected(_ connection: Int, now: Duration) -> [Answer] {
        connecting.remove(connection)
        busy.insert(connection)
        backoff.succeeded()
        return serve(now: now)
    }

    mutating func connectFailed(
        _ connection: Int,
        _ error: StoreError,
        now: Duration,
        using generator: inout some RandomNumberGenerator
    ) -> [Answer] {
        connecting.remove(connection)
        // A caller that gave up says nothing about the server.
        if error.code != .cancelled { backoff.failed(error, now: now, using: &generator) }
        return serve(now: now)
    }

    /// A connection comes back. One that broke is forgotten; the caller closes it.
    mutating func release(_ connection: Int, reusable: Bool, now: Duration) -> [Answer] {
        busy.remove(connection)
        if reusable, !isClosed { idle.append(connection) }
        return serve(now: now)
    }

    /// Refuses everybody from now on; returns those who waited, and the idle connections, which the caller closes.
    mutating func close() -> (answers: [Answer], idle: [Int]) {
        isClosed = true
        defer { (waiters, idle) = ([], []) }
        return (waiters.map { Answer(waiter: $0, grant: .refuse(.poolClosed)) }, idle)
    }

    private mutating func connect(now: Duration) -> Int? {
        guard idle.count + busy.count + connecting.count < maxConnections else { return nil }
        // After a failure one caller tries, not all of them.
        guard backoff.allows(now: now), !backoff.isFailing || connecting.isEmpty else { return nil }
        lastConnection += 1
        connecting.insert(lastConnection)
        return lastConnection
    }

    private mutating func serve(now: Duration) -> [Answer] {
        var answers: [Answer] = []
        while let waiter = waiters.first {
            if let connection = idle.popLast() {
                busy.insert(connection)
                answers.append(Answer(waiter: waiter, grant: .use(connection)))
            } else if let connection = connect(now: now) {
                answers.append(Answer(waiter: waiter, grant: .connect(connection)))
            } else if isQuiet {
                answers.append(Answer(waiter: waiter, grant: .refuse(backoff.error)))
            } else {
                break
            }
            waiters.removeFirst()
        }
        return answers
    }
}

extension StoreError {
    static let poolClosed = StoreError(.unavailable, "the pool of connections is closed")
}

/// When to try again after failures: exponential, with jitter over the upper half.
struct Backoff: Sendable {
    private let first: Duration
    private let longest: Duration
    private var failures = 0
    private var retryAt: Duration?
    private var lastError: StoreError?

    init(first: Duration, longest: Duration) {
        self.first = first
        self.longest = longest
    }

    var isFailing: Bool { failures > 0 }

    /// What callers are told meanwhile.
    var error: StoreError {
        StoreError(.unavailable, "no connection; the last attempt said: \(lastError?.message ?? "nothing")")
    }

    func allows(now: Duration) -> Bool { retryAt.map { $0 <= now } ?? true }

    mutating func succeeded() {
        (failures, retryAt, lastError) = (0, nil, nil)
    }

    mutating func failed(_ error: StoreError, now: Duration, using generator: inout some RandomNumberGenerator) {
        let longestWait = min(longest.wholeMicroseconds, first.wholeMicroseconds << min(failures, 20))
        let wait = Int64.random(in: longestWait / 2...max(longestWait / 2, longestWait), using: &generator)
        failures += 1
        retryAt = now + .microseconds(wait)
        lastError = error
    }
}
