import Glibc
import Testing
import WaybillHTTP
import WaybillPorts
import WaybillReactor
import WaybillTestServer

/// Every failure says whether the server may have seen a byte of the request.
@Suite(.timeLimit(.minutes(1)))
struct FailureTests {
    @Test func aRefusedConnectionSentNothing() async throws {
        let (descriptor, port) = try makeListener(backlog: 1)
        close(descriptor)
        try await withEngine { engine, _ in
            let error = await failure { try await engine.post("http://127.0.0.1:\(port)/") }
            #expect(error?.code == .connect)
            #expect(error?.exposure == .notSent)
        }
    }

    /// A label of 64 characters is refused by the resolver itself, whatever the network.
    @Test func aNameThatCannotBeResolvedSentNothing() async throws {
        try await withEngine { engine, _ in
            let name = String(repeating: "a", count: 64)
            let error = await failure { try await engine.post("http://\(name).invalid/") }
            #expect(error?.code == .connect)
            #expect(error?.exposure == .notSent)
        }
    }

    @Test func aConnectionThatDoesNotComeAboutInTimeSentNothing() async throws {
        let full = try FullListener()
        defer { full.end() }
        try await withEngine { engine, _ in
            let error = await failure {
                try await engine.post("http://127.0.0.1:\(full.port)/") { $0.connectTimeout = .milliseconds(50) }
            }
            #expect(error?.code == .timeout)
            #expect(error?.exposure == .notSent)
        }
    }

    @Test func aTLSHandshakeThatIsNotAnsweredSentNothing() async throws {
        try await withEngine(serving: { try $0.waitForClose() }) { engine, server in
            let error = await failure {
                try await engine.post("https://127.0.0.1:\(server.port)/") { $0.connectTimeout = .milliseconds(50) }
            }
            #expect(error?.code == .timeout)
            #expect(error?.exposure == .notSent)
        }
    }

    @Test func aTimeoutAfterTheRequestWasReadMayHaveSentIt() async throws {
        let script: TestServer.Script = { connection in
            try connection.request()
            try connection.waitForClose()
        }
        try await withEngine(serving: script) { engine, server in
            let start = engine.reactor.now
            let error = await failure { try await engine.post(server.url) { $0.totalTimeout = .milliseconds(100) } }
            #expect(error?.code == .timeout)
            #expect(error?.exposure == .maybeSent)
            #expect(server.requests.count == 1)
            #expect(engine.reactor.now - start >= .milliseconds(100))
        }
    }

    @Test func aTotalTimeoutEndsAnAnswerThatKeepsDripping() async throws {
        let drip = Semaphore()
        let script: TestServer.Script = { connection in
            try connection.request()
            try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            // One byte whenever the client had some milliseconds: never silent, never done.
            while true {
                try connection.send("x")
                drip.wait(milliseconds: 5)
            }
        }
        try await withEngine(serving: script) { engine, server in
            let error = await failure { try await engine.post(server.url) { $0.totalTimeout = .milliseconds(100) } }
            #expect(error?.code == .timeout)
            #expect(error?.exposure == .maybeSent)
        }
    }

    @Test(arguments: [
        "", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        "HTTP/1.1 103 Early Hints\r\n\r\n", "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nDate: to",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwa", "this is not HTTP\r\n\r\n",
    ])
    func anAnswerThatBreaksOffMayHaveBeenSent(half: String) async throws {
        let script: TestServer.Script = { connection in
            try connection.request()
            try connection.send(half)
            connection.close()
        }
        try await withEngine(serving: script) { engine, server in
            let error = await failure { try await engine.post(server.url) }
            #expect(error?.code == .transport)
            #expect(error?.exposure == .maybeSent)
            #expect(server.requests.count == 1)
        }
    }

    @Test func anAnswerThatAnnouncesTooMuchIsRefused() async throws {
        let script: TestServer.Script = { connection in
            try connection.request()
            try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n")
            try connection.waitForClose()
        }
        try await withEngine(serving: script) { engine, server in
            let error = await failure { try await engine.post(server.url) { $0.maxResponseBytes = 1000 } }
            #expect(error?.code == .responseTooLarge)
            #expect(error?.exposure == .maybeSent)
        }
    }

    @Test(arguments: [0, 10, 100_000])
    func anAnswerThatGrowsTooLargeIsRefused(limit: Int) async throws {
        let script: TestServer.Script = { connection in
            try connection.request()
            try connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while true { try connection.send("400\r\n\(String(repeating: "x", count: 1024))\r\n") }
        }
        try await withEngine(serving: script) { engine, server in
            let error = await failure { try await engine.post(server.url) { $0.maxResponseBytes = limit } }
            #expect(error?.code == .responseTooLarge)
            #expect(error?.exposure == .maybeSent)
        }
    }

    @Test func anAnswerOfExactlyTheLimitIsTaken() async throws {
        let script: TestServer.Script = { connection in
            try connection.request()
            try connection.respond("12345")
        }
        try await withEngine(serving: script) { engine, server in
            let response = try await engine.post(server.url) { $0.maxResponseBytes = 5 }
            #expect(response.body.count == 5)
        }
    }

    @Test func headersWithoutEndAreRefused() async throws {
        let script: TestServer.Script = { connection in
            try connection.request()
            try connection.send("HTTP/1.1 200 OK\r\n")
            while true { try connection.send("X-More: \(String(repeating: "x", count: 1024))\r\n") }
        }
        try await withEngine(serving: script) { engine, server in
            let error = await failure { try await engine.post(server.url) }
            #expect(error?.code == .responseTooLarge)
            #expect(error?.exposure == .maybeSent)
        }
    }

    @Test func theEngineGoesOnAfterFailures() async throws {
        let script: TestServer.Script = { connection in
            try connection.request()
            if connection.number % 2 == 0 { try connection.respond() }
        }
        try await withEngine(HTTPEngineSettings(maxInFlight: 2), serving: script) { engine, server in
            for number in 1...20 {
                if number % 2 == 0 {
                    let response = try await engine.post(server.url)
                    #expect(response.status == 200)
                } else {
                    #expect(await failure { try await engine.post(server.url) }?.exposure == .maybeSent)
                }
            }
        }
    }
}
