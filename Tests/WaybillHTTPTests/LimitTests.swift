import Testing
import WaybillHTTP
import WaybillPorts
import WaybillTestServer

/// Cancellation, the bounded queue and shutdown.
@Suite(.timeLimit(.minutes(1)))
struct LimitTests {
    private static let neverAnswers: TestServer.Script = { connection in
        try connection.request()
        try connection.waitForClose()
    }

    @Test func aCallThatIsCancelledInFlightMayHaveBeenSentAndItsConnectionIsClosed() async throws {
        let closed = Semaphore()
        let script: TestServer.Script = { connection in
            try connection.request()
            do { try connection.waitForClose() } catch { closed.signal() }
        }
        try await withEngine(serving: script) { engine, server in
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    let error = await failure { try await engine.post(server.url) }
                    #expect(error?.code == .cancelled)
                    #expect(error?.exposure == .maybeSent)
                }
                await engine.until { server.requests.count == 1 }
                group.cancelAll()
            }
            await engine.until { closed.count == 1 }
        }
    }

    @Test func aCallThatIsCancelledBeforeItsConnectionCameAboutSentNothing() async throws {
        let full = try FullListener()
        defer { full.end() }
        try await withEngine { engine, _ in
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    let error = await failure { try await engine.post("http://127.0.0.1:\(full.port)/") }
                    #expect(error?.code == .cancelled)
                    #expect(error?.exposure == .notSent)
                }
                while await engine.load.inFlight == 0 { await Task.yield() }
                group.cancelAll()
            }
        }
    }

    @Test func aCallThatIsCancelledInTheQueueNeverGoesOut() async throws {
        try await withEngine(HTTPEngineSettings(maxInFlight: 1), serving: Self.neverAnswers) { engine, server in
            await withTaskGroup(of: Void.self) { group in
                group.addTask { _ = await failure { try await engine.post(server.url) } }
                await engine.until { server.requests.count == 1 }
                await withTaskGroup(of: Void.self) { queued in
                    queued.addTask {
                        let error = await failure { try await engine.post(server.url) }
                        #expect(error?.code == .cancelled)
                        #expect(error?.exposure == .notSent)
                    }
                    while await engine.load.waiting == 0 { await Task.yield() }
                    queued.cancelAll()
                }
                #expect(await engine.load.waiting == 0)
                group.cancelAll()
            }
            #expect(server.requests.count == 1)
        }
    }

    @Test func aTaskThatWasCancelledBeforeSendsNothing() async throws {
        try await withEngine(serving: Self.neverAnswers) { engine, server in
            await withTaskGroup(of: Void.self) { group in
                group.cancelAll()
                group.addTask {
                    let error = await failure { try await engine.post(server.url) }
                    #expect(error?.code == .cancelled)
                    #expect(error?.exposure == .notSent)
                }
            }
            #expect(server.connectionCount == 0)
        }
    }

    /// Cancellations that race with connections, requests and answers leave nothing behind.
    @Test func hundredsOfCancelledCallsLeaveAnEngineThatWorks() async throws {
        let script: TestServer.Script = { connection in
            while true {
                try connection.request()
                try connection.respond()
            }
        }
        try await withEngine(HTTPEngineSettings(maxInFlight: 16), serving: script) { engine, server in
            let ended = Semaphore()
            for round in 0..<40 {
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<20 {
                        group.addTask {
                            do throws(HTTPError) {
                                _ = try await engine.post(server.url)
                            } catch {
                                #expect(error.code == .cancelled)
                            }
                            ended.signal()
                        }
                    }
                    for _ in 0..<round { await Task.yield() }
                    group.cancelAll()
                }
            }
            #expect(ended.count == 800)
            #expect(await engine.load == (0, 0))
            let response = try await engine.post(server.url)
            #expect(response.status == 200)
        }
    }

    @Test func aHundredCallsIntoSmallLimitsAreEachResumedOnce() async throws {
        let gate = Semaphore()
        let script: TestServer.Script = { connection in
            while true {
                try connection.request()
                gate.wait()
                try connection.respond()
            }
        }
        let settings = HTTPEngineSettings(maxInFlight: 8, maxQueued: 16)
        try await withEngine(settings, serving: script) { engine, server in
            let outcomes = await withTaskGroup(of: HTTPError?.self) { group in
                for _ in 0..<100 {
                    group.addTask {
                        do throws(HTTPError) {
                            _ = try await engine.post(server.url)
                            return nil
                        } catch {
                            return error
                        }
                    }
                }
                var outcomes: [HTTPError?] = []
                // Nobody is answered before all the others were refused.
                while outcomes.count < 76, let outcome = await group.next() { outcomes.append(outcome) }
                for _ in 0..<100 { gate.signal() }
                for await outcome in group { outcomes.append(outcome) }
                return outcomes
            }
            #expect(outcomes.count == 100)
            #expect(outcomes.filter { $0 == nil }.count == 24)
            let refused = outcomes.compactMap { $0 }
            #expect(refused.count == 76)
            #expect(refused.allSatisfy { $0.code == .overloaded && $0.exposure == .notSent })
            #expect(server.requests.count == 24)
            #expect(server.connectionCount == 8)
        }
    }

    @Test func waitingInTheQueueCountsAgainstTheTotalTimeout() async throws {
        try await withEngine(HTTPEngineSettings(maxInFlight: 1), serving: Self.neverAnswers) { engine, server in
            await withTaskGroup(of: Void.self) { group in
                group.addTask { _ = await failure { try await engine.post(server.url) } }
                await engine.until { server.requests.count == 1 }
                let error = await failure { try await engine.post(server.url) { $0.totalTimeout = .milliseconds(30) } }
                #expect(error?.code == .timeout)
                #expect(error?.exposure == .notSent)
                group.cancelAll()
            }
            #expect(server.requests.count == 1)
        }
    }

    @Test func aCallWithoutAnyTimeLeftSendsNothing() async throws {
        try await withEngine(serving: Self.neverAnswers) { engine, server in
            let error = await failure { try await engine.post(server.url) { $0.totalTimeout = .zero } }
            #expect(error?.code == .timeout)
            #expect(error?.exposure == .notSent)
            #expect(server.connectionCount == 0)
        }
    }

    @Test func shutdownEndsTheCallsInFlightAndInTheQueueAndThoseThatComeLater() async throws {
        try await withEngine(HTTPEngineSettings(maxInFlight: 1), serving: Self.neverAnswers) { engine, server in
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    let error = await failure { try await engine.post(server.url) }
                    #expect(error?.code == .shutdown)
                    #expect(error?.exposure == .maybeSent)
                }
                await engine.until { server.requests.count == 1 }
                group.addTask {
                    let error = await failure { try await engine.post(server.url) }
                    #expect(error?.code == .shutdown)
                    #expect(error?.exposure == .notSent)
                }
                while await engine.load.waiting == 0 { await Task.yield() }
                await engine.shutdown()
            }
            let error = await failure { try await engine.post(server.url) }
            #expect(error?.code == .shutdown)
            #expect(error?.exposure == .notSent)
            await engine.shutdown()
        }
    }

    @Test func shutdownClosesTheIdleConnections() async throws {
        let closed = Semaphore()
        let script: TestServer.Script = { connection in
            try connection.request()
            try connection.respond()
            do { try connection.waitForClose() } catch { closed.signal() }
        }
        try await withEngine(serving: script) { engine, server in
            _ = try await engine.post(server.url)
            await engine.shutdown()
            await engine.until { closed.count == 1 }
        }
    }
}
