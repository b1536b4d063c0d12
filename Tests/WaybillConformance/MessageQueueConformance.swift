import Testing
import WaybillCore
package import WaybillPorts

/// A queue of its own for one case: empty, hiding what is received for one second.
package struct MessageQueueSubject: Sendable {
    package static let visibility = Duration.seconds(1)

    package let queue: any MessageQueue
    package let send: @Sendable (String) async throws -> Void

    package init(queue: any MessageQueue, send: @escaping @Sendable (String) async throws -> Void) {
        self.queue = queue
        self.send = send
    }
}

/// What every message queue must do. SQS may deliver a message more than once and in any order, so no case demands an
/// order, and none that a message comes only once.
package enum MessageQueueConformance {
    package typealias Case = ConformanceCase<MessageQueueSubject>

    package static let cases: [Case] = receiving + hiding

    private static let receiving: [Case] = [
        Case("An empty queue answers with nothing") { subject async throws in
            #expect(try await subject.queue.receive(limit: 10, wait: .zero).isEmpty)
            #expect(try await subject.queue.depth() == QueueDepth(visible: 0, inFlight: 0, delayed: 0))
        },
        Case("A message arrives byte for byte, with its count and its time") { subject async throws in
            let body = "{\"order\":\"ä ' \\\" \\n \u{1F4E6} <&>\",\n\t\"n\":1}"
            try await subject.send(body)
            let message = try #require(try await subject.receiveAll(1).first)
            #expect(message.body == body)
            #expect(message.receiveCount == 1)
            #expect(message.sentAt != nil)
        },
        Case("At most as many messages come as were asked for") { subject async throws in
            for number in 1...5 { try await subject.send("message \(number)") }
            let messages = try await subject.queue.receive(limit: 2, wait: .zero)
            #expect((1...2).contains(messages.count))
        },
        Case("Twenty-five messages are received, then deleted in one call") { subject async throws in
            let bodies = Set((1...25).map { "message \($0)" })
            for body in bodies { try await subject.send(body) }
            let messages = try await subject.receiveAll(25)
            #expect(Set(messages.map(\.body)) == bodies)
            #expect(try await subject.queue.delete(messages.map(\.receipt)).isEmpty)
            #expect(try await subject.queue.depth() == QueueDepth(visible: 0, inFlight: 0, delayed: 0))
        },
        Case("A long poll ends with the first message") { subject async throws in
            async let received = subject.queue.receive(limit: 10, wait: .seconds(20))
            try await subject.send("late")
            #expect(try await received.map(\.body) == ["late"])
        },
        Case("More than ten messages, or a longer wait than 20 s, is refused") { subject async throws in
            for (limit, wait) in [(0, Duration.zero), (11, .zero), (1, .seconds(21)), (1, .seconds(-1))] {
                let error = await #expect(throws: QueueError.self) {
                    try await subject.queue.receive(limit: limit, wait: wait)
                }
                #expect(error?.code == .rejected)
            }
        },
    ]

    private static let hiding: [Case] = [
        Case("A received message is hidden, and comes back when it was not deleted") { subject async throws in
            try await subject.send("again")
            let first = try await subject.receiveAll(1)
            #expect(try await subject.queue.depth() == QueueDepth(visible: 0, inFlight: 1, delayed: 0))
            let second = try await subject.receiveAll(1)
            #expect(second.map(\.body) == ["again"])
            #expect(second.map(\.id) == first.map(\.id))
            #expect(second.map(\.receiveCount) == [2])
            #expect(second.map(\.receipt) != first.map(\.receipt))
        },
        Case("A message whose time was extended stays hidden") { subject async throws in
            try await subject.send("slow")
            try await subject.send("quick")
            let messages = try await subject.receiveAll(2)
            let slow = messages.filter { $0.body == "slow" }.map(\.receipt)
            #expect(try await subject.queue.extend(slow, by: .seconds(60)).isEmpty)
            #expect(try await subject.receiveAll(1).map(\.body) == ["quick"])
        },
        Case("A message extended by nothing is visible at once") { subject async throws in
            try await subject.send("given back")
            let first = try await subject.receiveAll(1)
            #expect(try await subject.queue.extend(first.map(\.receipt), by: .zero).isEmpty)
            #expect(try await subject.queue.receive(limit: 1, wait: .zero).map(\.receiveCount) == [2])
        },
        Case("A deleted message does not come back") { subject async throws in
            try await subject.send("gone")
            try await subject.send("there")
            let messages = try await subject.receiveAll(2)
            let gone = messages.filter { $0.body == "gone" }.map(\.receipt)
            #expect(try await subject.queue.delete(gone).isEmpty)
            #expect(try await subject.receiveAll(1).map(\.body) == ["there"])
        },
        Case("Nothing to delete or to extend is no error") { subject async throws in
            #expect(try await subject.queue.delete([]).isEmpty)
            #expect(try await subject.queue.extend([], by: .seconds(1)).isEmpty)
        },
    ]
}

extension MessageQueueSubject {
    /// Long polls until so many messages came; SQS may give fewer at a time than it has.
    func receiveAll(_ count: Int) async throws -> [QueueMessage] {
        var messages: [QueueMessage] = []
        for _ in 1...count + 5 where messages.count < count {
            messages += try await queue.receive(limit: min(10, count - messages.count), wait: .seconds(5))
        }
        return messages
    }
}
