import Logging
import Synchronization
import Testing
import WaybillCluster
import WaybillCore
import WaybillPorts
import WaybillSimulation

@Suite struct UsageBookTests {
    private let hour = BillingHour(number: 500_000)
    private let key = UsageKey(.sqsRequests, of: "orders")

    @Test func aFlushStaysAsItIsUntilItIsIn() {
        var book = UsageBook()
        #expect(book.next() == nil)
        book.add(1000, of: key, in: hour)
        book.add(500, of: key, in: hour)
        let first = book.next()
        #expect(first?.number == 1)
        let row = UsageRow(hour: hour, meter: .sqsRequests, resource: "orders", thousandths: 1500)
        #expect(first?.rows == [row])
        book.add(7, of: key, in: hour)
        #expect(book.next() == first)
        book.told(1)
        #expect(book.next()?.rows.map(\.thousandths) == [7])
        #expect(book.next()?.number == 2)
        book.told(1)
        #expect(book.next()?.number == 2)
        book.told(2)
        #expect(book.next() == nil)
    }

    @Test func hoursAndResourcesAreKeptApart() {
        var book = UsageBook()
        book.add(1, of: key, in: hour.advanced(by: 1))
        book.add(2, of: UsageKey(.sqsRequests, of: "feedback"), in: hour)
        book.add(3, of: key, in: hour)
        let rows = book.next()?.rows ?? []
        #expect(rows.map(\.thousandths) == [2, 3, 1])
        #expect(rows.map(\.resource) == ["feedback", "orders", "orders"])
    }

    @Test func factsGoBesideTheMetersAndOfAPeakTheLargestIsTold() {
        var book = UsageBook()
        for amount: Int64 in [5, 9, 7] {
            book.add(amount, of: UsageKey(.memoryPeak, of: "one"), in: hour)
            book.add(amount, of: UsageKey(.events, of: "Open"), in: hour)
        }
        book.add(1, of: key, in: hour)
        let flush = book.next()
        #expect(flush?.rows.map(\.thousandths) == [1])
        #expect(
            flush?.facts == [
                FactRow(hour: hour, fact: .memoryPeak, resource: "one", amount: 9),
                FactRow(hour: hour, fact: .events, resource: "Open", amount: 21),
            ]
        )
    }

    /// A store in which every call is answered late enough for more to be used meanwhile.
    private final class BusyStore: UsageStore {
        private let usage: UsageStream
        private let loop: SimulatedLoop
        private let state = Mutex<[Int64]>([])

        init(usage: UsageStream, loop: SimulatedLoop) {
            self.usage = usage
            self.loop = loop
        }

        var flushes: [Int64] { state.withLock { $0 } }

        func add(
            _ rows: [UsageRow],
            facts: [FactRow],
            source: String,
            flush: Int64
        ) async throws(StoreError) -> Bool {
            state.withLock { $0.append(flush) }
            usage.used(Usage(.sqsRequests, thousandths: 1000))
            do {
                try await loop.sleep(for: .milliseconds(20))
            } catch {
                throw StoreError(.cancelled, "cancelled")
            }
            return true
        }
    }

    @Test func whatIsUsedWhileUseIsToldWaitsForTheNextMinute() throws {
        let loop = SimulatedLoop(seed: 1, startingAt: Timestamp(seconds: 1_800_000_000))
        let usage = UsageStream()
        let store = BusyStore(usage: usage, loop: loop)
        let shutdown = ShutdownSignal()
        let actor = CostActor(
            usage: usage,
            account: CostActor.Account(store: store, clock: loop),
            environment: loop,
            interval: .seconds(60),
            shutdown: shutdown,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        usage.used(Usage(.sqsRequests, thousandths: 1000))
        try loop.run(limit: .seconds(700)) {
            await withDiscardingTaskGroup { group in
                group.addTask { await actor.run() }
                do {
                    try await loop.sleep(for: .seconds(600))
                } catch {
                    Issue.record(error)
                }
                shutdown.begin()
            }
        }
        // Two at most in each of the ten minutes, and the last.
        #expect((10...22).contains(store.flushes.count), "\(store.flushes.count)")
    }
}
