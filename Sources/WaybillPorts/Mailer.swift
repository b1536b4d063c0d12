package import WaybillCore

/// SES SendEmail.
package protocol Mailer: Sendable {
    /// Puts the email on the wire at most once, signed with `signedAt`, and says what came of it. Never tries again.
    func send(_ email: OutgoingEmail) async -> MailerOutcome
}

/// One email, ready to be signed.
package struct OutgoingEmail: Hashable, Sendable {
    package var delivery: DeliveryID
    package var attempt: AttemptID
    package var signedAt: Timestamp
    package var recipient: String
    package var content: RenderedEmail

    package init(
        delivery: DeliveryID,
        attempt: AttemptID,
        signedAt: Timestamp,
        recipient: String,
        content: RenderedEmail
    ) {
        self.delivery = delivery
        self.attempt = attempt
        self.signedAt = signedAt
        self.recipient = recipient
        self.content = content
    }
}

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

/// SES GetAccount: at most one request a second and account, so only the leader asks.
package protocol QuotaSource: Sendable {
    func account() async throws(QuotaError) -> SendingAccount
}

package struct SendingAccount: Hashable, Sendable {
    package var sendingEnabled: Bool
    package var productionAccess: Bool
    /// `HEALTHY`, `PROBATION` or `SHUTDOWN`.
    package var enforcement: String
    /// Emails a second.
    package var maxSendRate: Double
    /// Recipients in 24 hours; negative means no limit.
    package var max24HourSend: Double
    package var sentLast24Hours: Double

    package init(
        sendingEnabled: Bool,
        productionAccess: Bool,
        enforcement: String,
        maxSendRate: Double,
        max24HourSend: Double,
        sentLast24Hours: Double
    ) {
        self.sendingEnabled = sendingEnabled
        self.productionAccess = productionAccess
        self.enforcement = enforcement
        self.maxSendRate = maxSendRate
        self.max24HourSend = max24HourSend
        self.sentLast24Hours = sentLast24Hours
    }
}

package struct QuotaError: Error, Hashable, Sendable, CustomStringConvertible {
    package let message: String

    package init(_ message: String) {
        self.message = message
    }

    package var description: String { "sending account: \(message)" }
}
