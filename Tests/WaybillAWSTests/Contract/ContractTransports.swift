import Synchronization
import WaybillHTTP
import WaybillPorts

/// Holds requests until so many have come, and then lets all of them go at once. Later ones pass.
final class StartingLine: HTTPTransport {
    private enum State {
        case waiting([CheckedContinuation<Void, Never>])
        case open
    }

    private let engine: HTTPEngine
    private let runners: Int
    private let state = Mutex(State.waiting([]))

    init(_ engine: HTTPEngine, runners: Int) {
        self.engine = engine
        self.runners = runners
    }

    func execute(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        await withCheckedContinuation { arrive($0) }
        return try await engine.execute(request)
    }

    private func arrive(_ runner: CheckedContinuation<Void, Never>) {
        let released = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            guard case .waiting(let runners) = state else { return [runner] }
            guard runners.count + 1 == self.runners else {
                state = .waiting(runners + [runner])
                return []
            }
            state = .open
            return runners + [runner]
        }
        for runner in released { runner.resume() }
    }
}

/// Loses the first answer: the service has done what it was asked, and the caller does not hear of it.
final class FirstAnswerIsLost: HTTPTransport {
    private let engine: HTTPEngine
    private let lost = Mutex(false)

    init(_ engine: HTTPEngine) {
        self.engine = engine
    }

    func execute(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let response = try await engine.execute(request)
        let isFirst = lost.withLock { lost in
            defer { lost = true }
            return !lost
        }
        if isFirst { throw HTTPError(.timeout, .maybeSent, "the answer was lost on purpose") }
        return response
    }
}
