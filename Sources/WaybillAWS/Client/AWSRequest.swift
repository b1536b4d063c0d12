package import WaybillCore
package import WaybillPorts

/// One call of a service, before it is signed.
package struct AWSRequest: Hashable, Sendable {
    /// Whose credentials sign a request.
    package enum Signer: Hashable, Sendable {
        /// Those that the chain finds.
        case chain
        case credentials(AWSCredentials)
        /// Nobody's: AssumeRoleWithWebIdentity.
        case nobody
    }

    package static let totalTimeout = Duration.seconds(10)

    /// The operation's name, for errors.
    package var operation: String
    package var method = "POST"
    /// Percent-encoded, from the root of the service.
    package var path = "/"
    package var query = ""
    package var headers: [HTTPHeader] = []
    package var body: [UInt8] = []
    /// The SigV4 time; nil for now.
    package var signedAt: Timestamp?
    package var signer = Signer.chain
    package var retry = RetryMode.always
    package var totalTimeout = AWSRequest.totalTimeout
    /// Of a service that bills its requests.
    package var charge: RequestCharge?
    /// The bytes of payload; nil for the whole body.
    package var payloadBytes: Int?

    /// A call of the JSON protocol: DynamoDB and SQS.
    package static func json(_ target: String, _ operation: String, _ body: JSON) -> AWSRequest {
        AWSRequest(
            operation: operation,
            headers: [
                HTTPHeader("Content-Type", "application/x-amz-json-1.0"),
                HTTPHeader("X-Amz-Target", "\(target).\(operation)"),
            ],
            body: body.encoded
        )
    }

    /// A call of the REST protocol: SES.
    package static func rest(_ operation: String, _ method: String, _ path: String, _ body: JSON? = nil) -> AWSRequest {
        AWSRequest(
            operation: operation,
            method: method,
            path: path,
            headers: body == nil ? [] : [HTTPHeader("Content-Type", "application/json")],
            body: body?.encoded ?? []
        )
    }

    /// A call of the Query protocol: SNS, which speaks no JSON.
    package static func query(
        _ operation: String,
        version: String,
        _ parameters: [(name: String, value: String)]
    ) -> AWSRequest {
        let all = [(name: "Action", value: operation), (name: "Version", value: version)] + parameters
        let form = all.map { "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))" }
        return AWSRequest(
            operation: operation,
            headers: [HTTPHeader("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")],
            body: Array(form.joined(separator: "&").utf8)
        )
    }

    func with(_ change: (inout AWSRequest) -> Void) -> AWSRequest {
        var request = self
        change(&request)
        return request
    }
}
