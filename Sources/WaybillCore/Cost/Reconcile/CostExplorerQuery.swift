/// The question to Cost Explorer: what was paid for each usage type. Its API is asked in us-east-1 for every region, target
/// `AWSInsightsIndexService.GetCostAndUsage`, and each page of an answer costs a cent.
package struct CostExplorerQuery: Hashable, Sendable {
    package let first: BillingDay
    package let last: BillingDay
    package let region: String
    package var nextPageToken: String?

    /// Credits and refunds are left out: they lower a bill, not what the use costs.
    package static let excludedRecords = ["Credit", "Refund"]
    /// What belongs to no region: dashboards, the requests to Cost Explorer. From memory; it was not looked up.
    package static let regionless = ["global", "NoRegion"]

    /// Of whole days, both included. What is paid within a day of now is not known to Cost Explorer yet.
    package init(from first: BillingDay, through last: BillingDay, region: String) {
        self.first = first
        self.last = last
        self.region = region
    }

    /// The body of the request. AWS leaves the day of `End` out.
    package var json: JSON {
        let records = Self.values("RECORD_TYPE", Self.excludedRecords)
        let query: JSON = [
            "TimePeriod": ["Start": .string(first.description), "End": .string(last.advanced(by: 1).description)],
            "Granularity": "MONTHLY",
            "Metrics": ["UnblendedCost", "UsageQuantity"],
            "GroupBy": [
                ["Type": "DIMENSION", "Key": "SERVICE"], ["Type": "DIMENSION", "Key": "USAGE_TYPE"],
            ],
            "Filter": ["And": [["Not": records], Self.values("REGION", [region] + Self.regionless)]],
        ]
        guard let nextPageToken, let members = query.members else { return query }
        return .object(members + [JSON.Member("NextPageToken", .string(nextPageToken))])
    }

    private static func values(_ key: String, _ values: [String]) -> JSON {
        ["Dimensions": ["Key": .string(key), "Values": .array(values.map { .string($0) })]]
    }
}
