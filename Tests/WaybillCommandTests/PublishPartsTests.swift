import Testing
import WaybillCore

@testable import waybill

@Suite struct PublishPartsTests {
    @Test(arguments: [1, 2, 3, 7, 1000])
    func linesAreTheSameHoweverTheInputIsCut(_ size: Int) {
        let input = Array("first\r\n\nthird\nlast without an end".utf8)
        var splitter = LineSplitter()
        var lines: [InputLine] = []
        for start in stride(from: 0, to: input.count, by: size) {
            lines += splitter.feed(input[start..<min(start + size, input.count)])
        }
        lines += [splitter.finish()].compactMap(\.self)
        #expect(lines.map(\.number) == [1, 2, 3, 4])
        let texts = lines.map { String(decoding: $0.bytes, as: UTF8.self) }
        #expect(texts == ["first", "", "third", "last without an end"])
        #expect(splitter.finish() == nil)
    }

    @Test func aLineBeyondTheLimitIsCountedAndNotKept() {
        var splitter = LineSplitter(longest: 4)
        let lines = splitter.feed(Array("1234\n12345\nok\n".utf8))
        #expect(lines.map(\.oversize) == [nil, 5, nil])
        #expect(lines.map(\.bytes.count) == [4, 0, 2])
    }

    @Test func aLineGoesOutAsItIs() {
        let text = #" {"a" : 1.50, "b":"ü"} "#
        #expect(verdict(text) == .publish(OutgoingOrder(line: 7, text: text)))
        #expect(verdict(" \t ") == .blank)
    }

    @Test func aLineThatIsNotJSONGoesOutWithAWarning() {
        guard case .publishWithWarning(let order, let reason) = verdict("{nope}") else {
            Issue.record("it was not warned of")
            return
        }
        #expect(order == OutgoingOrder(line: 7, text: "{nope}"))
        #expect(reason == "it is not JSON (byte 1: expected a member name in quotes)")
    }

    @Test func aPurchaseBecomesAnOrderThatIsPlacedNow() {
        let line = InputLine(number: 2, bytes: Array(" 00004 0001 19970118  2   29.73\r".utf8))
        let verdict = LineVerdict(purchase: line, of: CDNOWOrders(prefix: "p-"), placedAt: Timestamp(seconds: 0))
        guard case .publish(let order) = verdict, case .success(let read) = OrderReader.read(Array(order.text.utf8))
        else {
            Issue.record("it is no valid order: \(verdict)")
            return
        }
        #expect(read.id.text == "p-cdnow-2")
        #expect(read.placedAt == Timestamp(seconds: 0))
        let broken = InputLine(number: 3, bytes: Array("00004 0001".utf8))
        #expect(LineVerdict(purchase: broken, of: CDNOWOrders(), placedAt: Timestamp(seconds: 0)).isFailure)
        let blank = InputLine(number: 4, bytes: Array("  ".utf8))
        #expect(LineVerdict(purchase: blank, of: CDNOWOrders(), placedAt: Timestamp(seconds: 0)) == .blank)
    }

    @Test func whatSNSCannotTakeFailsHere() {
        #expect(LineVerdict(jsonLine: InputLine(number: 1, bytes: [0x22, 0xFF, 0x22])).isFailure)
        #expect(LineVerdict(jsonLine: InputLine(number: 1, bytes: [], oversize: 5_000_000)).isFailure)
    }

    @Test func batchesHoldTenOrdersAnd256KiB() {
        var batcher = PublishBatcher()
        let small = (1...23).flatMap { batcher.add(OutgoingOrder(line: $0, text: "x")) } + batcher.flush()
        #expect(small.map(\.count) == [10, 10, 3])
        #expect(small.flatMap { $0.map(\.line) } == Array(1...23))

        let large = [100, 100, 100, 300, 1].enumerated().map { index, kibibytes in
            OutgoingOrder(line: index + 1, text: String(repeating: "x", count: kibibytes * 1024))
        }
        let batches = large.flatMap { batcher.add($0) } + batcher.flush()
        #expect(batches.map { $0.map(\.line) } == [[1, 2], [3], [4], [5]])
        #expect(batcher.flush().isEmpty)
    }

    @Test func aBatchIsNeverEmptyNorLargerThanSNSTakes() {
        #expect(PublishBatcher(size: 0).sizeOfFirstBatch == 1)
        #expect(PublishBatcher(size: 500).sizeOfFirstBatch == 10)
    }

    @Test func theRateIsKeptFromTheStart() {
        var pace = PublishPace(perSecond: 20, start: .seconds(100))
        #expect(pace.delay(for: 10, now: .seconds(100)) == .zero)
        #expect(pace.delay(for: 10, now: .seconds(100)) == .milliseconds(500))
        #expect(pace.delay(for: 10, now: .milliseconds(100_700)) == .milliseconds(300))
        // What was late is caught up with.
        #expect(pace.delay(for: 10, now: .seconds(110)) == .zero)
    }

    @Test func withoutARateNobodyWaits() {
        var pace = PublishPace(perSecond: nil, start: .zero)
        #expect(pace.delay(for: 1_000_000, now: .zero) == .zero)
    }

    @Test func failuresBeyondTheTwentiethAreOnlyCounted() {
        var tally = PublishTally()
        let notices = (1...30).compactMap { tally.lineFailed($0, "no") }
        #expect(notices.count == PublishTally.mostNamed)
        #expect(notices.first == "line 1: no")
        #expect(notices.last == "line 20: no (further failures are only counted)")
        #expect(tally.failed == 30)
    }

    private func verdict(_ text: String) -> LineVerdict {
        LineVerdict(jsonLine: InputLine(number: 7, bytes: Array(text.utf8)))
    }
}

extension LineVerdict {
    fileprivate var isFailure: Bool {
        if case .fail = self { true } else { false }
    }
}

extension PublishBatcher {
    fileprivate var sizeOfFirstBatch: Int? {
        var batcher = self
        return (1...20).flatMap { batcher.add(OutgoingOrder(line: $0, text: "x")) }.first?.count
    }
}
