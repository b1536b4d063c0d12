import Glibc
import Testing
import WaybillReactor

@Suite(.timeLimit(.minutes(1)))
struct ReactorTests {
    @Test func jobsFromOtherThreadsRunOnTheReactorsThread() async throws {
        try await withReactor { reactor in
            let pinned = Pinned(reactor)
            #expect(!reactor.isHere)
            await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<1000 { group.addTask { await pinned.isOnReactor() } }
                for await isOnReactor in group { #expect(isOnReactor) }
            }
            #expect(await pinned.calls == 1000)
        }
    }

    @Test func actionsRunInTheOrderOfTheCalls() async throws {
        try await withReactor { reactor in
            let log = Log<Int>()
            for number in 0..<1000 { reactor.execute { log.add(number) } }
            await reactor.run {}
            #expect(log.all == Array(0..<1000))
        }
    }

    @Test func anActionForTheOwnThreadRunsAtOnce() async throws {
        try await withReactor { reactor in
            let order = await reactor.run {
                let log = Log<String>()
                reactor.execute { log.add("later") }
                reactor.onThread { log.add("at once") }
                log.add("after")
                return log.all
            }
            #expect(order == ["at once", "after"])
        }
    }

    /// The pipeline's promise: no change of thread between a cluster actor, an I/O actor and a sleep.
    @Test func aTaskThatPrefersTheReactorStaysThereThroughCallsOfActorsAndSleeps() async throws {
        try await withReactor { reactor in
            let (pinned, ordinary) = (Pinned(reactor), Ordinary())
            try await withTaskExecutorPreference(reactor.tasks) {
                #expect(reactor.isHere)
                #expect(await pinned.isOnReactor())
                #expect(reactor.isHere)
                #expect(await ordinary.isOn(reactor))
                #expect(await ordinary.isOn(reactor, afterCalling: pinned))
                #expect(reactor.isHere)
                try await reactor.sleep(for: .milliseconds(1))
                #expect(reactor.isHere)
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<10 { group.addTask { #expect(reactor.isHere) } }
                }
                #expect(reactor.isHere)
            }
            #expect(!reactor.isHere)
        }
    }

    @Test func anActorsStateMayBeAssumedOnTheReactorsThreadOnly() async throws {
        try await withReactor { reactor in
            let pinned = Pinned(reactor)
            #expect(await reactor.run { pinned.assumeIsolated { $0.reactor.isHere } })
            #expect(reactor.isIsolatingCurrentContext() == false)
        }
    }

    @Test func theClockGoesOn() async throws {
        try await withReactor { reactor in
            let start = reactor.now
            try await reactor.sleep(for: .milliseconds(3))
            #expect(reactor.now - start >= .milliseconds(3))
        }
    }
}

@Suite(.timeLimit(.minutes(1)))
struct ReactorTimerTests {
    @Test func timersFireInTheOrderOfTheirTimes() async throws {
        try await withReactor { reactor in
            let log = Log<Int>()
            await withCheckedContinuation { continuation in
                reactor.execute {
                    for milliseconds in [8, 2, 6, 4] {
                        let timer = reactor.makeTimer { log.add(milliseconds) }
                        reactor.set(timer, after: .milliseconds(milliseconds))
                    }
                    reactor.set(reactor.makeTimer { continuation.resume() }, after: .milliseconds(10))
                }
            }
            #expect(log.all == [2, 4, 6, 8])
        }
    }

    @Test func aTimerMayStopAnotherThatIsDueAtTheSameMoment() async throws {
        try await withReactor { reactor in
            let log = Log<String>()
            await withCheckedContinuation { continuation in
                reactor.execute {
                    let second = reactor.makeTimer { log.add("second") }
                    let first = reactor.makeTimer {
                        log.add("first")
                        reactor.set(second, after: nil)
                    }
                    reactor.set(first, after: .zero)
                    reactor.set(second, after: .zero)
                    reactor.set(reactor.makeTimer { continuation.resume() }, after: .zero)
                }
            }
            #expect(log.all == ["first"])
        }
    }

    @Test func aTimerCanBeSetAgainByItself() async throws {
        try await withReactor { reactor in
            let log = Log<Int>()
            await withCheckedContinuation { continuation in
                reactor.execute {
                    let box = Log<ReactorTimer>()
                    let timer = reactor.makeTimer {
                        log.add(log.all.count)
                        if log.all.count == 5 { return continuation.resume() }
                        reactor.set(box.all[0], after: .zero)
                    }
                    box.add(timer)
                    reactor.set(timer, after: .zero)
                }
            }
            #expect(log.all == [0, 1, 2, 3, 4])
        }
    }

    @Test func theEndOfATurnComesAfterItsJobsAndTimersAndBeforeSleep() async throws {
        try await withReactor { reactor in
            let log = Log<String>()
            await withCheckedContinuation { continuation in
                reactor.execute {
                    reactor.atTurnEnd {
                        log.add("end")
                        // With nothing else to do, the thread must not sleep before this one.
                        reactor.atTurnEnd {
                            log.add("next end")
                            continuation.resume()
                        }
                    }
                    reactor.set(reactor.makeTimer { log.add("timer") }, after: .zero)
                    log.add("job")
                }
            }
            #expect(log.all == ["job", "timer", "end", "next end"])
        }
    }
}

@Suite(.timeLimit(.minutes(1)))
struct ReactorDescriptorTests {
    @Test func aDescriptorIsReportedForAsLongAsItIsReady() async throws {
        let pipe = try Pipe()
        defer { pipe.closeBoth() }
        try await withReactor { reactor in
            pipe.put(1)
            pipe.put(2)
            let log = Log<UInt8?>()
            await withCheckedContinuation { continuation in
                reactor.execute {
                    reactor.register(pipe.reading, .read) { ready in
                        #expect(ready.contains(.read))
                        log.add(pipe.take())
                        if log.all.count == 2 { continuation.resume() }
                    }
                }
            }
            #expect(log.all == [1, 2])
            await reactor.run { reactor.unregister(pipe.reading) }
        }
    }

    @Test func modifyingChangesWhatIsReported() async throws {
        let pipe = try Pipe()
        defer { pipe.closeBoth() }
        try await withReactor { reactor in
            let events: IOEvents = await withCheckedContinuation { continuation in
                reactor.execute {
                    reactor.register(pipe.writing, []) { ready in
                        reactor.unregister(pipe.writing)
                        continuation.resume(returning: ready)
                    }
                    reactor.modify(pipe.writing, .write)
                }
            }
            #expect(events == .write)
        }
    }

    @Test func anUnregisteredDescriptorIsNotReportedAndItsNumberCanBeUsedAgain() async throws {
        let first = try Pipe()
        try await withReactor { reactor in
            let log = Log<String>()
            let second: Pipe = try await reactor.run {
                Result {
                    reactor.register(first.reading, .read) { _ in log.add("first") }
                    reactor.unregister(first.reading)
                    first.closeBoth()
                    return try Pipe()
                }
            }.get()
            defer { second.closeBoth() }
            // Other tests of this process open descriptors too: then the numbers differ, and the rest holds as well.
            second.put(9)
            await withCheckedContinuation { continuation in
                reactor.execute {
                    reactor.register(second.reading, .read) { _ in
                        log.add("second")
                        reactor.unregister(second.reading)
                        continuation.resume()
                    }
                }
            }
            #expect(log.all == ["second"])
        }
    }

    /// Two descriptors are ready in one batch, and the handler of the one takes away the other.
    @Test func aHandlerMayUnregisterAnotherDescriptorOfTheSameBatch() async throws {
        let (one, other) = (try Pipe(), try Pipe())
        defer {
            one.closeBoth()
            other.closeBoth()
        }
        try await withReactor { reactor in
            one.put(1)
            other.put(1)
            let log = Log<Int32>()
            await withCheckedContinuation { continuation in
                reactor.execute {
                    for (mine, theirs) in [(one.reading, other.reading), (other.reading, one.reading)] {
                        reactor.register(mine, .read) { _ in
                            log.add(mine)
                            reactor.unregister(mine)
                            reactor.unregister(theirs)
                            reactor.set(reactor.makeTimer { continuation.resume() }, after: .milliseconds(2))
                        }
                    }
                }
            }
            #expect(log.all.count == 1)
        }
    }

    @Test func unregisteringADescriptorThatWasClosedDoesNoHarm() async throws {
        let pipe = try Pipe()
        try await withReactor { reactor in
            await reactor.run {
                reactor.register(pipe.reading, .read) { _ in }
                pipe.closeBoth()
                reactor.unregister(pipe.reading)
            }
        }
    }

    @Test func aClosedPeerIsReportedUnasked() async throws {
        let pipe = try Pipe()
        try await withReactor { reactor in
            let events: IOEvents = await withCheckedContinuation { continuation in
                reactor.execute {
                    reactor.register(pipe.reading, []) { ready in
                        reactor.unregister(pipe.reading)
                        continuation.resume(returning: ready)
                    }
                    close(pipe.writing)
                }
            }
            #expect(events == .hangup)
            close(pipe.reading)
        }
    }
}
