import Testing
import WaybillHTTP
import WaybillPorts
import WaybillTestServer

@Suite(.timeLimit(.minutes(1)))
struct TLSTests {
    private func withTLSServer(
        name: String = "IP:127.0.0.1",
        isTrusted: Bool,
        _ test: (HTTPEngine, TLSServer) async throws -> Void
    ) async throws {
        let server = try TLSServer(name: name)
        let settings = HTTPEngineSettings(certificateAuthorityFile: isTrusted ? server.certificateFile : nil)
        let result: Result<Void, any Error>
        do {
            result = .success(try await withEngine(settings) { engine, _ in try await test(engine, server) })
        } catch {
            result = .failure(error)
        }
        try server.end()
        try result.get()
    }

    @Test func aServerThatNobodyVouchesForIsNotTalkedTo() async throws {
        try await withTLSServer(isTrusted: false) { engine, server in
            let error = await failure { try await engine.post("https://127.0.0.1:\(server.port)/") }
            #expect(error?.code == .tls)
            #expect(error?.exposure == .notSent)
        }
    }

    @Test func aServerWithTheNameOfAnotherIsNotTalkedTo() async throws {
        try await withTLSServer(name: "DNS:elsewhere.invalid", isTrusted: true) { engine, server in
            let error = await failure { try await engine.post("https://127.0.0.1:\(server.port)/") }
            #expect(error?.code == .tls)
            #expect(error?.exposure == .notSent)
        }
    }

    @Test func anAuthorityFileThatIsMissingSentNothing() async throws {
        let settings = HTTPEngineSettings(certificateAuthorityFile: "/nonexistent/authorities.pem")
        try await withEngine(settings) { engine, server in
            let error = await failure { try await engine.post("https://127.0.0.1:\(server.port)/") }
            #expect(error?.code == .tls)
            #expect(error?.exposure == .notSent)
        }
    }

    @Test func aServerThatDoesNotSpeakTLSWasSentNothing() async throws {
        let script: TestServer.Script = { connection in
            try connection.send("220 smtp.example.com ESMTP\r\n")
            try connection.waitForClose()
        }
        try await withEngine(serving: script) { engine, server in
            let error = await failure { try await engine.post("https://127.0.0.1:\(server.port)/") }
            #expect(error?.code == .tls)
            #expect(error?.exposure == .notSent)
        }
    }

    @Test func aTrustedServerAnswersAndItsSessionIsResumed() async throws {
        try await withTLSServer(isTrusted: true) { engine, server in
            var pages: [String] = []
            for _ in 0..<2 {
                let response = try await engine.get("https://127.0.0.1:\(server.port)/")
                #expect(response.status == 200)
                #expect(!response.reusedConnection)
                pages.append(String(decoding: response.body, as: UTF8.self))
            }
            #expect(pages[0].contains("New, TLSv1.3"))
            #expect(pages[1].contains("Reused, TLSv1.3"), "the session of the first, on a connection of its own")
        }
    }
}
