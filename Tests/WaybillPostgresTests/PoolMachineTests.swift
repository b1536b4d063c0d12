import Testing
import WaybillPorts

@testable import WaybillPostgres

@Suite struct PoolMachineTests {
    private static let lost = StoreError(.unavailable, "connection refused")

    private func machine(_ change: (inout PostgresSettings) -> Void = { _ in }) -> PoolMachine {
        var settings = PostgresSettings(connectionString: "")
        settings.maxConnections = 2
        settings.waitingLine = 2
        settings.firstBackoff = .milliseconds(100)
        settings.longestBackoff = .seconds(1)
        change(&settings)
        return PoolMachine(settings)
    }

    @Test func connectionsAreMadeUpToTheMaximumThenCallersWaitInOrder() {
        var machine = machine()
        #expect(machine.acquire(waiter: 1, now: .zero) == .connect(1))
        #expect(machine.acquire(waiter: 2, now: .zero) == .connect(2))
        #expect(machine.connected(1, now: .zero) == [])
        #expect(machine.acquire(waiter: 3, now: .zero) == nil)
        #expect(machine.acquire(waiter: 4, now: .zero) == nil)
        guard case .refuse(let error) = machine.acquire(waiter: 5, now: .zero) else {
            Issue.record("the line has no end")
            return
        }
        #expect(error.code == .overloaded)
        #expect(machine.release(1, reusable: true, now: .zero) == [.init(waiter: 3, grant: .use(1))])
        #expect(machine.connected(2, now: .zero) == [])
        #expect(machine.release(2, reusable: true, now: .zero) == [.init(waiter: 4, grant: .use(2))])
        #expect(machine.release(1, reusable: true, now: .zero) == [])
        #expect(machine.acquire(waiter: 6, now: .zero) == .use(1))
    }

    @Test func aBrokenConnectionIsReplacedForTheNextInTheLine() {
        var machine = machine { $0.maxConnections = 1 }
        #expect(machine.acquire(waiter: 1, now: .zero) == .connect(1))
        _ = machine.connected(1, now: .zero)
        #expect(machine.acquire(waiter: 2, now: .zero) == nil)
        #expect(machine.release(1, reusable: false, now: .zero) == [.init(waiter: 2, grant: .connect(2))])
    }

    @Test func aCallerThatLeftTheLineGetsNothing() {
        var machine = machine { $0.maxConnections = 1 }
        #expect(machine.acquire(waiter: 1, now: .zero) == .connect(1))
        _ = machine.connected(1, now: .zero)
        #expect(machine.acquire(waiter: 2, now: .zero) == nil)
        let left = [machine.leave(waiter: 2), machine.leave(waiter: 2)]
        #expect(left == [true, false])
        #expect(machine.release(1, reusable: true, now: .zero) == [])
    }

    @Test func afterAFailureEverybodyIsRefusedUntilOneTriesAgain() {
        var machine = machine()
        var generator = SystemRandomNumberGenerator()
        #expect(machine.acquire(waiter: 1, now: .zero) == .connect(1))
        #expect(machine.acquire(waiter: 2, now: .zero) == .connect(2))
        #expect(machine.acquire(waiter: 3, now: .zero) == nil)
        #expect(machine.connectFailed(1, Self.lost, now: .zero, using: &generator) == [])
        let answers = machine.connectFailed(2, Self.lost, now: .zero, using: &generator)
        #expect(answers.map(\.waiter) == [3])
        guard case .refuse(let error) = machine.acquire(waiter: 4, now: .milliseconds(49)) else {
            Issue.record("nobody waits out the backoff")
            return
        }
        #expect(error.code == .unavailable)
        #expect(error.message.contains("connection refused"))
        #expect(machine.acquire(waiter: 5, now: .seconds(2)) == .connect(3))
        #expect(machine.acquire(waiter: 6, now: .seconds(2)) == nil)
        #expect(machine.connected(3, now: .seconds(2)) == [.init(waiter: 6, grant: .connect(4))])
    }

    @Test func aCancelledAttemptToConnectIsNoFailure() {
        var machine = machine()
        var generator = SystemRandomNumberGenerator()
        let cancelled = StoreError(.cancelled, "cancelled")
        #expect(machine.acquire(waiter: 1, now: .zero) == .connect(1))
        #expect(machine.connectFailed(1, cancelled, now: .zero, using: &generator) == [])
        #expect(machine.acquire(waiter: 2, now: .zero) == .connect(2))
    }

    @Test func closingRefusesThoseWhoWaitAndThoseWhoCome() {
        var machine = machine { $0.maxConnections = 1 }
        #expect(machine.acquire(waiter: 1, now: .zero) == .connect(1))
        _ = machine.connected(1, now: .zero)
        #expect(machine.acquire(waiter: 2, now: .zero) == nil)
        let (answers, idle) = machine.close()
        #expect(answers == [.init(waiter: 2, grant: .refuse(.poolClosed))])
        #expect(idle.isEmpty)
        #expect(machine.acquire(waiter: 3, now: .zero) == .refuse(.poolClosed))
        #expect(!machine.isQuiet)
        #expect(machine.release(1, reusable: true, now: .zero) == [])
        #expect(machine.isQuiet)
        #expect(machine.acquire(waiter: 4, now: .zero) == .refuse(.poolClosed))
    }

    @Test func theBackoffDoublesUpToItsLimitWithJitterInTheUpperHalf() {
        for _ in 1...50 {
            var backoff = Backoff(first: .milliseconds(100), longest: .seconds(1))
            var generator = SystemRandomNumberGenerator()
            for limit in [100, 200, 400, 800, 1000, 1000] {
                backoff.failed(Self.lost, now: .zero, using: &generator)
                #expect(!backoff.allows(now: .milliseconds(limit / 2) - .microseconds(1)))
                #expect(backoff.allows(now: .milliseconds(limit)))
            }
            backoff.succeeded()
            #expect(backoff.allows(now: .zero))
            #expect(!backoff.isFailing)
        }
    }
}
