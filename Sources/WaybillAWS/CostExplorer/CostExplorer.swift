package import WaybillCore
import WaybillPorts

/// Cost Explorer, which is asked in us-east-1 for every region. Each request costs a cent.
package struct CostExplorer: Sendable {
    /// More pages than any account's usage types fill.
    private static let mostPages = 20

    private let client: AWSClient
    private let usage: any UsageSink

    package init(context: AWSContext) {
        usage = context.usage
        client = AWSClient(.costExplorer, context: context)
    }

    /// All pages of the answer.
    package func answers(_ query: CostExplorerQuery) async throws -> [CostExplorerAnswer] {
        var query = query
        var answers: [CostExplorerAnswer] = []
        while answers.count < Self.mostPages {
            let answer = try await client.call(
                AWSRequest(
                    operation: "GetCostAndUsage",
                    headers: [
                        HTTPHeader("Content-Type", "application/x-amz-json-1.1"),
                        HTTPHeader("X-Amz-Target", "AWSInsightsIndexService.GetCostAndUsage"),
                    ],
                    body: query.json.encoded
                )
            )
            usage.used(Usage(.costExplorerRequests, thousandths: 1000))
            let page = try CostExplorerAnswer(json: try answer.json())
            answers.append(page)
            guard let token = page.nextPageToken else { return answers }
            query.nextPageToken = token
        }
        return answers
    }
}
