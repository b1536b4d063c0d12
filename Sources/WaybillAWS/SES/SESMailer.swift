package import WaybillCore
package import WaybillPorts

/// SES v2 SendEmail: one request for one recipient, never sent again.
///
/// What it uses is one recipient for each email that SES accepted, whatever becomes of it: one to an address on the account's
/// suppression list is billed too. A refused email is not, and one whose answer was lost is not reported although SES may
/// have accepted it. Emails have no attachments, so there are no bytes of them to meter; SES's other calls cost nothing.
package struct SESMailer: Mailer {
    private let client: AWSClient
    private let usage: any UsageSink
    private let configurationSet: String
    private let timeout: Duration

    /// `configurationSet` publishes the events that tell what became of the email: without it nothing is tracked.
    /// `timeout` is the longest that a request may stay on the wire; after it the outcome is unknown.
    package init(
        context: AWSContext,
        configurationSet: String,
        timeout: Duration = AWSRequest.totalTimeout
    ) {
        client = AWSClient(.ses, context: context)
        usage = context.usage
        self.configurationSet = configurationSet
        self.timeout = timeout
    }

    package func send(_ email: OutgoingEmail) async -> MailerOutcome {
        var request = AWSRequest.rest(
            "SendEmail",
            "POST",
            "/v2/email/outbound-emails",
            SESMessage(email, configurationSet: configurationSet).json
        )
        request.signedAt = email.signedAt
        request.retry = .never
        request.totalTimeout = timeout
        do throws(AWSError) {
            let answer = try await client.call(request)
            usage.used(Usage(.sesRecipients, thousandths: 1000))
            guard let messageID = try answer.json()["MessageId"]?.text, !messageID.isEmpty else {
                return .unknown("SendEmail: HTTP \(answer.status) without a MessageId")
            }
            return .accepted(messageID: messageID)
        } catch {
            return SESRefusal(error, email).outcome
        }
    }
}
