import Synchronization
import Testing
import WaybillConformance
import WaybillCore
import WaybillPorts
import WaybillSimulation

@Suite struct InMemoryMailerTests {
    @Test(arguments: MailerConformance.cases)
    func conforms(to demand: MailerConformance.Case) async throws {
        try await demand.check(ScriptedMail().subject)
    }

    @Test func everyScriptSaysWhatTheSenderSeesAndWhatSESAccepted() async throws {
        let refusal = MailerRefusal(reason: .throttled, type: "TooManyRequestsException", message: "", requestID: "r")
        let rows: [(InMemoryMailer.Script, accepted: Int)] = [
            (.accept, 1), (.acceptAndLoseAnswer, 1), (.loseRequest, 0), (.refuse(refusal), 0), (.notWritten, 0),
        ]
        for (script, accepted) in rows {
            let mailer = InMemoryMailer(script: { _ in script })
            let email = try sample(signedAt: Timestamp(seconds: 0))
            switch (script, await mailer.send(email)) {
            case (.accept, .accepted(let messageID)): #expect(mailer.acceptances.map(\.messageID) == [messageID])
            case (.acceptAndLoseAnswer, .unknown), (.loseRequest, .unknown), (.notWritten, .notWritten): break
            case (.refuse, .refused(let answer)): #expect(answer == refusal)
            case (_, let outcome): Issue.record("\(script) gave \(outcome)")
            }
            #expect(mailer.acceptanceCount(of: email.delivery) == accepted)
            #expect(mailer.requests == [email])
        }
    }

    @Test func aLateSignatureIsRefusedByTheServicesClock() async throws {
        let mailer = InMemoryMailer(serviceClock: { Timestamp(seconds: 1000) })
        guard case .refused(let refusal) = await mailer.send(try sample(signedAt: Timestamp(seconds: 699))) else {
            Issue.record("not refused")
            return
        }
        #expect(refusal.reason == .signatureExpired)
        #expect(mailer.acceptances.isEmpty)
        guard case .accepted = await mailer.send(try sample(signedAt: Timestamp(seconds: 700))) else {
            Issue.record("not accepted")
            return
        }
    }

    private func sample(signedAt: Timestamp) throws -> OutgoingEmail {
        OutgoingEmail(
            delivery: DeliveryID(order: try #require(OrderID("order-1"))),
            attempt: AttemptID(high: 1, low: 2),
            signedAt: signedAt,
            recipient: "a@example.com",
            content: RenderedEmail(from: "s@example.com", replyTo: nil, subject: "", html: "", text: "", template: "t")
        )
    }
}

/// A mailer whose next request of a delivery fails as it was told.
private final class ScriptedMail: Sendable {
    private static let now = Timestamp(seconds: 1_000_000)
    private let faults = Mutex<[DeliveryID: MailerSubject.Fault]>([:])
    private let emails = Mutex(0)

    var subject: MailerSubject {
        let mailer = InMemoryMailer(serviceClock: { Self.now }, script: { self.script(of: $0) })
        return MailerSubject(
            mailer: mailer,
            email: { try self.email() },
            fail: { delivery, fault in self.faults.withLock { $0[delivery] = fault } },
            acceptances: { mailer.acceptanceCount(of: $0) }
        )
    }

    private func script(of email: OutgoingEmail) -> InMemoryMailer.Script {
        switch faults.withLock({ $0.removeValue(forKey: email.delivery) }) {
        case nil: .accept
        case .answerIsLost: .acceptAndLoseAnswer
        case .requestIsLost: .loseRequest
        case .throttled:
            .refuse(MailerRefusal(reason: .throttled, type: "TooManyRequestsException", message: "", requestID: "r"))
        }
    }

    private func email() throws -> OutgoingEmail {
        let number = emails.withLock { number in
            number += 1
            return number
        }
        return OutgoingEmail(
            delivery: DeliveryID(order: try #require(OrderID("order-\(number)"))),
            attempt: AttemptID(high: 1, low: UInt64(number)),
            signedAt: Self.now,
            recipient: "a@example.com",
            content: RenderedEmail(from: "s@example.com", replyTo: nil, subject: "", html: "", text: "", template: "t")
        )
    }
}
