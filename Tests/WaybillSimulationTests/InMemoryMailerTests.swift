import Testing
import WaybillCore
import WaybillPorts
import WaybillSimulation

@Suite struct InMemoryMailerTests {
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
