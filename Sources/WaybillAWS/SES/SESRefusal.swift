import WaybillCore
import WaybillPorts

/// What a failed SendEmail says about the email: DESIGN T4 (refused), T5 (not written) or T6 (unknown). Only error types
/// that are known here count as refusals; whatever else SES may answer is unknown, because a wrong "not sent" would send
/// an email twice.
struct SESRefusal {
    private let error: AWSError
    private let email: OutgoingEmail

    init(_ error: AWSError, _ email: OutgoingEmail) {
        self.error = error
        self.email = email
    }

    var outcome: MailerOutcome {
        switch error.code {
        case .configuration, .credentials, .notSent: .notWritten(error.description)
        case .cancelled: error.exposure == .notSent ? .notWritten(error.description) : .unknown(error.description)
        case .unanswered: .unknown(error.description)
        case .refused: refusal.map { .refused($0) } ?? .unknown(error.description)
        }
    }

    private var refusal: MailerRefusal? {
        guard let reason, let requestID = error.requestID else { return nil }
        return MailerRefusal(reason: reason, type: error.type, message: error.message, requestID: requestID)
    }

    private var reason: MailerRefusal.Reason? {
        switch error.type {
        case "MessageRejected": isAboutIdentities ? unverified : .message
        case "BadRequestException", "ValidationError", "ValidationException", "RequestEntityTooLarge",
            "RequestEntityTooLargeException":
            .message
        case "LimitExceededException": .quotaExceeded
        case "SendingPausedException", "AccountSendingPausedException", "ConfigurationSetSendingPausedException":
            .sendingPaused
        case "AccountSuspendedException": .accountSuspended
        case "MailFromDomainNotVerifiedException", "MailFromDomainNotVerified": .identityNotVerified
        case "NotFoundException", "ConfigurationSetDoesNotExist", "ConfigurationSetDoesNotExistException": .notFound
        default: commonReason
        }
    }

    private var commonReason: MailerRefusal.Reason? {
        switch error.kind {
        // SES says "Daily message quota exceeded" and "Maximum sending rate exceeded" under the same types.
        case .throttled: error.message.lowercased().contains("daily") ? .quotaExceeded : .throttled
        case .signatureTime: .signatureExpired
        case .expiredCredentials, .accessDenied: .accessDenied
        case .other: nil
        }
    }

    /// "Email address is not verified. The following identities failed the check in region …: …"
    private var isAboutIdentities: Bool { error.message.lowercased().contains("not verified") }

    /// A sender that is not verified stops all email; a recipient that is not (in the sandbox) is this message's fault.
    private var unverified: MailerRefusal.Reason {
        let identities = error.message.lowercased()
        if identities.contains(Mailbox.address(email.content.from).lowercased()) { return .identityNotVerified }
        return identities.contains(email.recipient.lowercased()) ? .message : .identityNotVerified
    }
}
