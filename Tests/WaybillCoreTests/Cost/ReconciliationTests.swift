import Testing
import WaybillCore

@Suite struct ReconciliationTests {
    /// **Constructed** in the shape of GetCostAndUsage, with names of services and usage types as they stand on bills.
    private func answer(_ groups: [(String, String, String)], token: String? = nil, estimated: Bool = false) -> JSON {
        let groups = groups.map { service, usageType, amount -> JSON in
            [
                "Keys": [.string(service), .string(usageType)],
                "Metrics": [
                    "UnblendedCost": ["Amount": .string(amount), "Unit": "USD"],
                    "UsageQuantity": ["Amount": "1", "Unit": "N/A"],
                ],
            ]
        }
        let period: JSON = [
            "TimePeriod": ["Start": "2026-11-01", "End": "2026-12-01"], "Total": [:], "Groups": .array(groups),
            "Estimated": .bool(estimated),
        ]
        let members = [JSON.Member("ResultsByTime", [period]), JSON.Member("DimensionValueAttributes", .array([]))]
        return .object(members + (token.map { [JSON.Member("NextPageToken", .string($0))] } ?? []))
    }

    private func reconciliation(_ usage: [Meter: Int64], _ answers: [JSON]) throws -> Reconciliation {
        let pricing = try CostFixture.pricing("2026-11")
        return try Reconciliation(
            bill: pricing.bill(usage),
            answers: answers.map { try CostExplorerAnswer(json: $0) },
            pricing: pricing
        )
    }

    @Test func theQuestionIsAboutWholeDaysWithoutCredits() throws {
        let month = try #require(BillingMonth("2026-11"))
        var query = CostExplorerQuery(from: month.first, through: month.last, region: "us-east-1")
        #expect(
            query.json.description
                == #"{"TimePeriod":{"Start":"2026-11-01","End":"2026-12-01"},"Granularity":"MONTHLY","#
                + #""Metrics":["UnblendedCost","UsageQuantity"],"GroupBy":[{"Type":"DIMENSION","Key":"SERVICE"},"#
                + #"{"Type":"DIMENSION","Key":"USAGE_TYPE"}],"Filter":{"And":[{"Not":{"Dimensions":{"Key":"RECORD_TYPE","#
                + #""Values":["Credit","Refund"]}}},{"Dimensions":{"Key":"REGION","#
                + #""Values":["us-east-1","global","NoRegion"]}}]}}"#
        )
        query.nextPageToken = "more"
        #expect(query.json["NextPageToken"]?.text == "more")
    }

    @Test func ourCostStandsBesideTheirsByMeter() throws {
        let reconciliation = try reconciliation(
            [.sesRecipients: 1_000_000_000, .snsRequests: 5_000_000_000, .kmsKeyHours: 720_000],
            [
                answer([
                    ("Amazon Simple Email Service", "USE1-Essentials-Outbound-Email", "150.00"),
                    ("Amazon Simple Email Service", "Recipients", "8.00"),
                    ("AWS Key Management Service", "us-east-1-KMS-Keys", "1.0000000000"),
                    ("Amazon Simple Queue Service", "Requests-RBP", "0.40"),
                    ("Amazon Route 53", "HostedZone", "0.50"), ("Tax", "NoUsageType", "30.1"),
                    ("Amazon DynamoDB", "ReplWriteRequestUnits", "0"),
                ])
            ]
        )
        let line = { (meter: Meter) in reconciliation.lines.first { $0.meter == meter } }
        #expect(reconciliation.lines.map(\.meter) == [.sesRecipients, .sqsRequests, .snsRequests, .kmsKeyHours])
        #expect(line(.sesRecipients)?.ours == Money(dollars: 160))
        #expect(line(.sesRecipients)?.theirs == Money(dollars: 158))
        #expect(line(.sesRecipients)?.difference == Money(dollars: 2))
        #expect(line(.sesRecipients)?.differencePercent.map { Int($0 * 1000) } == 1265)
        #expect(line(.kmsKeyHours)?.differencePercent == 0)
        // Four million beyond the free one at 0.50.
        #expect(line(.snsRequests)?.ours == Money(dollars: 2))
        #expect(line(.snsRequests)?.theirs == nil)
        #expect(line(.snsRequests)?.differencePercent == nil)
        #expect(line(.sqsRequests)?.ours == nil)
        #expect(line(.sqsRequests)?.difference.decimal == "-0.400000")
        #expect(reconciliation.uncounted.map(\.usageType) == ["NoUsageType", "HostedZone"])
        #expect(reconciliation.ours == Money(dollars: 163))
        #expect(reconciliation.theirs.decimal == "159.400000")
        #expect(!reconciliation.isEstimated)
    }

    @Test func aProgramReadsMoneyAsTextAndNothingAsNull() throws {
        let answers = [
            answer([("Amazon Simple Email Service", "Recipients", "158"), ("Amazon Route 53", "HostedZone", "0.5")])
        ]
        let json = try reconciliation([.sesRecipients: 1_000_000_000, .kmsKeyHours: 720_000], answers).json
        #expect(
            json.description
                == #"{"pricesAsOf":"2026-11-27","estimated":false,"ours":"161.000000","theirs":"158.000000","#
                + #""ownCost":"0.010000","meters":[{"meter":"ses.recipients","ours":"160.000000","theirs":"158.000000","#
                + #""difference":"2.000000","differencePercent":1.27},{"meter":"kms.key-hours","ours":"1.000000","#
                + #""theirs":null,"difference":"1.000000","differencePercent":null}],"#
                + #""uncounted":[{"service":"Amazon Route 53","usageType":"HostedZone","theirs":"0.500000"}]}"#
        )
    }

    @Test func everyPageCostsACentAndIsAdded() throws {
        let group = ("Amazon Simple Email Service", "Recipients", "1.00")
        let reconciliation = try reconciliation(
            [:],
            [answer([group], token: "more", estimated: true), answer([group])]
        )
        #expect(reconciliation.ownCost == Money(microdollars: 20_000))
        #expect(reconciliation.theirs == Money(dollars: 2))
        #expect(reconciliation.isEstimated)
        #expect(try CostExplorerAnswer(json: answer([], token: "more")).nextPageToken == "more")
    }

    @Test func anEstimateOfOneMonthMakesAllAnEstimate() throws {
        let periods = [true, false].compactMap { answer([], estimated: $0)["ResultsByTime"]?.elements }.joined()
        let both = try CostExplorerAnswer(json: ["ResultsByTime": .array(Array(periods))])
        #expect(both.isEstimated)
    }

    @Test(
        arguments: [
            ("Amazon Relational Database Service", "EUW1-InstanceUsage:db.t4g.small", Meter.rdsT4gSmallHours),
            ("Amazon Relational Database Service", "Multi-AZUsage:db.t4g.small", .rdsT4gSmallHours),
            ("Amazon Relational Database Service", "USE1-RDS:Multi-AZ-GP3-Storage", .rdsStorage),
            ("AmazonCloudWatch", "TimedStorage-ByteHrs", .cloudWatchLogStorage),
            ("Amazon DynamoDB", "TimedStorage-ByteHrs", .dynamoDBStorage),
            ("Amazon DynamoDB", "IA-TimedStorage-ByteHrs", .dynamoDBInfrequentStorage),
            ("AmazonCloudWatch", "DashboardsUsageHour-Basic", .cloudWatchDashboardHours),
            ("EC2 - Other", "NatGateway-Hours", .networkNATHours),
            ("Amazon Virtual Private Cloud", "USE1-VpcEndpoint-Bytes", .networkEndpointBytes),
            ("Amazon Simple Email Service", "DataTransfer-Out-Bytes", .networkOutBytes),
            ("Amazon Simple Notification Service", "EU-Requests-Tier1", .snsRequests),
            ("Amazon Simple Queue Service", "Requests-FIFO-RBP", nil),
            ("Amazon Simple Email Service", "Recipients-VirtDelivMgr", nil),
            ("Amazon Elastic Container Service", "USE1-Fargate-Windows-vCPU-Hours:perCPU", nil),
            ("Amazon Elastic Container Service", "SpotUsage-Fargate-GB-Hours", nil),
            ("Amazon Simple Storage Service", "Requests-Tier1", nil),
        ] as [(String, String, Meter?)]
    )
    func aUsageTypeIsTheMeterOfItsService(service: String, usageType: String, meter: Meter?) {
        #expect(AWSUsageType.meter(of: usageType, service: service) == meter)
    }

    @Test(
        arguments: [
            ("12.3456785", 12_345_679), ("-0.0000005", -1), ("0.0000004999", 0), ("1.5E-5", 15), ("1E3", 1_000_000_000),
            ("0", 0), ("2.5E-7", 0), ("5E-7", 1), ("1E-40", 0),
        ] as [(String, Int64)]
    )
    func aBilledAmountIsRoundedToAMicrodollar(text: String, microdollars: Int64) {
        #expect(Money(billed: text) == Money(microdollars: microdollars))
    }

    @Test(arguments: ["", "-", ".5", "5.", "1,5", "1e5", "1E", "1E99", "1E30", "--1", "1.2.3", "NaN", "+1", "1 "])
    func anAmountInAnotherShapeIsRefused(text: String) {
        #expect(Money(billed: text) == nil)
    }

    @Test func aFaultOfTheAnswerNamesItsPath() throws {
        let fault = #expect(throws: CostExplorerFault.self) {
            try CostExplorerAnswer(json: answer([("Amazon DynamoDB", "x", "much")]))
        }
        #expect(
            fault?.description == "Cost Explorer's answer: $.ResultsByTime[0].Groups[0].Metrics.UnblendedCost.Amount: "
                + "expected dollars as a string, like \"0.0000123\" or \"1.2E-7\", found \"much\""
        )
        #expect(throws: CostExplorerFault.self) { try CostExplorerAnswer(json: [:]) }
    }
}
