import Testing
import WaybillAWS
import WaybillCore
import WaybillPorts

@Suite struct SESSuppressionListTests {
    private static let body =
        #"{"SuppressedDestinationSummaries":[{"EmailAddress":"Ann@Example.com","Reason":"COMPLAINT","#
        + #""LastUpdateTime":1.8000000005E9},{"EmailAddress":"b@x.example","Reason":"BOUNCE","LastUpdateTime":1800000001}],"#
        + #""NextToken":"a+b/c=="}"#

    @Test func aPageIsReadWithItsTimesAndWhereItGoesOn() async throws {
        let fixture = AWSFixture(.answer(200, Self.body))
        let page = try await SESSuppressionList(context: fixture.context).page(since: nil, token: nil)
        let ann = AccountSuppressionPage.Entry(
            email: "Ann@Example.com",
            reason: "COMPLAINT",
            updatedAt: Timestamp(microseconds: 1_800_000_000_500_000)
        )
        #expect(page.entries.first == ann)
        #expect(page.entries.count == 2)
        #expect(page.next == "a+b/c==")
        let sent = try #require(fixture.transport.requests.first)
        #expect(sent.method == "GET")
        #expect(sent.url.hasSuffix("/v2/email/suppression/addresses?PageSize=1000"))
    }

    @Test func theNextPageIsAskedForByTimeAndToken() async throws {
        let fixture = AWSFixture(.answer(200, #"{"SuppressedDestinationSummaries":[]}"#))
        let since = Timestamp(microseconds: 1_800_000_000_999_999)
        let page = try await SESSuppressionList(context: fixture.context).page(since: since, token: "a+b/c==")
        #expect(page == AccountSuppressionPage(entries: [], next: nil))
        let query = "NextToken=a%2Bb%2Fc%3D%3D&PageSize=1000&StartDate=2027-01-15T08%3A00%3A00Z"
        #expect(fixture.transport.requests.first?.url.hasSuffix("/addresses?\(query)") == true)
    }

    @Test(
        arguments: [
            ("InvalidNextTokenException", AccountListError.Code.staleToken), ("TooManyRequestsException", .throttled),
            ("AccessDeniedException", .refused), ("BadRequestException", .refused), ("ExpiredToken", .unreached),
        ]
    )
    func aRefusalIsAskedForOnceAndSaysOfWhichKindItIs(type: String, code: AccountListError.Code) async throws {
        let fixture = AWSFixture(.refusal(type), .refusal(type), .refusal(type))
        let error = await #expect(throws: AccountListError.self) {
            try await SESSuppressionList(context: fixture.context).page(since: nil, token: nil)
        }
        #expect(error?.code == code)
        #expect(error?.message.contains(type) == true)
        #expect(fixture.transport.requests.count == 1, "the leader paces itself")
    }

    @Test func silenceIsOutOfReachAndWhatCannotBeReadIsNoEmptyList() async throws {
        let bodies = [
            "{}", "no", #"{"SuppressedDestinationSummaries":[{"EmailAddress":"a@b.c","Reason":"BOUNCE"}]}"#,
            #"{"SuppressedDestinationSummaries":[{"Reason":"BOUNCE","LastUpdateTime":1}]}"#,
        ]
        let lost = Result<HTTPResponse, HTTPError>.lost(.timeout, .maybeSent)
        for answer in bodies.map({ Result<HTTPResponse, HTTPError>.answer(200, $0) }) + [lost] {
            let fixture = AWSFixture(answer)
            let error = await #expect(throws: AccountListError.self) {
                try await SESSuppressionList(context: fixture.context).page(since: nil, token: nil)
            }
            #expect(error?.code == .unreached)
        }
    }

    @Test func anAddressIsTakenOffOrWasNotThere() async throws {
        let gone = AWSFixture(.answer(200))
        #expect(try await SESSuppressionList(context: gone.context).remove("Ann+1@Example.com"))
        let sent = try #require(gone.transport.requests.first)
        #expect(sent.method == "DELETE")
        #expect(sent.url.hasSuffix("/v2/email/suppression/addresses/Ann%2B1%40Example.com"))
        let absent = AWSFixture(.refusal("NotFoundException", status: 404))
        #expect(try await SESSuppressionList(context: absent.context).remove("ann@example.com") == false)
        let denied = AWSFixture(.refusal("AccessDeniedException", status: 403))
        let error = await #expect(throws: AccountListError.self) {
            try await SESSuppressionList(context: denied.context).remove("ann@example.com")
        }
        #expect(error?.code == .refused)
    }
}
