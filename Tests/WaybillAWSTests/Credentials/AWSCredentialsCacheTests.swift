import Synchronization
import Testing
import WaybillAWS
import WaybillCore
import WaybillPorts

@Suite(.timeLimit(.minutes(1))) struct AWSCredentialsCacheTests {
    private static let key = AWSCredentials(accessKeyID: "KEY", secretAccessKey: "secret")

    private let cache: AWSCredentialsCache

    init() {
        let environment = SteppedEnvironment()
        cache = AWSCredentialsCache(environment: environment, clock: ServiceClock(environment: environment))
    }

    @Test func aHundredCallersAtOnceLookOnlyOnce() async throws {
        let gate = Gate()
        let keys = await withTaskGroup(of: AWSCredentials?.self) { group in
            for _ in 0..<100 { group.addTask { await ask(gate) } }
            await until { gate.arrivals == 1 }
            gate.open()
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(keys == Array(repeating: Self.key, count: 100))
        #expect(gate.arrivals == 1)
    }

    @Test func whenTheOneWhoLooksIsCancelledAnotherDoes() async {
        let (first, second) = (Gate(), Gate())
        await withTaskGroup(of: AWSCredentials?.self) { waiters in
            await withTaskGroup(of: AWSCredentials?.self) { looking in
                looking.addTask { await ask(first) }
                await until { first.arrivals == 1 }
                for _ in 0..<5 { waiters.addTask { await ask(second) } }
                looking.cancelAll()
                #expect(await looking.next() == .some(nil))
            }
            await until { second.arrivals == 1 }
            second.open()
            for await key in waiters { #expect(key == Self.key) }
        }
        #expect(second.arrivals == 1)
    }

    @Test func aCancelledWaiterGoesAtOnce() async {
        let gate = Gate()
        await withTaskGroup(of: AWSCredentials?.self) { looking in
            looking.addTask { await ask(gate) }
            await until { gate.arrivals == 1 }
            await withTaskGroup(of: AWSCredentials?.self) { waiters in
                for _ in 0..<5 { waiters.addTask { await ask(gate) } }
                waiters.cancelAll()
                for await key in waiters { #expect(key == nil) }
            }
            gate.open()
            #expect(await looking.next() == Self.key)
        }
        #expect(gate.arrivals == 1)
    }

    /// Nil when the call was cancelled.
    private func ask(_ gate: Gate) async -> AWSCredentials? {
        do throws(AWSError) {
            return try await cache.credentials { () async throws(AWSError) in
                try await gate.pass()
                return FoundCredentials(Self.key)
            }
        } catch {
            #expect(error.code == .cancelled)
            #expect(error.exposure == .notSent)
            return nil
        }
    }

    private func until(_ condition: () -> Bool) async {
        while !condition() { await Task.yield() }
    }
}

/// Lets nobody through until it is opened; a cancelled task leaves.
private final class Gate: Sendable {
    private let state = Mutex((arrivals: 0, isOpen: false))

    var arrivals: Int { state.withLock { $0.arrivals } }

    func open() { state.withLock { $0.isOpen = true } }

    func pass() async throws(AWSError) {
        state.withLock { $0.arrivals += 1 }
        while !state.withLock({ $0.isOpen }) {
            if Task.isCancelled { throw AWSError(.cancelled, "cancelled at the gate") }
            await Task.yield()
        }
    }
}
