import Testing
import WaybillAWS
import WaybillCore
import WaybillPorts

@Suite struct SESAccountTests {
    @Test func theAccountIsRead() async throws {
        let fixture = AWSFixture(
            .answer(
                200,
                #"{"SendingEnabled":true,"ProductionAccessEnabled":false,"EnforcementStatus":"HEALTHY","#
                    + #""SendQuota":{"Max24HourSend":-1,"MaxSendRate":14.5,"SentLast24Hours":1234.0}}"#
            )
        )
        let account = try await SESAccount(context: fixture.context).account()
        let expected = SendingAccount(
            sendingEnabled: true,
            productionAccess: false,
            enforcement: "HEALTHY",
            maxSendRate: 14.5,
            max24HourSend: -1,
            sentLast24Hours: 1234
        )
        #expect(account == expected)
        let sent = try #require(fixture.transport.requests.first)
        #expect(sent.method == "GET")
        #expect(sent.url.hasSuffix("/v2/email/account"))
    }

    @Test(arguments: [
        (#""CurrentPlan":"NONE""#, SESPlan.aLaCarte), (#""CurrentPlan":"ESSENTIALS","NextPlan":"PRO""#, .essentials),
        (#""CurrentPlan":"PRO""#, .pro), (#""CurrentPlan":"ENTERPRISE""#, .enterprise),
        (#""CurrentPlan":"OTHER""#, nil), ("", nil),
    ])
    func thePlanIsReadAndOneThatIsNotKnownStopsNothing(attributes: String, plan: SESPlan?) async throws {
        let quota = #""SendQuota":{"Max24HourSend":200,"MaxSendRate":1,"SentLast24Hours":0}"#
        let body = #"{"SendingEnabled":true,\#(quota),"PricingAttributes":{\#(attributes)}}"#
        let account = try await SESAccount(context: AWSFixture(.answer(200, body)).context).account()
        #expect(account.plan == plan)
        #expect(account.maxSendRate == 1)
    }

    @Test func anAnswerWithoutAQuotaIsAnErrorAndNoQuotaOfZero() async {
        let bodies = ["{}", "[]", "no", #"{"SendingEnabled":true,"SendQuota":{"MaxSendRate":"14"}}"#]
        for body in bodies {
            let fixture = AWSFixture(.answer(200, body), .answer(200, body), .answer(200, body))
            await #expect(throws: QuotaError.self) { try await SESAccount(context: fixture.context).account() }
        }
    }
}
