import WaybillCore
import WaybillPorts

/// Requests to the endpoints beside a container or an instance. They are not AWS's services: not signed, and their
/// clocks teach nothing.
struct MetadataFetch {
    /// Credentials and tokens are short; more is not what was asked for.
    static let largestAnswer = 64 << 10
    static let pause = Duration.seconds(1)

    let context: AWSContext
    let timeout: Duration
    /// No answer and a 5xx are tried again; another answer stays what it is.
    let tries: Int

    /// The answer, whatever its status. `what` is named in errors, which never hold a body: it may be a secret.
    func send(
        _ method: String,
        _ url: String,
        _ headers: [HTTPHeader],
        for what: String
    ) async throws(AWSError) -> HTTPResponse {
        let request = HTTPRequest(
            method: method,
            url: url,
            headers: headers,
            connectTimeout: timeout,
            totalTimeout: timeout,
            maxResponseBytes: Self.largestAnswer,
            repeatable: true
        )
        for attempt in 1... {
            do throws(HTTPError) {
                let response = try await context.transport.execute(request)
                if response.status < 500 || attempt == tries { return response }
            } catch {
                if error.code == .cancelled { throw AWSError(.cancelled, "cancelled") }
                if error.code == .invalidRequest || attempt == tries {
                    throw AWSError(
                        .credentials,
                        "\(what): \(error.message) (\(error.code.rawValue), tries: \(attempt))"
                    )
                }
            }
            do throws(CancellationError) {
                try await context.environment.sleep(for: Self.pause)
            } catch {
                throw AWSError(.cancelled, "cancelled")
            }
        }
        preconditionFailure("the last try returns or throws")
    }

    /// Reads the credentials that both kinds of endpoint give as JSON.
    static func credentials(in response: HTTPResponse, from what: String) throws(AWSError) -> FoundCredentials {
        guard response.status == 200 else { throw AWSError(.credentials, "\(what): HTTP \(response.status)") }
        let json: JSON
        do throws(JSONSyntaxError) {
            json = try JSON.parse(response.body)
        } catch {
            throw AWSError(.credentials, "\(what): the answer is no JSON, at byte \(error.offset)")
        }
        if let code = json["Code"]?.text, code != "Success" {
            throw AWSError(.credentials, "\(what): Code must be Success, not \(code)")
        }
        func field(_ name: String) throws(AWSError) -> String {
            guard let text = json[name]?.text, !text.isEmpty else {
                throw AWSError(.credentials, "\(what): the answer has no \(name)")
            }
            return text
        }
        let found = AWSCredentials(
            accessKeyID: try field("AccessKeyId"),
            secretAccessKey: try field("SecretAccessKey"),
            sessionToken: json["Token"]?.text
        )
        guard let expiration = json["Expiration"]?.text else { return FoundCredentials(found) }
        guard let expiresAt = Timestamp(rfc3339: expiration) else {
            throw AWSError(.credentials, "\(what): Expiration must be a time as in RFC 3339")
        }
        return FoundCredentials(found, expiresAt: expiresAt)
    }
}
