import Testing
import WaybillAWS
import WaybillCore
import WaybillPorts

@Suite struct AWSClientTests {
    private static let request = AWSRequest.json("DynamoDB_20120810", "GetItem", ["TableName": "t"])

    private func call(
        _ fixture: AWSFixture,
        _ request: AWSRequest = AWSClientTests.request
    ) async throws(AWSError) -> AWSAnswer {
        try await AWSClient(.dynamodb, context: fixture.context).call(request)
    }

    @Test func aRequestIsSignedForWhereItGoes() async throws {
        let fixture = AWSFixture(.answer(200, #"{"Item":{}}"#))
        let answer = try await call(fixture)
        #expect(try answer.json() == ["Item": [:]])
        #expect(answer.requestID == "request-1")
        let sent = try #require(fixture.transport.requests.first)
        #expect(sent.url == "https://dynamodb.eu-central-1.amazonaws.com/")
        #expect(sent.header("X-Amz-Target") == "DynamoDB_20120810.GetItem")
        #expect(sent.header("Content-Type") == "application/x-amz-json-1.0")
        #expect(sent.header("X-Amz-Date") == "20231114T221320Z")
        let authorization = try #require(sent.header("Authorization"))
        #expect(authorization.contains("AKID/20231114/eu-central-1/dynamodb/aws4_request"))
        #expect(authorization.contains("SignedHeaders=content-type;host;x-amz-date;x-amz-target,"))
        // The transport writes Host itself, from the URL.
        #expect(sent.header("Host") == nil)
    }

    @Test func theCallersSigningTimeIsUsedForEveryAttempt() async throws {
        let fixture = AWSFixture(.refusal("ThrottlingException"), .answer())
        let time = try #require(Timestamp(rfc3339: "2023-11-14T22:10:00Z"))
        var request = Self.request
        request.signedAt = time
        _ = try await call(fixture, request)
        #expect(fixture.transport.requests.map { $0.header("X-Amz-Date") } == ["20231114T221000Z", "20231114T221000Z"])
    }

    @Test func onlyARequestThatMayHappenTwiceIsRepeatable() async throws {
        for (mode, repeatable) in [(RetryMode.always, true), (.unlessUnanswered, false), (.never, false)] {
            let fixture = AWSFixture(.answer())
            var request = Self.request
            request.retry = mode
            _ = try await call(fixture, request)
            #expect(fixture.transport.requests.first?.repeatable == repeatable)
        }
    }

    @Test func aFailureThatPassesIsTriedAgainAfterAWait() async throws {
        let fixture = AWSFixture(.answer(503, "busy", requestID: nil), .lost(.timeout, .maybeSent), .answer())
        _ = try await call(fixture)
        #expect(fixture.transport.requests.count == 3)
        #expect(fixture.environment.sleeps.count == 2)
    }

    @Test func theLastFailureIsTheResult() async {
        let answers = (1...3).map { Result<HTTPResponse, HTTPError>.refusal("ThrottlingException", "number \($0)") }
        let fixture = AWSFixture(answers[0], answers[1], answers[2])
        let error = await #expect(throws: AWSError.self) { try await call(fixture) }
        #expect(error?.message == "number 3")
        #expect(error?.kind == .throttled)
    }

    @Test func aSignatureRefusedForItsTimeIsTriedOnceMoreWithTheServicesTime() async throws {
        let date = [("Date", "Tue, 14 Nov 2023 23:13:20 GMT")]
        let fixture = AWSFixture(.refusal("RequestTimeTooSkewed", status: 403, headers: date), .answer(headers: date))
        _ = try await call(fixture)
        let times = fixture.transport.requests.map { $0.header("X-Amz-Date") }
        #expect(times == ["20231114T221320Z", "20231114T231320Z"])
        #expect(fixture.context.clock.offset == .seconds(3600))
        #expect(fixture.context.clock.now() - fixture.environment.wallNow() == .seconds(3600))
    }

    @Test func aSlowAnswersDateIsNotLearned() async throws {
        let date = [("Date", "Tue, 14 Nov 2023 23:13:20 GMT")]
        let fixture = AWSFixture(.answer(headers: date, roundTrip: .seconds(3)))
        _ = try await call(fixture)
        #expect(fixture.context.clock.offset == .zero)
    }

    @Test(arguments: ["14 Nov 2023", "Tue, 14 Nov 2023 23:13:20 CET", "Tue, 31 Feb 2023 23:13:20 GMT", ""])
    func aDateThatCannotBeReadIsNotLearned(_ date: String) async throws {
        let fixture = AWSFixture(.answer(headers: [("Date", date)]))
        _ = try await call(fixture)
        #expect(fixture.context.clock.offset == .zero)
    }

    @Test func refusedCredentialsAreLookedUpAgainOnce() async throws {
        let file = RotatingFile()
        let surroundings = AWSSurroundings(variables: ["HOME": "/h"]) { path throws(AWSError) in
            path == "/h/.aws/credentials" ? file.read() : nil
        }
        let fixture = AWSFixture(
            .refusal("ExpiredTokenException", status: 403),
            .answer(),
            surroundings: surroundings
        )
        _ = try await call(fixture)
        let keys = fixture.transport.requests.compactMap { $0.header("Authorization")?.split(separator: "/").first }
        #expect(keys.count == 2)
        #expect(Set(keys).count == 2)

        // Another refusal of other credentials: no third try, though there would be a third key.
        let hopeless = AWSFixture(
            .refusal("UnrecognizedClientException"),
            .refusal("UnrecognizedClientException"),
            surroundings: surroundings
        )
        let error = await #expect(throws: AWSError.self) { try await call(hopeless) }
        #expect(error?.kind == .accessDenied)
        #expect(hopeless.transport.requests.count == 2)
    }

    @Test func credentialsThatAreTheSameAreNotTriedAgain() async {
        let fixture = AWSFixture(.refusal("AccessDeniedException"))
        await #expect(throws: AWSError.self) { try await call(fixture) }
        #expect(fixture.transport.requests.count == 1)
    }

    @Test func withoutCredentialsNothingIsSent() async {
        let fixture = AWSFixture(
            .answer(),
            surroundings: AWSFixture.surroundings(["HOME": "/h", "AWS_EC2_METADATA_DISABLED": "true"])
        )
        let error = await #expect(throws: AWSError.self) { try await call(fixture) }
        #expect(error?.code == .credentials)
        #expect(error?.exposure == .notSent)
        #expect(fixture.transport.requests.isEmpty)
    }

    @Test func aCancelledWaitEndsTheCall() async {
        let fixture = AWSFixture(.refusal("ThrottlingException"), .answer())
        let error = await withTaskGroup(of: AWSError?.self) { group in
            group.cancelAll()
            group.addTask {
                do throws(AWSError) {
                    _ = try await call(fixture)
                    return nil
                } catch {
                    return error
                }
            }
            return await group.next() ?? nil
        }
        #expect(error?.code == .cancelled)
        #expect(fixture.transport.requests.count == 1)
    }

    @Test func anErrorIsReadFromEveryPlaceThatAWSPutsIt() async {
        let xml =
            "<ErrorResponse><Error><Code>Throttled</Code><Message>slow &amp; low</Message></Error>"
            + "<RequestId>in-body</RequestId></ErrorResponse>"
        let header = [("x-amzn-ErrorType", "TooManyRequestsException:http://internal.amazon.com/coral/")]
        let rows: [(Result<HTTPResponse, HTTPError>, type: String, message: String, id: String?)] = [
            (.answer(400, #"{"__type":"a.b#Gone","Message":"M"}"#), "Gone", "M", "request-1"),
            (.answer(400, #"{"code":"Gone","message":"m"}"#), "Gone", "m", "request-1"),
            (.answer(429, #"{"message":"m"}"#, headers: header), "TooManyRequestsException", "m", "request-1"),
            (.answer(400, xml, requestID: nil), "Throttled", "slow & low", "in-body"),
        ]
        for (answer, type, message, id) in rows {
            let fixture = AWSFixture(answer)
            var request = Self.request
            request.retry = .never
            let error = await #expect(throws: AWSError.self) { try await call(fixture, request) }
            #expect(error?.code == .refused)
            #expect(error?.type == type)
            #expect(error?.message == message)
            #expect(error?.requestID == id)
        }
    }

    @Test func anAnswerWithoutWordsIsDescribedByWhatItLacks() async {
        let rows: [(Result<HTTPResponse, HTTPError>, lack: String)] = [
            (.answer(400, "", requestID: nil), "without an error type and a request id"),
            (.answer(400, ""), "without an error type ("),
            (.refusal("InternalFailure", "", status: 500), "without a message"),
        ]
        for (answer, lack) in rows {
            let fixture = AWSFixture(answer)
            var request = Self.request
            request.retry = .never
            let error = await #expect(throws: AWSError.self) { try await call(fixture, request) }
            #expect(error?.description.contains(lack) == true, "\(String(describing: error))")
            #expect(error?.description.contains("(HTTP ") == true)
        }
    }

    @Test func anAnswerThatIsNotTheServicesOwnSaysNothing() async {
        let rows: [Result<HTTPResponse, HTTPError>] = [
            .answer(403, "<html><body>proxy</body></html>"), .answer(400, "{}"), .answer(302, ""),
            .refusal("Gone", requestID: nil), .refusal("InternalFailure", status: 500),
            .refusal("ThrottlingException", status: 503), .refusal("RequestTimeout", status: 408),
            .refusal("RequestAbortedException"), .answer(400, "{\"__type\":"), .lost(.transport, .maybeSent),
        ]
        for answer in rows {
            let fixture = AWSFixture(answer)
            var request = Self.request
            request.retry = .never
            let error = await #expect(throws: AWSError.self) { try await call(fixture, request) }
            #expect(error?.code == .unanswered)
            #expect(error?.exposure == .maybeSent)
        }
    }
}
