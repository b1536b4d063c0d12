import Synchronization
import WaybillCore
import WaybillPorts

@testable import waybill

/// A clock that moves when somebody sleeps.
final class SleepingClock: Environment {
    private let now = Mutex(Duration.zero)

    func monotonicNow() -> Duration { now.withLock { $0 } }
    func wallNow() -> Timestamp { Timestamp(seconds: 1_800_000_000) + monotonicNow() }
    func sleep(for duration: Duration) async throws(CancellationError) { now.withLock { $0 += duration } }
    func randomBits() -> UInt64 { 0 }
}

/// A topic that answers by a rule and remembers what it got.
final class RecordingTopic: OrderTopic {
    typealias Rule = @Sendable ([String]) throws(CommandFailure) -> [String?]

    private struct State {
        var batches: [[String]] = []
        var underWay = 0
        var mostUnderWay = 0
    }

    private let state = Mutex(State())
    private let rule: Rule

    init(_ rule: @escaping Rule = { orders in orders.map { _ in nil } }) {
        self.rule = rule
    }

    var batches: [[String]] { state.withLock { $0.batches } }
    var mostUnderWay: Int { state.withLock { $0.mostUnderWay } }

    func publish(_ orders: [String]) async throws(CommandFailure) -> [String?] {
        state.withLock { state in
            state.batches.append(orders)
            state.underWay += 1
            state.mostUnderWay = max(state.mostUnderWay, state.underWay)
        }
        // Gives the other batches their chance to be under way as well.
        for _ in 0..<20 { await Task.yield() }
        defer { state.withLock { $0.underWay -= 1 } }
        return try rule(orders)
    }
}

/// Chunks given beforehand.
struct ChunkInput: LineInput {
    var chunks: [LineChunk]
    var error: CommandFailure?

    /// One chunk of lines numbered from 1.
    init(_ lines: [String]) {
        chunks = [LineChunk(lines: Self.numbered(lines, from: 1), isPause: false)]
    }

    init(chunks: [LineChunk], error: CommandFailure? = nil) {
        self.chunks = chunks
        self.error = error
    }

    static func numbered(_ lines: [String], from first: Int) -> [InputLine] {
        lines.enumerated().map { InputLine(number: first + $0.offset, bytes: Array($0.element.utf8)) }
    }

    mutating func next() async throws(CommandFailure) -> LineChunk? {
        if chunks.isEmpty, let error { throw error }
        return chunks.isEmpty ? nil : chunks.removeFirst()
    }
}
