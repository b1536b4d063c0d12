import Synchronization
import WaybillCore
import WaybillPorts

/// Answers each request with the next of its answers, and keeps the requests.
final class ScriptedTransport: HTTPTransport {
    private struct State {
        var requests: [HTTPRequest] = []
        var answers: [Result<HTTPResponse, HTTPError>]
    }

    private let state: Mutex<State>

    init(_ answers: [Result<HTTPResponse, HTTPError>]) {
        state = Mutex(State(answers: answers))
    }

    var requests: [HTTPRequest] { state.withLock { $0.requests } }
    /// The answers that nobody asked for.
    var left: Int { state.withLock { $0.answers.count } }

    func execute(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let answer = state.withLock { state -> Result<HTTPResponse, HTTPError>? in
            state.requests.append(request)
            return state.answers.isEmpty ? nil : state.answers.removeFirst()
        }
        guard let answer else { throw HTTPError(.transport, .notSent, "no answer was scripted") }
        return try answer.get()
    }
}

extension Result where Success == HTTPResponse, Failure == HTTPError {
    static func answer(
        _ status: Int = 200,
        _ body: String = "{}",
        requestID: String? = "request-1",
        headers: [(String, String)] = [],
        roundTrip: Duration = .milliseconds(5)
    ) -> Self {
        var all = headers.map { HTTPHeader($0.0, $0.1) }
        if let requestID { all.append(HTTPHeader("x-amzn-RequestId", requestID)) }
        return .success(
            HTTPResponse(
                status: status,
                headers: all,
                body: Array(body.utf8),
                reusedConnection: true,
                roundTrip: roundTrip
            )
        )
    }

    /// An error in the JSON protocols.
    static func refusal(
        _ type: String,
        _ message: String = "no",
        status: Int = 400,
        requestID: String? = "request-1",
        headers: [(String, String)] = []
    ) -> Self {
        let body: JSON = ["__type": .string("com.amazonaws#\(type)"), "message": .string(message)]
        return .answer(status, body.description, requestID: requestID, headers: headers)
    }

    static func lost(_ code: HTTPError.Code, _ exposure: RequestExposure) -> Self {
        .failure(HTTPError(code, exposure, "scripted"))
    }
}
