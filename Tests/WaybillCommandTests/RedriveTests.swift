import Synchronization
import Testing
import WaybillCore
import WaybillPorts
import WaybillSimulation

@testable import waybill

@Suite struct RedriveTests {
    private final class Home: Sendable {
        private let state = Mutex<[String]>([])
        let capacity: Int

        init(capacity: Int = .max) {
            self.capacity = capacity
        }

        var bodies: [String] { state.withLock { $0 } }

        func send(_ body: String) throws(QueueError) {
            let isFull = state.withLock { bodies in
                guard bodies.count < capacity else { return true }
                bodies.append(body)
                return false
            }
            if isFull { throw QueueError(.unavailable, "the queue is down") }
        }
    }

    private final class QueueClock: Sendable {
        private let time = Mutex(Sample.start)

        var now: Timestamp { time.withLock { $0 } }

        func pass(_ duration: Duration) { time.withLock { $0 = $0 + duration } }
    }

    private func run(
        _ count: Int,
        limit: Int = 1000,
        home: Home,
        fault: @escaping @Sendable (InMemoryMessageQueue.Call) -> QueueError? = { _ in nil }
    ) async throws -> (report: RedriveReport, waiting: Int) {
        let clock = QueueClock()
        let dead = InMemoryMessageQueue(
            name: "orders-dlq",
            now: { clock.now },
            sleep: { duration throws(CancellationError) in clock.pass(duration) },
            fault: fault
        )
        for number in 0..<count { dead.send("m-\(number)") }
        let run = RedriveRun(dead: dead, limit: limit) { body throws(QueueError) in try home.send(body) }
        let report = await run.run()
        let depth = try await dead.depth()
        return (report, depth.visible + depth.inFlight)
    }

    @Test func everyMessageGoesHomeOnceAndIsGone() async throws {
        let home = Home()
        let (report, waiting) = try await run(25, home: home)
        #expect((report.moved, report.left, waiting) == (25, 0, 0))
        #expect(Set(home.bodies) == Set((0..<25).map { "m-\($0)" }))
        #expect(home.bodies.count == 25)
        #expect(report.failure == nil)
    }

    @Test func noMoreGoThanWereAskedFor() async throws {
        let home = Home()
        let (report, waiting) = try await run(25, limit: 12, home: home)
        #expect((report.moved, report.left, waiting) == (12, 0, 13))
        #expect(report.failure == nil)
    }

    @Test func whatCouldNotBeSentStaysAndWhatWasSentIsDeleted() async throws {
        let home = Home(capacity: 7)
        let (report, waiting) = try await run(25, home: home)
        #expect((report.moved, report.left, waiting) == (7, 0, 18))
        #expect(report.failure?.code == .unavailable)
    }

    @Test func whatCouldNotBeDeletedIsCounted() async throws {
        let home = Home()
        let (report, waiting) = try await run(5, home: home) { call in
            call == .delete ? QueueError(.unavailable, "no answer") : nil
        }
        #expect((report.moved, report.left, waiting) == (5, 5, 5))
        #expect(report.failure?.code == .unavailable)
    }
}
