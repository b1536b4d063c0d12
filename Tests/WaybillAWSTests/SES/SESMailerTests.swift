import Testing
import WaybillAWS
import WaybillCore
import WaybillPorts

@Suite struct SESMailerTests {
    /// What a row of the table of SES's answers must become.
    enum Expected: Hashable {
        case accepted
        case refused(MailerRefusal.Reason)
        case notWritten
        case unknown
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let answer: Result<HTTPResponse, HTTPError>
        let expected: Expected

        init(_ name: String, _ answer: Result<HTTPResponse, HTTPError>, _ expected: Expected) {
            self.name = name
            self.answer = answer
            self.expected = expected
        }

        var testDescription: String { name }
    }

    /// Every row of the table "Errors → action" of the project's AWS facts, in its order.
    static let rows: [Row] = [
        Row("accepted", .answer(200, #"{"MessageId":"0100-1"}"#), .accepted),
        Row(
            "rate",
            .refusal("TooManyRequestsException", "Maximum sending rate exceeded.", status: 429),
            .refused(.throttled)
        ),
        Row("rate, as 400", .refusal("ThrottlingException", "Maximum sending rate exceeded."), .refused(.throttled)),
        Row("rate, v1 type", .refusal("Throttling", "Maximum sending rate exceeded."), .refused(.throttled)),
        Row(
            "quota",
            .refusal("TooManyRequestsException", "Daily message quota exceeded.", status: 429),
            .refused(.quotaExceeded)
        ),
        Row("quota, v1 type", .refusal("Throttling", "Daily message quota exceeded"), .refused(.quotaExceeded)),
        Row("limit", .refusal("LimitExceededException", "Too many"), .refused(.quotaExceeded)),
        Row("paused", .refusal("SendingPausedException"), .refused(.sendingPaused)),
        Row("suspended", .refusal("AccountSuspendedException"), .refused(.accountSuspended)),
        Row("rejected", .refusal("MessageRejected", "Illegal content"), .refused(.message)),
        Row("MAIL FROM", .refusal("MailFromDomainNotVerifiedException"), .refused(.identityNotVerified)),
        Row("no configuration set", .refusal("NotFoundException", status: 404), .refused(.notFound)),
        Row("bad request", .refusal("BadRequestException"), .refused(.message)),
        Row("validation", .refusal("ValidationError"), .refused(.message)),
        Row("denied", .refusal("AccessDeniedException", status: 403), .refused(.accessDenied)),
        Row("unknown key", .refusal("UnrecognizedClientException", status: 403), .refused(.accessDenied)),
        Row("expired token", .refusal("ExpiredTokenException", status: 403), .refused(.accessDenied)),
        Row("incomplete", .refusal("IncompleteSignature"), .refused(.accessDenied)),
        Row("opt-in", .refusal("OptInRequired", status: 403), .refused(.accessDenied)),
        Row("wrong signature", .refusal("SignatureDoesNotMatch", "it differs", status: 403), .refused(.accessDenied)),
        Row(
            "old signature",
            .refusal("InvalidSignatureException", "Signature expired: 2023 is now earlier than 2024", status: 403),
            .refused(.signatureExpired)
        ),
        Row(
            "signature of tomorrow",
            .refusal("SignatureDoesNotMatch", "Signature not yet current: 20231115T221320Z", status: 403),
            .refused(.signatureExpired)
        ),
        Row("expired request", .refusal("RequestExpired"), .refused(.signatureExpired)),
        Row("too large", .refusal("RequestEntityTooLarge", status: 413), .refused(.message)),
        Row("no name", .lost(.connect, .notSent), .notWritten),
        Row("no TLS", .lost(.tls, .notSent), .notWritten),
        Row("cancelled in time", .lost(.cancelled, .notSent), .notWritten),
        Row("500", .refusal("InternalFailure", status: 500), .unknown),
        Row("502", .answer(502, "<html/>", requestID: nil), .unknown),
        Row("503", .refusal("ServiceUnavailable", status: 503), .unknown),
        Row("504", .answer(504, "", requestID: nil), .unknown),
        Row("408", .refusal("RequestTimeoutException", status: 408), .unknown),
        Row("aborted", .refusal("RequestAbortedException"), .unknown),
        Row("timeout", .lost(.timeout, .maybeSent), .unknown),
        Row("reset", .lost(.transport, .maybeSent), .unknown),
        Row("cancelled too late", .lost(.cancelled, .maybeSent), .unknown),
        Row("too large an answer", .lost(.responseTooLarge, .maybeSent), .unknown),
        Row("undecodable 200", .answer(200, "<html>"), .unknown),
        Row("200 without id", .answer(200, "{}"), .unknown),
        Row("200 with an empty id", .answer(200, #"{"MessageId":""}"#), .unknown),
        Row("200 cut short", .answer(200, #"{"MessageId":"0100"#), .unknown),
        Row("an unknown type", .refusal("SomethingNewException"), .unknown),
        Row("no request id", .refusal("MessageRejected", requestID: nil), .unknown),
        Row("no type", .answer(400, #"{"message":"no"}"#), .unknown),
        Row("a proxy's 429", .answer(429, "slow down", requestID: nil), .unknown),
        Row("a redirect", .answer(301, ""), .unknown),
    ]

    @Test(arguments: rows)
    func anAnswerBecomesItsOutcome(_ row: Row) async throws {
        let fixture = AWSFixture(row.answer, .answer(200, #"{"MessageId":"second"}"#))
        let outcome = await SESMailer(context: fixture.context, configurationSet: "set").send(try Self.email())
        #expect(Self.summary(outcome) == row.expected, "\(outcome)")
        // Whatever SES says, the request goes out once.
        #expect(fixture.transport.requests.count == 1)
        #expect(fixture.transport.requests.allSatisfy { !$0.repeatable })
        let isBilled = row.name.hasPrefix("200") || row.name.hasPrefix("undecodable 200") || row.expected == .accepted
        #expect(fixture.usage[.sesRecipients] == (isBilled ? [1000] : []))
    }

    @Test func everyReasonOfARefusalIsReached() {
        let reasons = Self.rows.compactMap { row -> MailerRefusal.Reason? in
            if case .refused(let reason) = row.expected { reason } else { nil }
        }
        #expect(Set(reasons) == Set(MailerRefusal.Reason.allCases))
    }

    @Test func withoutCredentialsNotAByteIsWritten() async throws {
        let fixture = AWSFixture(
            .answer(),
            surroundings: AWSFixture.surroundings(["HOME": "/h", "AWS_EC2_METADATA_DISABLED": "true"])
        )
        let outcome = await SESMailer(context: fixture.context, configurationSet: "set").send(try Self.email())
        #expect(Self.summary(outcome) == .notWritten)
        #expect(fixture.transport.requests.isEmpty)
    }

    @Test(arguments: [
        (": shop@example.com", Expected.refused(.identityNotVerified)), (": Jo@Example.net", .refused(.message)),
        (": jo@example.net, shop@example.com", .refused(.identityNotVerified)), ("", .refused(.identityNotVerified)),
    ])
    func anIdentityThatIsNotVerifiedIsTheMessagesFaultOnlyWhenItIsTheRecipient(
        _ identities: String,
        _ expected: Expected
    ) async throws {
        let message = "Email address is not verified. The following identities failed the check in region EU"
        let fixture = AWSFixture(.refusal("MessageRejected", message + identities))
        let outcome = await SESMailer(context: fixture.context, configurationSet: "set").send(try Self.email())
        #expect(Self.summary(outcome) == expected)
    }

    @Test func theRequestIsSignedWithTheTimeOfTheClaimAndCarriesTheTags() async throws {
        let fixture = AWSFixture(.answer(200, #"{"MessageId":"0100-1"}"#))
        let email = try Self.email()
        #expect(
            await SESMailer(context: fixture.context, configurationSet: "set").send(email)
                == .accepted(messageID: "0100-1")
        )
        let sent = try #require(fixture.transport.requests.first)
        #expect(sent.method == "POST")
        #expect(sent.url == "https://email.eu-central-1.amazonaws.com/v2/email/outbound-emails")
        #expect(sent.header("X-Amz-Date") == "20231114T221200Z")
        #expect(sent.header("Authorization")?.contains("/eu-central-1/ses/aws4_request") == true)
        let text: (JSON) -> JSON = { ["Data": $0, "Charset": "UTF-8"] }
        let expected: JSON = [
            "FromEmailAddress": "=?UTF-8?B?Q2Fmw6k=?= <shop@example.com>",
            "Destination": ["ToAddresses": ["jo@example.net"]],
            "Content": [
                "Simple": [
                    "Subject": text("Order “1” ✓"), "Body": ["Text": text("plain\ntext"), "Html": text("<p>ä</p>")],
                ]
            ],
            "EmailTags": [
                ["Name": "delivery", "Value": .string(email.delivery.tag)],
                ["Name": "attempt", "Value": "00000000000000010000000000000002"],
            ],
            "ConfigurationSetName": "set",
            "ReplyToAddresses": ["help@example.com"],
        ]
        #expect(try sent.json() == expected)
    }

    @Test func aRedirectedEmailSaysInAHeaderWhomItWasMeantFor() async throws {
        let fixture = AWSFixture(.answer(200, #"{"MessageId":"0100-1"}"#))
        var email = try Self.email()
        email.redirectedFrom = email.recipient
        email.recipient = "test@shop.example"
        _ = await SESMailer(context: fixture.context, configurationSet: "set").send(email)
        let json = try #require(fixture.transport.requests.first).json()
        #expect(json["Destination"]?["ToAddresses"] == ["test@shop.example"])
        let headers: JSON = [["Name": "X-Waybill-Redirected-From", "Value": "jo@example.net"]]
        #expect(json["Content"]?["Simple"]?["Headers"] == headers)
    }

    /// One mailer for all brands: nothing of one email stays for the next.
    @Test func eachEmailIsFromItsOwnBrand() async throws {
        let answer = #"{"MessageId":"0100-1"}"#
        let fixture = AWSFixture(.answer(200, answer), .answer(200, answer))
        let mailer = SESMailer(context: fixture.context, configurationSet: "set")
        var email = try Self.email()
        email.content.from = "=?UTF-8?Q?Papeterie_Zo=C3=AB?= <bestellung@papeterie.example.com>"
        email.content.replyTo = "hilfe@papeterie.example.com"
        _ = await mailer.send(email)
        email.content.from = "Shop <orders@example.com>"
        email.content.replyTo = nil
        _ = await mailer.send(email)
        let sent = try fixture.transport.requests.map { try $0.json() }
        let papeterie: JSON = "=?UTF-8?Q?Papeterie_Zo=C3=AB?= <bestellung@papeterie.example.com>"
        #expect(sent.map { $0["FromEmailAddress"] } == [papeterie, "Shop <orders@example.com>"])
        #expect(sent.map { $0["ReplyToAddresses"] } == [["hilfe@papeterie.example.com"], nil])
    }

    @Test func aLongNameIsEncodedInWordsThatHeadersTake() async throws {
        let fixture = AWSFixture(.answer(200, #"{"MessageId":"0100-1"}"#))
        var email = try Self.email()
        email.content.from = "\"" + String(repeating: "ÄÖÜ ", count: 20) + "\" <shop@example.com>"
        email.content.replyTo = nil
        _ = await SESMailer(context: fixture.context, configurationSet: "set").send(email)
        let json = try #require(fixture.transport.requests.first).json()
        let words = try #require(json["FromEmailAddress"]?.text).split(separator: " ")
        #expect(words.last == "<shop@example.com>")
        #expect(words.count == 5)
        #expect(words.dropLast().allSatisfy { $0.utf8.count <= 75 && $0.hasPrefix("=?UTF-8?B?") && $0.hasSuffix("?=") })
        #expect(json["ReplyToAddresses"] == nil)
    }

    static func email() throws -> OutgoingEmail {
        OutgoingEmail(
            delivery: DeliveryID(order: try #require(OrderID("order #1"))),
            attempt: AttemptID(high: 1, low: 2),
            signedAt: try #require(Timestamp(rfc3339: "2023-11-14T22:12:00Z")),
            recipient: "jo@example.net",
            content: RenderedEmail(
                from: "Café <shop@example.com>",
                replyTo: "help@example.com",
                subject: "Order “1” ✓",
                html: "<p>ä</p>",
                text: "plain\ntext",
                template: "order-confirmation@1"
            )
        )
    }

    private static func summary(_ outcome: MailerOutcome) -> Expected {
        switch outcome {
        case .accepted: .accepted
        case .refused(let refusal): .refused(refusal.reason)
        case .notWritten: .notWritten
        case .unknown: .unknown
        }
    }
}
