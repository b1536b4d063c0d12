import Testing
import WaybillCore

@testable import waybill

@Suite struct PublishRunTests {
    @Test func everyLineIsPublishedOnceInBatchesOfTen() async {
        let topic = RecordingTopic()
        let run = await publish((1...25).map { "{\"n\":\($0)}" }, to: topic)
        #expect(topic.batches.map(\.count).sorted() == [5, 10, 10])
        #expect(Set(topic.batches.flatMap(\.self)) == Set((1...25).map { "{\"n\":\($0)}" }))
        #expect(run.tally.json.description == #"{"read":25,"published":25,"failed":0}"#)
        #expect(run.stop == nil)
    }

    @Test func eachLineIsPublishedAsOftenAsAsked() async {
        let topic = RecordingTopic()
        let run = await publish(["1", "2"], to: topic, .init(repeats: 3))
        #expect(topic.batches.flatMap(\.self) == ["1", "1", "1", "2", "2", "2"])
        #expect(run.tally.json.description == #"{"read":2,"published":6,"failed":0}"#)
    }

    @Test func theLimitEndsTheReading() async {
        let topic = RecordingTopic()
        let run = await publish(["1", "", "2", "3"], to: topic, .init(limit: 2))
        #expect(topic.batches == [["1", "2"]])
        #expect(run.tally.read == 2)
    }

    @Test func aFailureIsNamedWithItsLineAndHarmsNoOther() async {
        let topic = RecordingTopic { orders in orders.map { $0 == "\"b\"" ? "too large" : nil } }
        var notices: [PublishNotice] = []
        let run = await publish(["\"a\"", "", "\"b\"", "{", "\u{1}"], to: topic) { notices.append($0) }
        #expect(run.tally.json.description == #"{"read":4,"published":3,"failed":1}"#)
        #expect(notices.contains(.failure("line 3: too large")))
        #expect(notices.contains(.warning("line 4: it is not JSON (byte 1: expected a member name in quotes)")))
    }

    @Test func onlySoManyBatchesAreUnderWay() async {
        let topic = RecordingTopic()
        let run = await publish((1...500).map(String.init), to: topic)
        #expect(run.tally.published == 500)
        #expect(topic.mostUnderWay <= PublishRun.mostInFlight)
        #expect(topic.mostUnderWay > 1)
    }

    @Test func aPauseOfTheWriterSendsWhatIsGathered() async {
        let chunks = [
            LineChunk(lines: ChunkInput.numbered(["1", "2"], from: 1), isPause: true),
            LineChunk(lines: ChunkInput.numbered(["3"], from: 3), isPause: false),
            LineChunk(lines: ChunkInput.numbered(["4"], from: 4), isPause: false),
        ]
        let topic = RecordingTopic()
        _ = await publish(ChunkInput(chunks: chunks), to: topic)
        #expect(Set(topic.batches) == [["1", "2"], ["3", "4"]])
    }

    @Test func whatIsRefusedAsAWholeStopsTheRun() async {
        let topic = RecordingTopic { _ throws(CommandFailure) in throw CommandFailure(.usage, "no credentials") }
        let run = await publish((1...1000).map(String.init), to: topic)
        #expect(run.stop == CommandFailure(.usage, "stopped: no credentials"))
        #expect(topic.batches.count <= PublishRun.mostInFlight)
        #expect(run.tally.published == 0)
        #expect(run.tally.failed == run.tally.read)
    }

    @Test func threeUnansweredBatchesInARowStopTheRunAndOneDoesNot() async {
        let flaky = RecordingTopic { orders throws(CommandFailure) in
            guard !orders.contains("15") else { throw CommandFailure(.unreachable, "timeout") }
            return orders.map { _ in nil }
        }
        let once = await publish((1...100).map(String.init), to: flaky)
        #expect(once.stop == nil)
        #expect(once.tally.json.description == #"{"read":100,"published":90,"failed":10}"#)

        let dead = RecordingTopic { _ throws(CommandFailure) in throw CommandFailure(.unreachable, "timeout") }
        let never = await publish((1...5000).map(String.init), to: dead)
        #expect(never.stop?.exit == .unreachable)
        #expect(dead.batches.count < 20)
        #expect(never.tally.failed == never.tally.read)
    }

    @Test func aRateSpreadsTheMessages() async {
        let clock = SleepingClock()
        let run = await publish((1...50).map(String.init), to: RecordingTopic(), .init(perSecond: 4), clock)
        #expect(run.tally.published == 50)
        // The last batch of four starts when 48 messages are out, at four a second.
        #expect(clock.monotonicNow() == .seconds(12))
    }

    @Test func anInputThatCannotBeReadEndsTheRunAfterWhatCame() async {
        let chunk = LineChunk(lines: ChunkInput.numbered(["1"], from: 1), isPause: false)
        let topic = RecordingTopic()
        let run = await publish(ChunkInput(chunks: [chunk], error: CommandFailure(.failed, "I/O error")), to: topic)
        #expect(run.stop == CommandFailure(.failed, "I/O error"))
        #expect(run.tally.json.description == #"{"read":1,"published":1,"failed":0}"#)
    }

    private func publish(
        _ lines: [String],
        to topic: RecordingTopic,
        _ options: PublishRun.Options = .init(),
        _ clock: SleepingClock = SleepingClock(),
        tell: @escaping (PublishNotice) -> Void = { _ in }
    ) async -> PublishRun {
        await publish(ChunkInput(lines), to: topic, options, clock, tell: tell)
    }

    private func publish(
        _ input: ChunkInput,
        to topic: RecordingTopic,
        _ options: PublishRun.Options = .init(),
        _ clock: SleepingClock = SleepingClock(),
        tell: @escaping (PublishNotice) -> Void = { _ in }
    ) async -> PublishRun {
        var input = input
        var run = PublishRun(
            to: topic,
            environment: clock,
            options: options,
            verdict: { LineVerdict(jsonLine: $0) },
            tell: tell
        )
        await run.run(&input)
        return run
    }
}
