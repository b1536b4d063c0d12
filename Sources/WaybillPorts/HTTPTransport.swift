/// One HTTP/1.1 exchange at a time, over reused connections.
package protocol HTTPTransport: Sendable {
    /// Sends the request at most once, unless it is `repeatable`, and returns the answer whatever its status.
    /// A cancelled task ends the exchange with `.cancelled`.
    func execute(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse
}

package struct HTTPRequest: Hashable, Sendable {
    package var method: String
    /// Absolute, already percent-encoded.
    package var url: String
    package var headers: [HTTPHeader]
    package var body: [UInt8]
    package var connectTimeout: Duration
    /// From the call to the last byte of the answer.
    package var totalTimeout: Duration
    package var maxResponseBytes: Int
    /// True allows the transport to send the request again on a fresh connection when a reused one was closed without
    /// an answer. Never for SES SendEmail.
    package var repeatable: Bool

    package init(
        method: String,
        url: String,
        headers: [HTTPHeader] = [],
        body: [UInt8] = [],
        connectTimeout: Duration = .seconds(3),
        totalTimeout: Duration = .seconds(10),
        maxResponseBytes: Int = 4 << 20,
        repeatable: Bool = false
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.connectTimeout = connectTimeout
        self.totalTimeout = totalTimeout
        self.maxResponseBytes = maxResponseBytes
        self.repeatable = repeatable
    }
}

package struct HTTPHeader: Hashable, Sendable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

package struct HTTPResponse: Hashable, Sendable {
    package var status: Int
    package var headers: [HTTPHeader]
    package var body: [UInt8]
    package var reusedConnection: Bool
    /// From the call to the last byte of the answer.
    package var roundTrip: Duration

    package init(
        status: Int,
        headers: [HTTPHeader],
        body: [UInt8],
        reusedConnection: Bool,
        roundTrip: Duration
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.reusedConnection = reusedConnection
        self.roundTrip = roundTrip
    }

    /// The first header of that name, whatever its case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// Whether the peer may have seen a byte of a request. T5 and T6 rest on it.
package enum RequestExposure: Hashable, Sendable {
    /// Not one byte of the request was written: no attempt got as far as its request.
    case notSent
    case maybeSent
}

package struct HTTPError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        case cancelled, timeout, connect, tls, responseTooLarge, transport, overloaded, shutdown, invalidRequest
    }

    package let code: Code
    package let exposure: RequestExposure
    package let message: String

    package init(_ code: Code, _ exposure: RequestExposure, _ message: String) {
        self.code = code
        self.exposure = exposure
        self.message = message
    }

    package var description: String { "HTTP \(code.rawValue) (\(exposure)): \(message)" }
}
