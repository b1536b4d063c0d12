import Testing
import WaybillAWS
import WaybillCore
import WaybillPorts

@Suite struct CostExplorerTests {
    private let query = CostExplorerQuery(
        from: BillingDay(number: 20_000),
        through: BillingDay(number: 20_005),
        region: "eu-central-1"
    )

    /// **Constructed** in the shape of GetCostAndUsage.
    private func page(_ amount: String, next: String?) -> Result<HTTPResponse, HTTPError> {
        let group =
            #"{"Keys":["Amazon Simple Email Service","Recipients"],"Metrics":{"UnblendedCost":"#
            + #"{"Amount":"\#(amount)","Unit":"USD"},"UsageQuantity":{"Amount":"1","Unit":"Count"}}}"#
        let period =
            #"{"TimePeriod":{"Start":"2024-10-04","End":"2024-10-10"},"Total":{},"Groups":[\#(group)],"Estimated":true}"#
        let token = next.map { #","NextPageToken":"\#($0)""# } ?? ""
        return .answer(200, #"{"ResultsByTime":[\#(period)],"DimensionValueAttributes":[]\#(token)}"#)
    }

    @Test func everyPageIsAskedInTheOneRegionThatAnswersAndIsCounted() async throws {
        let fixture = AWSFixture(page("1.5", next: "two"), page("2.25", next: nil))
        let answers = try await CostExplorer(context: fixture.context).answers(query)
        #expect(
            answers.flatMap(\.lines).map(\.cost) == [Money(microdollars: 1_500_000), Money(microdollars: 2_250_000)]
        )
        let sent = fixture.transport.requests
        #expect(sent.map(\.url) == Array(repeating: "https://ce.us-east-1.amazonaws.com/", count: 2))
        #expect(sent.allSatisfy { $0.header("Authorization")?.contains("/us-east-1/ce/aws4_request") == true })
        #expect(sent.allSatisfy { $0.header("X-Amz-Target") == "AWSInsightsIndexService.GetCostAndUsage" })
        #expect(try sent.map { try $0.json()["NextPageToken"]?.text } == [nil, "two"])
        #expect(fixture.usage[.costExplorerRequests] == [1000, 1000])
    }

    @Test func anAnswerOfAnotherShapeIsAnError() async {
        let fixture = AWSFixture(.answer(200, #"{"ResultsByTime":[{"Groups":[{}]}]}"#))
        await #expect(throws: CostExplorerFault.self) {
            try await CostExplorer(context: fixture.context).answers(query)
        }
    }
}
