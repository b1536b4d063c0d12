import Synchronization
import Testing

@testable import WaybillReactor

struct TimerHeapTests {
    /// What fired, in order.
    private final class Log: Sendable {
        private let entries = Mutex<[Int]>([])
        var all: [Int] { entries.withLock { $0 } }
        func handler(_ number: Int) -> Reactor.TimerHandler { { self.entries.withLock { $0.append(number) } } }
    }

    @Test func timersComeOutSoonestFirstAndEqualOnesInTheOrderOfSetting() {
        var heap = TimerHeap()
        let log = Log()
        for (number, due) in [(0, 50), (1, 20), (2, 50), (3, 10), (4, 20)] {
            let timer = heap.make(log.handler(number))
            heap.set(timer, due: UInt64(due))
        }
        #expect(heap.earliest == 10)
        while let fire = heap.popDue(at: 49) { fire() }
        #expect(log.all == [3, 1, 4])
        while let fire = heap.popDue(at: 50) { fire() }
        #expect(log.all == [3, 1, 4, 0, 2])
        #expect(heap.earliest == nil)
    }

    @Test func aTimerThatIsSetAnewCountsOnlyWithItsLastTime() {
        var heap = TimerHeap()
        let log = Log()
        let timer = heap.make(log.handler(1))
        heap.set(timer, due: 5)
        heap.set(timer, due: 9)
        #expect(heap.popDue(at: 8) == nil)
        heap.popDue(at: 9)?()
        #expect(heap.popDue(at: 100) == nil)
        #expect(log.all == [1])
    }

    @Test func aStoppedTimerStaysAndARemovedOneMakesRoom() {
        var heap = TimerHeap()
        let timer = heap.make {}
        heap.set(timer, due: 5)
        heap.set(timer, due: nil)
        #expect(heap.earliest == nil)
        #expect(heap.count == 1)
        _ = heap.remove(timer)
        #expect(heap.count == 0)
        #expect(heap.make {} != timer, "the same place, but another owner")
    }

    /// Against a plain list, through thousands of steps of a fixed sequence.
    @Test func settingStoppingAndRemovingInAnyOrderKeepsTheSoonestOnTop() {
        var heap = TimerHeap()
        var model: [ReactorTimer: UInt64?] = [:]
        var random = Steps(state: 42)
        for step in 0..<4_000 {
            let known = model.keys.sorted { $0.slot < $1.slot }
            let picked = known.isEmpty ? nil : known[Int(random.next() % UInt64(known.count))]
            switch (random.next() % 8, picked) {
            case (0, _), (_, nil):
                model[heap.make {}] = .some(nil)
            case (1, let picked?):
                _ = heap.remove(picked)
                model[picked] = nil
            case (2, let picked?):
                heap.set(picked, due: nil)
                model[picked] = .some(nil)
            case (_, let picked?):
                let due = random.next() % 1000
                heap.set(picked, due: due)
                model[picked] = due
            }
            #expect(heap.earliest == model.values.compactMap { $0 }.min(), "step \(step)")
            #expect(heap.count == model.count)
        }
    }

    private struct Steps {
        var state: UInt64

        /// SplitMix64.
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var bits = state
            bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
            bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
            return bits ^ (bits >> 31)
        }
    }
}

struct DescriptorTableTests {
    @Test func anEventForAFormerOwnerIsNotDeliveredToTheNext() {
        var table = DescriptorTable()
        let old = table.add(7) { _ in }
        _ = table.remove(7)
        #expect(table.handler(for: old) == nil)
        let new = table.add(7) { _ in }
        #expect(table.handler(for: old) == nil)
        #expect(table.handler(for: new) != nil)
        #expect(table.key(of: 7) == new)
    }

    @Test func anUnknownDescriptorHasNoHandler() {
        var table = DescriptorTable()
        #expect(table.key(of: 3) == nil)
        #expect(table.remove(3) == nil)
        #expect(table.handler(for: 3) == nil)
    }
}
