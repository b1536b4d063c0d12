package enum MailerOutcome: Hashable, Sendable {
    /// SES answered 200 with a message id.
    case accepted(messageID: String)
    /// SES answered with a modelled error and a request id: it did not accept the email.
    case refused(MailerRefusal)
    /// Not one byte of the request was written (T5).
    case notWritten(String)
    /// A timeout, a reset, a 5xx, an undecodable 200: SES may have accepted it (T6).
    case unknown(String)
}

package struct MailerRefusal: Hashable, Sendable {
    /// What SES meant, by error type and message (`aws-facts.md` B2).
    package enum Reason: String, Hashable, Sendable, CaseIterable {
        /// This message is bad: MessageRejected, BadRequest, 413. FAILED.
        case message
        case throttled
        case quotaExceeded
        case sendingPaused
        case accountSuspended
        case identityNotVerified
        /// A configuration set or tenant that is not there.
        case notFound
        case accessDenied
        case signatureExpired
    }

    package let reason: Reason
    package let type: String
    package let message: String
    package let requestID: String

    package init(reason: Reason, type: String, message: String, requestID: String) {
        self.reason = reason
        self.type = type
        self.message = message
        self.requestID = requestID
    }
}
