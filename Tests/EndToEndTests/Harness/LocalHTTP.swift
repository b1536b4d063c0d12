import Foundation
import FoundationNetworking

/// HTTP to servers of this machine: health of workers, controls of the local AWS.
enum LocalHTTP {
    struct Answer: Sendable {
        let status: Int
        let body: Data
    }

    private static let longest: TimeInterval = 10

    static func get(_ url: URL) async throws -> Answer {
        try await send(request(url, method: "GET"))
    }

    static func send(_ method: String, _ url: URL) async throws -> Answer {
        try await send(request(url, method: method))
    }

    static func send(_ method: String, _ url: URL, json: Any) async throws -> Answer {
        var request = request(url, method: method)
        request.httpBody = try JSONSerialization.data(withJSONObject: json)
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        return try await send(request)
    }

    private static func request(_ url: URL, method: String) -> URLRequest {
        var request = URLRequest(url: url, cachePolicy: .reloadIgnoringLocalCacheData, timeoutInterval: longest)
        request.httpMethod = method
        return request
    }

    private static func send(_ request: URLRequest) async throws -> Answer {
        let (body, response) = try await URLSession.shared.data(for: request)
        guard let response = response as? HTTPURLResponse else {
            throw UnexpectedAnswer("an HTTP answer", found: "\(response)")
        }
        return Answer(status: response.statusCode, body: body)
    }
}
