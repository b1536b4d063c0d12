import Testing

@testable import WaybillCore

@Suite struct WorkerDemandTests {
    /// One worker is counted with 64 emails a second.
    private static let bounds = WorkerDemand.Bounds(minimum: 0, maximum: 20, concurrency: 32)

    struct Row: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var facts: DemandFacts
        var workers: Int
        var reason: WorkerDemand.Reason

        init(_ description: String, _ facts: DemandFacts, _ workers: Int, _ reason: WorkerDemand.Reason) {
            testDescription = description
            self.facts = facts
            self.workers = workers
            self.reason = reason
        }
    }

    @Test(arguments: [
        Row("nothing to do", DemandFacts(milliRate: 1_000_000, senders: 3), 0, .idle),
        Row("one order in SQS, nobody there", DemandFacts(orders: 1), 1, .backlog),
        Row("an order in flight to a worker that died", DemandFacts(orders: 1, milliRate: 14_000), 1, .backlog),
        Row("what one worker sends within a minute", DemandFacts(ready: 3840, milliRate: 1_000_000), 1, .backlog),
        Row("one more than that", DemandFacts(ready: 3841, milliRate: 1_000_000), 2, .backlog),
        Row(
            "SQS and waiting jobs count alike",
            DemandFacts(ready: 3840, orders: 3841, milliRate: 1_000_000),
            3,
            .backlog
        ),
        Row("a slow rate feeds one, whatever waits", DemandFacts(orders: 1_000_000, milliRate: 1000), 1, .rate),
        Row("a rate feeds two and a bit", DemandFacts(orders: 1_000_000, milliRate: 128_001), 3, .rate),
        Row("the maximum", DemandFacts(orders: 10_000_000, milliRate: 100_000_000), 20, .rate),
        Row("nobody knows the rate yet", DemandFacts(orders: 1_000_000), 1, .rate),
        Row(
            "jobs are late: all that the rate feeds",
            DemandFacts(ready: 10, oldestWait: .seconds(61), milliRate: 500_000, slotsAhead: .seconds(1), senders: 1),
            8,
            .late
        ),
        Row(
            "jobs waited a minute, not longer",
            DemandFacts(ready: 10, oldestWait: .seconds(60), milliRate: 500_000, slotsAhead: .seconds(1), senders: 1),
            1,
            .backlog
        ),
        Row(
            "late, and one worker is all that the rate feeds",
            DemandFacts(ready: 10, oldestWait: .seconds(600), milliRate: 14_000, slotsAhead: .seconds(1), senders: 1),
            1,
            .backlog
        ),
        Row("more than is counted", DemandFacts(ready: 20_000, milliRate: 640_000), 10, .rate),
        Row("one less than that", DemandFacts(ready: 19_999, milliRate: 640_000), 6, .backlog),
        Row(
            "a job waits, so all are full, and the rate has room",
            DemandFacts(
                ready: 9,
                oldestWait: .seconds(6),
                milliRate: 500_000,
                slotsAhead: .milliseconds(95),
                senders: 3
            ),
            4,
            .busy
        ),
        Row(
            "all are full because the rate is used up",
            DemandFacts(
                ready: 9,
                oldestWait: .seconds(6),
                milliRate: 500_000,
                slotsAhead: .milliseconds(96),
                senders: 3
            ),
            1,
            .backlog
        ),
        Row(
            "a job that may be claimed any moment",
            DemandFacts(ready: 9, oldestWait: .seconds(5), milliRate: 500_000, senders: 3),
            1,
            .backlog
        ),
        Row(
            "nobody sends, so nobody is full",
            DemandFacts(ready: 9, oldestWait: .seconds(6), milliRate: 500_000),
            1,
            .backlog
        ),
        Row(
            "full beyond what a worker is counted with",
            DemandFacts(ready: 19_000, oldestWait: .seconds(90), milliRate: 100_000, senders: 2),
            3,
            .busy
        ),
        Row(
            "a slow rate is used up between two emails too",
            DemandFacts(
                ready: 9,
                oldestWait: .seconds(6),
                milliRate: 1000,
                slotsAhead: .milliseconds(-1900),
                senders: 1
            ),
            1,
            .backlog
        ),
        Row(
            "a slow rate that nobody used for two emails",
            DemandFacts(
                ready: 9,
                oldestWait: .seconds(6),
                milliRate: 1000,
                slotsAhead: .milliseconds(-1901),
                senders: 1
            ),
            2,
            .busy
        ),
        Row(
            "the last emails are on their way",
            DemandFacts(milliRate: 1000, slotsAhead: .milliseconds(1), senders: 1),
            1,
            .chores
        ),
        Row("only events", DemandFacts(events: 3000, milliRate: 14_000), 1, .events),
        Row("events want more than mail does", DemandFacts(ready: 1, events: 3001, milliRate: 14_000), 2, .events),
        Row("a job in doubt", DemandFacts(chores: 1, milliRate: 14_000), 1, .chores),
        Row(
            "held: more workers send no more",
            DemandFacts(ready: 90_000, orders: 90_000, milliRate: 500_000, isHeld: true),
            1,
            .chores
        ),
        Row("held with events", DemandFacts(orders: 9, events: 3001, milliRate: 500_000, isHeld: true), 2, .events),
    ])
    func theNumberAndItsReason(_ row: Row) {
        let demand = WorkerDemand(row.facts, within: Self.bounds)
        #expect(demand.workers == row.workers)
        #expect(demand.reason == row.reason)
    }

    @Test func nothingToDoKeepsTheMinimum() {
        let bounds = WorkerDemand.Bounds(minimum: 2, maximum: 5, concurrency: 32)
        #expect(WorkerDemand(DemandFacts(), within: bounds).workers == 2)
        #expect(WorkerDemand(DemandFacts(orders: 9_000_000, milliRate: 9_000_000), within: bounds).workers == 5)
    }

    /// Whatever the facts: within the bounds; somebody is there while there is work; and never more for the backlog's sake than
    /// the rate can feed.
    @Test(arguments: 0..<500)
    func itIsAlwaysBounded(_ seed: Int) {
        var draw = SeededGenerator(state: UInt64(seed))
        func number(_ most: Int) -> Int { Int.random(in: 0...most, using: &draw) }
        let bounds = WorkerDemand.Bounds(minimum: number(2), maximum: 2 + number(50), concurrency: 1 + number(99))
        let facts = DemandFacts(
            ready: number(1) * number(20_000),
            oldestWait: number(1) == 0 ? nil : .seconds(number(1000)),
            chores: number(1),
            orders: number(1) * number(3_000_000),
            events: number(1) * number(100_000),
            milliRate: number(4) == 0 ? nil : Int64(1 + number(2_000_000)),
            isHeld: number(4) == 0,
            slotsAhead: .milliseconds(number(700) - 100),
            senders: number(50)
        )
        let demand = WorkerDemand(facts, within: bounds)
        #expect((bounds.minimum...bounds.maximum).contains(demand.workers))
        #expect(demand.workers > 0 || !facts.hasWork)
        if [.rate, .late, .backlog].contains(demand.reason), let rate = facts.milliRate {
            let fed = (Int(rate) + bounds.concurrency * 2000 - 1) / (bounds.concurrency * 2000)
            #expect(demand.workers <= max(1, bounds.minimum, fed))
        }
    }
}
