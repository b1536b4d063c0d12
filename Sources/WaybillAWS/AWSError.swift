package import WaybillCore
package import WaybillPorts

/// Why a call of an AWS service came to nothing.
package struct AWSError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        /// The region, an endpoint or a file of settings is missing or wrong.
        case configuration
        /// There are no credentials to sign with.
        case credentials
        /// The service refused: a 4xx with an error type and a request id. The request had no effect.
        case refused
        /// No answer, or one that does not say what became of the request: a timeout, a 5xx, an undecodable answer.
        case unanswered
        /// Not one byte of the request was written.
        case notSent
        case cancelled
    }

    package let code: Code
    /// The service's error type (`ThrottlingException`); empty when it gave none.
    package let type: String
    package let message: String
    package let status: Int?
    package let requestID: String?
    /// Whether the service may have seen the request.
    package let exposure: RequestExposure
    /// The body of the answer, when it is JSON: a refused conditional write carries the item.
    package let detail: JSON?

    package init(
        _ code: Code,
        type: String = "",
        _ message: String,
        status: Int? = nil,
        requestID: String? = nil,
        exposure: RequestExposure = .notSent,
        detail: JSON? = nil
    ) {
        self.code = code
        self.type = type
        self.message = message
        self.status = status
        self.requestID = requestID
        self.exposure = exposure
        self.detail = detail
    }

    package var description: String {
        var text = "AWS \(code.rawValue): "
        if !type.isEmpty { text += "\(type): " }
        text += message
        if let status { text += " (HTTP \(status))" }
        if let requestID { text += " (request \(requestID))" }
        return text
    }
}

extension AWSError {
    /// What an error type means, whatever the service. Sources: botocore's standard retry mode; AWS "Common errors".
    package enum Kind: Hashable, Sendable {
        case throttled
        /// The signature's time is too far from the service's clock.
        case signatureTime
        /// The credentials were replaced or withdrawn; a newer copy may be at hand.
        case expiredCredentials
        /// These credentials may not do this, or the signature is wrong.
        case accessDenied
        case other
    }

    package var kind: Kind {
        if Self.throttlingTypes.contains(type) { return .throttled }
        if Self.signatureTimeTypes.contains(type) { return .signatureTime }
        if Self.expiredCredentialTypes.contains(type) { return .expiredCredentials }
        guard Self.accessTypes.contains(type) else { return .other }
        return speaksOfSignatureTime ? .signatureTime : .accessDenied
    }

    /// SigV4's two sentences: "Signature expired: … is now earlier than …" and "Signature not yet current: …".
    private var speaksOfSignatureTime: Bool {
        let text = message.lowercased()
        return text.contains("signature expired") || text.contains("signature not yet current")
    }

    private static let throttlingTypes: Set<String> = [
        "Throttling", "ThrottlingException", "ThrottledException", "Throttled", "RequestThrottled",
        "RequestThrottledException", "TooManyRequestsException", "ProvisionedThroughputExceededException",
        "TransactionInProgressException", "RequestLimitExceeded", "BandwidthLimitExceeded", "LimitExceededException",
        "SlowDown", "EC2ThrottledException",
    ]
    private static let signatureTimeTypes: Set<String> = [
        "RequestExpired", "RequestTimeTooSkewed", "RequestInTheFuture",
    ]
    private static let expiredCredentialTypes: Set<String> = [
        "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired",
    ]
    private static let accessTypes: Set<String> = [
        "AccessDenied", "AccessDeniedException", "AuthFailure", "AuthorizationError", "AuthorizationErrorException",
        "IncompleteSignature", "IncompleteSignatureException", "InvalidAccessKeyId", "InvalidClientTokenId",
        "InvalidSecurity", "InvalidSignatureException", "KMSAccessDeniedException", "MissingAuthenticationToken",
        "MissingAuthenticationTokenException", "NotAuthorized", "OptInRequired", "SignatureDoesNotMatch",
        "SubscriptionRequiredException", "UnrecognizedClientException",
    ]
}
