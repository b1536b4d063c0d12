import Testing
import WaybillAWS
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

    @Test func anAnswerWithoutAQuotaIsAnErrorAndNoQuotaOfZero() async {
        let bodies = ["{}", "[]", "no", #"{"SendingEnabled":true,"SendQuota":{"MaxSendRate":"14"}}"#]
        for body in bodies {
            let fixture = AWSFixture(.answer(200, body), .answer(200, body), .answer(200, body))
            await #expect(throws: QuotaError.self) { try await SESAccount(context: fixture.context).account() }
        }
    }
}
