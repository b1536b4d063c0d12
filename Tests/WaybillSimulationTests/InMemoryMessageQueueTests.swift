import Synchronization
import Testing
import WaybillConformance
import WaybillCore
import WaybillPorts
import WaybillSimulation

@Suite struct InMemoryMessageQueueTests {
    @Test(arguments: MessageQueueConformance.cases)
    func conforms(to demand: MessageQueueConformance.Case) throws {
        // Virtual time on one thread: a long poll must not run out while the test sends on another.
        let loop = SimulatedLoop(seed: 1)
        let visibility = MessageQueueSubject.visibility
        let queue = InMemoryMessageQueue(name: "orders", visibility: visibility, environment: loop)
        try loop.run {
            do {
                try await demand.check(MessageQueueSubject(queue: queue, send: { queue.send($0) }))
            } catch {
                Issue.record(error)
            }
        }
    }

    @Test func aMessageReceivedTooOftenBecomesADeadLetter() async throws {
        let clock = ManualClock()
        let dead = clock.makeQueue(name: "orders-dead")
        let queue = clock.makeQueue(name: "orders", deadLetters: dead, maxReceiveCount: 2)
        queue.send("poison")
        for count in 1...2 {
            #expect(try await queue.receive(limit: 1, wait: .seconds(5)).map(\.receiveCount) == [count])
        }
        #expect(try await queue.receive(limit: 1, wait: .seconds(5)).isEmpty)
        #expect(queue.currentDepth == QueueDepth(visible: 0, inFlight: 0, delayed: 0))
        let letters = try await dead.receive(limit: 1, wait: .zero)
        #expect(letters.map(\.body) == ["poison"])
        // The count is of all queues.
        #expect(letters.map(\.receiveCount) == [3])
    }

    @Test func anOldReceiptNeitherDeletesNorExtends() async throws {
        let queue = ManualClock().makeQueue(name: "orders")
        queue.send("again")
        let old = try await queue.receive(limit: 1, wait: .zero).map(\.receipt)
        let new = try await queue.receive(limit: 1, wait: .seconds(5)).map(\.receipt)
        #expect(try await queue.extend(old, by: .seconds(60)) == old)
        #expect(try await queue.delete(old).isEmpty)
        #expect(queue.currentDepth.inFlight == 1)
        #expect(try await queue.delete(new).isEmpty)
        #expect(queue.currentDepth.inFlight == 0)
    }

    @Test func aDelayedMessageWaits() async throws {
        let clock = ManualClock()
        let queue = clock.makeQueue(name: "orders")
        queue.send("later", delay: .seconds(3))
        #expect(queue.currentDepth == QueueDepth(visible: 0, inFlight: 0, delayed: 1))
        #expect(try await queue.receive(limit: 1, wait: .seconds(2)).isEmpty)
        #expect(try await queue.receive(limit: 1, wait: .seconds(2)).count == 1)
    }

    @Test func aPlannedFaultIsThrown() async throws {
        let failure = QueueError(.unavailable, "planned")
        let queue = InMemoryMessageQueue(
            name: "orders",
            now: { Timestamp(seconds: 0) },
            sleep: { _ throws(CancellationError) in },
            fault: { $0 == .receive ? failure : nil }
        )
        await #expect(throws: failure) { try await queue.receive(limit: 1, wait: .zero) }
        #expect(try await queue.delete([]).isEmpty)
    }
}

/// A clock that moves only when somebody sleeps.
private final class ManualClock: Sendable {
    private let now = Mutex(Timestamp(seconds: 1_000_000))

    func makeQueue(
        name: String,
        deadLetters: InMemoryMessageQueue? = nil,
        maxReceiveCount: Int = 20
    ) -> InMemoryMessageQueue {
        InMemoryMessageQueue(
            name: name,
            visibility: MessageQueueSubject.visibility,
            deadLetters: deadLetters,
            maxReceiveCount: maxReceiveCount,
            now: { self.now.withLock { $0 } },
            sleep: { duration throws(CancellationError) in
                self.now.withLock { $0 = $0 + duration }
                await Task.yield()
            }
        )
    }
}
