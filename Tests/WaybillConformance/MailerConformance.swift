import Testing
package import WaybillCore
package import WaybillPorts

/// A mailer for one case, and the means to let SES fail for one email.
package struct MailerSubject: Sendable {
    package enum Fault: Hashable, Sendable {
        /// SES accepts the email and its answer is lost.
        case answerIsLost
        /// SES never sees the request.
        case requestIsLost
        /// SES answers 429 for its rate.
        case throttled
    }

    package let mailer: any Mailer
    /// Another email at each call, signed now by SES's clock.
    package let email: @Sendable () async throws -> OutgoingEmail
    /// Lets the next request of a delivery fail.
    package let fail: @Sendable (DeliveryID, Fault) async throws -> Void
    /// How often SES accepted a delivery, by the witness's count.
    package let acceptances: @Sendable (DeliveryID) async throws -> Int

    package init(
        mailer: any Mailer,
        email: @escaping @Sendable () async throws -> OutgoingEmail,
        fail: @escaping @Sendable (DeliveryID, Fault) async throws -> Void,
        acceptances: @escaping @Sendable (DeliveryID) async throws -> Int
    ) {
        self.mailer = mailer
        self.email = email
        self.fail = fail
        self.acceptances = acceptances
    }

    fileprivate func expectUnknown(after fault: Fault, acceptances count: Int) async throws {
        let email = try await email()
        try await fail(email.delivery, fault)
        let outcome = await mailer.send(email)
        guard case .unknown = outcome else {
            Issue.record("\(outcome) instead of an unknown outcome")
            return
        }
        #expect(try await acceptances(email.delivery) == count)
    }

    fileprivate func expectRefusal(of email: OutgoingEmail, as reason: MailerRefusal.Reason) async throws {
        let outcome = await mailer.send(email)
        guard case .refused(let refusal) = outcome else {
            Issue.record("\(outcome) instead of a refusal")
            return
        }
        #expect(refusal.reason == reason)
        #expect(!refusal.requestID.isEmpty)
        #expect(try await acceptances(email.delivery) == 0)
    }
}

/// What every mailer must do: one request a call, and an outcome that never claims more than is known.
package enum MailerConformance {
    package typealias Case = ConformanceCase<MailerSubject>

    package static let cases: [Case] = [
        Case("An accepted email has a message id and one acceptance") { subject async throws in
            let email = try await subject.email()
            guard case .accepted(let messageID) = await subject.mailer.send(email) else {
                Issue.record("not accepted")
                return
            }
            #expect(!messageID.isEmpty)
            #expect(try await subject.acceptances(email.delivery) == 1)
        },
        Case("SES does not know an email again: two calls are two acceptances with two ids") { subject async throws in
            let email = try await subject.email()
            let outcomes = [await subject.mailer.send(email), await subject.mailer.send(email)]
            #expect(Set(outcomes).count == 2)
            #expect(try await subject.acceptances(email.delivery) == 2)
        },
        Case("A lost answer is an unknown outcome, and the email was accepted once") { subject async throws in
            try await subject.expectUnknown(after: .answerIsLost, acceptances: 1)
        },
        Case("A lost request is an unknown outcome too, and is not made again") { subject async throws in
            try await subject.expectUnknown(after: .requestIsLost, acceptances: 0)
        },
        Case("A throttled email was not accepted") { subject async throws in
            let email = try await subject.email()
            try await subject.fail(email.delivery, .throttled)
            try await subject.expectRefusal(of: email, as: .throttled)
        },
        Case("A signature of six minutes ago, or from now, is refused") { subject async throws in
            for distance in [Duration.seconds(-360), .seconds(360)] {
                var email = try await subject.email()
                email.signedAt = email.signedAt + distance
                try await subject.expectRefusal(of: email, as: .signatureExpired)
            }
        },
    ]
}
