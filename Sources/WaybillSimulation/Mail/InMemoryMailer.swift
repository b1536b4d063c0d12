import Synchronization
package import WaybillCore
package import WaybillPorts

/// SES in memory: does with each email what its script says, and keeps what it accepted. It is the witness of promise P1.
package final class InMemoryMailer: Mailer {
    /// What happens to one email.
    package enum Script: Hashable, Sendable {
        /// SES accepts it and the answer arrives.
        case accept
        /// SES accepts it and the answer is lost.
        case acceptAndLoseAnswer
        /// The request is lost on its way, and the sender cannot know.
        case loseRequest
        case refuse(MailerRefusal)
        /// Not one byte was written.
        case notWritten
    }

    /// An email that SES accepted.
    package struct Acceptance: Hashable, Sendable {
        package let messageID: String
        package let email: OutgoingEmail
    }

    /// AWS refuses a signature that is more than about five minutes off (SigV4, "RequestExpired").
    package static let signatureAge = Duration.seconds(300)

    private struct State {
        var requests: [OutgoingEmail] = []
        var acceptances: [Acceptance] = []
    }

    private let state = Mutex(State())
    private let serviceClock: (@Sendable () -> Timestamp)?
    private let script: @Sendable (OutgoingEmail) async -> Script

    /// `serviceClock` is the clock by which SES judges `signedAt` when the request arrives; nil judges nothing. `script`
    /// is asked once an email and may wait, to hold an email on the wire.
    package init(
        serviceClock: (@Sendable () -> Timestamp)? = nil,
        script: @escaping @Sendable (OutgoingEmail) async -> Script = { _ in .accept }
    ) {
        self.serviceClock = serviceClock
        self.script = script
    }

    /// Every call of `send`, in order.
    package var requests: [OutgoingEmail] { state.withLock { $0.requests } }

    /// Every email that SES accepted, in order.
    package var acceptances: [Acceptance] { state.withLock { $0.acceptances } }

    /// How often SES accepted a delivery: more than once breaks promise P1.
    package func acceptanceCount(of delivery: DeliveryID) -> Int {
        acceptances.count { $0.email.delivery == delivery }
    }

    package func send(_ email: OutgoingEmail) async -> MailerOutcome {
        state.withLock { $0.requests.append(email) }
        let script = await script(email)
        switch script {
        case .notWritten: return .notWritten("scripted: not one byte was written")
        case .loseRequest: return .unknown("scripted: no answer")
        case .refuse(let refusal): return .refused(refusal)
        case .accept, .acceptAndLoseAnswer: break
        }
        if let refusal = expired(email) {
            return script == .accept ? .refused(refusal) : .unknown("scripted: the refusal was lost")
        }
        let messageID = accept(email)
        return script == .accept ? .accepted(messageID: messageID) : .unknown("scripted: the answer was lost")
    }

    private func accept(_ email: OutgoingEmail) -> String {
        state.withLock { state in
            let digits = String(state.acceptances.count + 1)
            let messageID = "0100" + String(repeating: "0", count: max(0, 12 - digits.count)) + digits + "-000000"
            state.acceptances.append(Acceptance(messageID: messageID, email: email))
            return messageID
        }
    }

    private func expired(_ email: OutgoingEmail) -> MailerRefusal? {
        guard let now = serviceClock?() else { return nil }
        let distance = email.signedAt > now ? email.signedAt - now : now - email.signedAt
        guard distance > Self.signatureAge else { return nil }
        return MailerRefusal(
            reason: .signatureExpired,
            type: "RequestExpired",
            message: "signed at \(email.signedAt.rfc3339), the service has \(now.rfc3339)",
            requestID: "scripted"
        )
    }
}
