import Testing
import WaybillReactor

@Suite(.timeLimit(.minutes(1)))
struct ReactorSleepTests {
    @Test func aSleepLastsAtLeastItsTime() async throws {
        try await withReactor { reactor in
            for milliseconds in [0, 1, 5] {
                let start = reactor.now
                try await reactor.sleep(for: .milliseconds(milliseconds))
                #expect(reactor.now - start >= .milliseconds(milliseconds))
            }
            try await reactor.sleep(for: .seconds(-1))
            #expect(await reactor.run { reactor.timerCount } == 0)
        }
    }

    @Test func aCancelledSleepEndsAtOnceAndLeavesNoTimer() async throws {
        try await withReactor { reactor in
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    await #expect(throws: CancellationError.self) { try await reactor.sleep(for: .seconds(3600)) }
                }
                while await reactor.run({ reactor.timerCount }) == 0 { await Task.yield() }
                group.cancelAll()
            }
            #expect(await reactor.run { reactor.timerCount } == 0)
        }
    }

    @Test func aTaskThatWasCancelledBeforeDoesNotSleep() async throws {
        try await withReactor { reactor in
            await withTaskGroup(of: Void.self) { group in
                group.cancelAll()
                group.addTask {
                    await #expect(throws: CancellationError.self) { try await reactor.sleep(for: .seconds(3600)) }
                }
            }
            #expect(await reactor.run { reactor.timerCount } == 0)
        }
    }

    @Test func thousandsSleepAtOnceAndNoneWakesEarly() async throws {
        try await withReactor { reactor in
            let early = Log<Duration>()
            let awake = Log<Int>()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<5000 {
                    group.addTask(executorPreference: reactor.tasks) {
                        let (start, time) = (reactor.now, Duration.milliseconds(number * 7 % 50))
                        try await reactor.sleep(for: time)
                        if reactor.now - start < time { early.add(time) }
                        awake.add(number)
                    }
                }
                try await group.waitForAll()
            }
            #expect(awake.all.count == 5000)
            #expect(early.all.isEmpty)
            #expect(await reactor.run { reactor.timerCount } == 0)
        }
    }

    @Test func thousandsOfCancelledSleepsLeaveNoTimer() async throws {
        try await withReactor { reactor in
            let cancelled = Log<Bool>()
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<5000 {
                    group.addTask {
                        do {
                            try await reactor.sleep(for: .seconds(3600))
                            Issue.record("a sleep of an hour ended")
                        } catch {
                            cancelled.add(true)
                        }
                    }
                }
                group.cancelAll()
            }
            #expect(cancelled.all.count == 5000)
            #expect(await reactor.run { reactor.timerCount } == 0)
        }
    }
}
