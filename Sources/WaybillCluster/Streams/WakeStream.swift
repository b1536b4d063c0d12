/// A stream that says "look again", and nothing else: several wakes before the consumer looks are one. One consumer.
package struct WakeStream: Sendable {
    package let wakes: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    package init() {
        (wakes, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    package func wake() {
        continuation.yield()
    }
}
