import Glibc
import Synchronization
import Testing
import WaybillReactor

/// Runs a test with a reactor of its own, and stops it.
func withReactor(_ test: (Reactor) async throws -> Void) async throws {
    let reactor = try Reactor()
    let result: Result<Void, any Error>
    do {
        result = .success(try await test(reactor))
    } catch {
        result = .failure(error)
    }
    await reactor.stop()
    try result.get()
}

extension Reactor {
    /// Runs an action on the reactor's thread and returns its result.
    func run<Value: Sendable>(_ action: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            execute { continuation.resume(returning: action()) }
        }
    }

    var isHere: Bool { isIsolatingCurrentContext() == true }
}

/// An actor of the reactor, as the I/O actors are.
actor Pinned {
    nonisolated let reactor: Reactor
    private(set) var calls = 0

    init(_ reactor: Reactor) {
        self.reactor = reactor
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe reactor.asUnownedSerialExecutor() }

    func isOnReactor() -> Bool {
        calls += 1
        return reactor.isHere
    }
}

/// An ordinary actor, as the cluster's are.
actor Ordinary {
    func isOn(_ reactor: Reactor) -> Bool { reactor.isHere }

    func isOn(_ reactor: Reactor, afterCalling pinned: Pinned) async -> Bool {
        let before = reactor.isHere
        let inside = await pinned.isOnReactor()
        return before && inside && reactor.isHere
    }
}

/// Values from any thread, in the order in which they came.
final class Log<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])

    var all: [Value] { values.withLock { $0 } }
    func add(_ value: Value) { values.withLock { $0.append(value) } }
}

/// Both ends of a pipe; what is written to one can be read from the other.
struct Pipe: Sendable {
    let reading: Int32
    let writing: Int32

    init() throws {
        var ends: [Int32] = [0, 0]
        guard unsafe pipe(&ends) == 0 else { throw SystemCallError(call: "pipe", code: errno) }
        (reading, writing) = (ends[0], ends[1])
    }

    func put(_ byte: UInt8) {
        var byte = byte
        unsafe #expect(write(writing, &byte, 1) == 1)
    }

    func take() -> UInt8? {
        var byte: UInt8 = 0
        return unsafe read(reading, &byte, 1) == 1 ? byte : nil
    }

    func closeBoth() {
        close(reading)
        close(writing)
    }
}
