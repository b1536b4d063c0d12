import Testing
import WaybillHTTP
import WaybillPorts
import WaybillReactor
import WaybillTestServer

/// Runs a test against a server with that script, on a reactor and an engine of its own, and ends all three.
func withEngine(
    _ settings: HTTPEngineSettings = HTTPEngineSettings(),
    serving script: @escaping TestServer.Script = { _ in },
    _ test: (HTTPEngine, TestServer) async throws -> Void
) async throws {
    let reactor = try Reactor()
    let engine = HTTPEngine(reactor: reactor, settings: settings)
    let server = try TestServer(script)
    let result: Result<Void, any Error>
    do {
        result = .success(try await test(engine, server))
    } catch {
        result = .failure(error)
    }
    server.end()
    await engine.shutdown()
    await reactor.stop()
    try result.get()
}

extension HTTPEngine {
    func get(_ url: String, _ change: (inout HTTPRequest) -> Void = { _ in }) async throws(HTTPError) -> HTTPResponse {
        var request = HTTPRequest(method: "GET", url: url)
        change(&request)
        return try await execute(request)
    }

    func post(_ url: String, _ change: (inout HTTPRequest) -> Void = { _ in }) async throws(HTTPError) -> HTTPResponse {
        var request = HTTPRequest(method: "POST", url: url, body: Array("order".utf8))
        change(&request)
        return try await execute(request)
    }

    /// Polls until the condition holds; a test whose condition never does ends by its time limit.
    func until(_ condition: () -> Bool) async {
        while !condition() {
            do {
                try await reactor.sleep(for: .milliseconds(2))
            } catch {
                Issue.record("cancelled while the condition did not hold")
                return
            }
        }
    }
}

/// The error of a call that must not succeed.
func failure(of call: () async throws -> HTTPResponse) async -> HTTPError? {
    do {
        let response = try await call()
        Issue.record("answered with \(response.status)")
    } catch let error as HTTPError {
        return error
    } catch {
        Issue.record(error)
    }
    return nil
}
