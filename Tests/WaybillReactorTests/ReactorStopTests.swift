import Testing
import WaybillReactor

@Suite(.timeLimit(.minutes(1)))
struct ReactorStopTests {
    @Test func stoppingReturnsAfterTheJobsThatWait() async throws {
        let reactor = try Reactor()
        let log = Log<Int>()
        for number in 0..<100 { reactor.execute { log.add(number) } }
        await reactor.stop()
        #expect(log.all.count == 100)
    }

    @Test func jobsThatWaitingJobsAddRunToo() async throws {
        let reactor = try Reactor()
        let log = Log<String>()
        reactor.execute {
            reactor.execute {
                reactor.execute { log.add("inner") }
            }
        }
        await reactor.stop()
        #expect(log.all == ["inner"])
    }

    @Test func anIdleReactorStopsFromItsSleep() async throws {
        let reactor = try Reactor()
        await reactor.run {}
        try await reactor.sleep(for: .milliseconds(1))
        await reactor.stop()
        #expect(!reactor.isHere)
    }

    @Test func aTimerThatIsStillSetDoesNotHoldUpTheEnd() async throws {
        let reactor = try Reactor()
        let log = Log<String>()
        await reactor.run { reactor.set(reactor.makeTimer { log.add("fired") }, after: .seconds(3600)) }
        await reactor.stop()
        #expect(log.all.isEmpty)
    }

    @Test func actionsAndSleepsAfterTheEndAreRefused() async throws {
        let reactor = try Reactor()
        await reactor.stop()
        let log = Log<String>()
        #expect(!reactor.execute { log.add("ran") })
        #expect(!reactor.onThread { log.add("ran") })
        await #expect(throws: CancellationError.self) { try await reactor.sleep(for: .milliseconds(1)) }
        #expect(log.all.isEmpty)
    }

    @Test func reactorsCanBeStartedAndStoppedManyTimes() async throws {
        for _ in 0..<50 {
            try await withReactor { reactor in
                #expect(await Pinned(reactor).isOnReactor())
            }
        }
    }
}
