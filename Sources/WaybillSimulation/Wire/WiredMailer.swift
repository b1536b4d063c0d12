import Synchronization
import WaybillCore
import WaybillPorts

/// SES as a process sees it: one request on the wire, and what came of it.
struct WiredMailer: Mailer {
    let link: ServiceLink
    let ses: SimulatedSES
    let mutation: Mutation?
    /// The process's lease is live in the database at this moment.
    let isLeased: @Sendable () -> Bool

    func send(_ email: OutgoingEmail) async -> MailerOutcome {
        let outcome = await sendOnce(email)
        guard mutation == .sesRetriedOnReset, case .unknown = outcome else { return outcome }
        return await sendOnce(email)
    }

    private func sendOnce(_ email: OutgoingEmail) async -> MailerOutcome {
        let machine = link.machine
        machine.witness.require(isLeased(), .P5, "a request for \(email.delivery) left after its lease was over")
        machine.witness.requestLeft(email, from: machine.slot)
        defer { machine.witness.requestEnded(email, on: machine.slot) }
        var email = email
        // Between the look at the lease and the first byte lies a connection, and the process may stand still there.
        guard await connects() else { return .notWritten("simulated: no connection") }
        if mutation == .signedWhenSent { email.signedAt = Timestamp(seconds: machine.node.now().seconds) }
        let outcome = await post(email)
        // A reused connection broke, and the client posts again on a new one without telling.
        guard mutation == .clientPostsAgain, case .unknown = outcome else { return outcome }
        return await post(email)
    }

    private func connects() async -> Bool {
        do throws(WireFault) {
            try await link.call({ () throws(WireFault) in }, fault: { $0 })
            return true
        } catch {
            return false
        }
    }

    private func post(_ email: OutgoingEmail) async -> MailerOutcome {
        let ses = ses
        do throws(WireFault) {
            return try await link.call({ () throws(WireFault) in ses.receive(email) }, used: Self.usage, fault: { $0 })
        } catch {
            switch error {
            case .notReached: return .notWritten("simulated: no connection")
            case .unanswered: return .unknown("simulated: no answer")
            case .cancelled: return .unknown("simulated: cancelled")
            }
        }
    }
}

extension WiredMailer {
    /// A recipient for each email that SES says it has accepted.
    private static func usage(_ outcome: MailerOutcome) -> [Usage] {
        guard case .accepted = outcome else { return [] }
        return [Usage(.sesRecipients, thousandths: 1000)]
    }
}

/// SES GetAccount as a process sees it.
struct WiredQuotaSource: QuotaSource {
    let link: ServiceLink
    let ses: SimulatedSES

    func account() async throws(QuotaError) -> SendingAccount {
        let ses = ses
        return try await link.call { () throws(QuotaError) in
            ses.account()
        } fault: {
            QuotaError("simulated: \($0)")
        }
    }
}
