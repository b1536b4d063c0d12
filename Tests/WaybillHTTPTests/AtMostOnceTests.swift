import Testing
import WaybillHTTP
import WaybillPorts
import WaybillTestServer

/// Issue: libcurl sends a request again by itself when a reused connection is closed without an answer.
@Suite(.timeLimit(.minutes(1)))
struct AtMostOnceTests {
    /// Answers the first request of each connection, and closes after it has read the second.
    private static let closesAfterTheSecondRequest: TestServer.Script = { connection in
        try connection.request()
        try connection.respond()
        try connection.request()
        connection.close()
    }

    @Test func aPostOnAReusedConnectionThatIsClosedAfterReadingItIsSentOnce() async throws {
        try await withEngine(serving: Self.closesAfterTheSecondRequest) { engine, server in
            _ = try await engine.post(server.url)
            let error = await failure { try await engine.post(server.url) }
            #expect(error?.code == .transport)
            #expect(error?.exposure == .maybeSent)
            #expect(
                server.requests.map(\.connection) == [1, 1],
                "each call's POST arrived once, on the same connection"
            )
        }
    }

    /// That libcurl does repeat when it may is what makes the test above one that can fail.
    @Test func aRepeatablePostIsSentAgainOnAFreshConnection() async throws {
        try await withEngine(serving: Self.closesAfterTheSecondRequest) { engine, server in
            _ = try await engine.post(server.url)
            let response = try await engine.post(server.url) { $0.repeatable = true }
            #expect(response.status == 200)
            #expect(!response.reusedConnection)
            #expect(server.requests.map(\.connection) == [1, 1, 2])
        }
    }

    @Test func aPostOnAReusedConnectionThatIsResetIsSentOnce() async throws {
        let script: TestServer.Script = { connection in
            try connection.request()
            try connection.respond()
            try connection.request()
            connection.reset()
        }
        try await withEngine(serving: script) { engine, server in
            _ = try await engine.post(server.url)
            let error = await failure { try await engine.post(server.url) }
            #expect(error?.exposure == .maybeSent)
            #expect(server.requests.map(\.connection) == [1, 1])
        }
    }

    @Test func aPostOnAFreshConnectionThatIsClosedAfterReadingItIsSentOnce() async throws {
        let script: TestServer.Script = { connection in
            try connection.request()
            connection.close()
        }
        try await withEngine(serving: script) { engine, server in
            let error = await failure { try await engine.post(server.url) }
            #expect(error?.code == .transport)
            #expect(error?.exposure == .maybeSent)
            #expect(server.requests.count == 1)
        }
    }

    @Test func everyCallAfterALostOneIsSentOnceToo() async throws {
        try await withEngine(serving: Self.closesAfterTheSecondRequest) { engine, server in
            var answered = 0
            for _ in 0..<20 {
                do throws(HTTPError) {
                    _ = try await engine.post(server.url)
                    answered += 1
                } catch {
                    #expect(error.exposure == .maybeSent)
                }
            }
            #expect(answered == 10)
            #expect(server.requests.count == 20)
        }
    }
}
