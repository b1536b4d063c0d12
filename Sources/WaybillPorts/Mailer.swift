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
    /// Whom it was meant for, when the ``RecipientGuard`` put another recipient in that place.
    package var redirectedFrom: String?
    package var content: RenderedEmail

    package init(
        delivery: DeliveryID,
        attempt: AttemptID,
        signedAt: Timestamp,
        recipient: String,
        redirectedFrom: String? = nil,
        content: RenderedEmail
    ) {
        self.redirectedFrom = redirectedFrom
        self.delivery = delivery
        self.attempt = attempt
        self.signedAt = signedAt
        self.recipient = recipient
        self.content = content
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
    /// How SES is paid; nil when SES did not say, or in a word that is not known here.
    package var plan: SESPlan?

    package init(
        sendingEnabled: Bool,
        productionAccess: Bool,
        enforcement: String,
        maxSendRate: Double,
        max24HourSend: Double,
        sentLast24Hours: Double,
        plan: SESPlan? = nil
    ) {
        self.sendingEnabled = sendingEnabled
        self.productionAccess = productionAccess
        self.enforcement = enforcement
        self.maxSendRate = maxSendRate
        self.max24HourSend = max24HourSend
        self.sentLast24Hours = sentLast24Hours
        self.plan = plan
    }
}

package struct QuotaError: Error, Hashable, Sendable, CustomStringConvertible {
    package let message: String

    package init(_ message: String) {
        self.message = message
    }

    package var description: String { "sending account: \(message)" }
}
