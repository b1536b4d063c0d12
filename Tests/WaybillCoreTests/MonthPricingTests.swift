import Foundation
import Testing
import WaybillCore

@Suite struct MonthPricingTests {
    private func pricing(_ rates: [Rate], month: String = "2026-11", freeTier: Rate.FreeTier = .whole) throws
        -> MonthPricing
    {
        let book = PriceBook(region: "test-1", asOf: try CostFixture.day("2026-11-27"), rates: rates)
        return MonthPricing(month: try #require(BillingMonth(month)), book: book, plan: .essentials, freeTier: freeTier)
    }

    private func rate(_ meter: Meter, _ basis: Rate.Basis, free: Int64 = 0, _ tiers: [(Int64?, String)]) throws -> Rate
    {
        let tiers = try tiers.map { Rate.Tier(upTo: $0.0, price: try #require(UnitPrice(dollars: $0.1))) }
        let day = try CostFixture.day("2026-01-01")
        return Rate(meter: meter, basis: basis, free: free, tiers: tiers, source: "a test", date: day, evidence: .aws)
    }

    @Test func aTierEndsWhereItsLastUnitIs() throws {
        let pricing = try pricing([
            rate(.sqsRequests, .units(10), [(100, "1"), (200, "0.5"), (nil, "0.1")])
        ])
        let costs = try [0, 1, 100, 101, 200, 210].map { try pricing.cost(of: $0 * 1000, .sqsRequests).decimal }
        #expect(costs == ["0.000000", "0.100000", "10.000000", "10.050000", "15.000000", "15.100000"])
    }

    @Test func theFreeUnitsAreTheMonthsFirstAndCountForTheTiers() throws {
        let rate = try rate(.sqsRequests, .units(1), free: 50, [(40, "1"), (100, "2"), (nil, "3")])
        let free = try pricing([rate])
        let costs = try [50, 51, 100, 101].map { try free.cost(of: $0 * 1000, .sqsRequests) }
        #expect(costs == [0, 2, 100, 103].map { Money(dollars: $0) })
        let usedElsewhere = try pricing([rate], freeTier: .usedElsewhere)
        #expect(try usedElsewhere.cost(of: 50_000, .sqsRequests) == Money(dollars: 60))
    }

    @Test(arguments: [("2026-02", 672), ("2028-02", 696), ("2026-11", 720), ("2026-12", 744)] as [(String, Int64)])
    func whatIsThereAllMonthCostsOneMonthHoweverLongItIs(month: String, hours: Int64) throws {
        let pricing = try pricing(
            [rate(.cloudWatchMetricHours, .month, free: 10, [(20, "0.30"), (nil, "0.10")])],
            month: month
        )
        let cost = { (metrics: Int64) in try pricing.cost(of: metrics * hours * 1000, .cloudWatchMetricHours) }
        #expect(try cost(10) == .zero)
        #expect(try cost(11) == Money(microdollars: 300_000))
        #expect(try cost(21) == Money(microdollars: 3_100_000))
        #expect(try pricing.cost(of: 21 * hours * 500, .cloudWatchMetricHours) == Money(microdollars: 150_000))
    }

    @Test func aCostIsRoundedOnceHalfUpToAMicrodollar() throws {
        let pricing = try pricing([rate(.sqsRequests, .units(1), [(nil, "0.0000005")])])
        let costs = try [500, 999, 1000, 2999, 3000].map { try pricing.cost(of: $0, .sqsRequests).microdollars }
        #expect(costs == [0, 0, 1, 1, 2])
    }

    @Test func moreThanTheKnownTiersIsAnErrorThatNamesTheMeter() throws {
        let pricing = try pricing([rate(.sqsRequests, .units(1), free: 2, [(10, "1")])])
        #expect(try pricing.cost(of: 10_000, .sqsRequests) == Money(dollars: 8))
        let error = #expect(throws: PriceError.self) { try pricing.cost(of: 10_001, .sqsRequests) }
        #expect(error == .beyondKnownTiers(.sqsRequests, region: "test-1", knownUpTo: 10))
        #expect(error?.description.contains("sqs.requests in test-1 is known up to 10") == true)
    }

    @Test func useThatCannotBeIsRefused() throws {
        let pricing = try pricing([rate(.sqsRequests, .units(1), [(nil, "999999")])])
        #expect(throws: PriceError.negativeUse(.sqsRequests, thousandths: -1)) {
            try pricing.cost(of: -1, .sqsRequests)
        }
        #expect(throws: PriceError.tooLarge(.sqsRequests, thousandths: .max)) {
            try pricing.cost(of: .max, .sqsRequests)
        }
        #expect(throws: PriceError.self) { try pricing.bill([.snsRequests: 1]) }
        #expect(throws: PriceError.self) { try pricing.bill([.sqsRequests: -1]) }
        #expect(try pricing.bill([.snsRequests: 0]).lines == [])
        let outside = BillingHour(pricing.month.next.first.start)
        #expect(throws: PriceError.hourOutsideMonth(outside, pricing.month)) {
            try pricing.hourly([HourUsage(hour: outside, meter: .sqsRequests, thousandths: 1)])
        }
    }

    @Test func aMillionEmailsInAMonthCostWhatAWSListsForThem() throws {
        let bill = try CostFixture.pricing("2026-11").bill([
            .sesRecipients: 1_000_000_000, .snsRequests: 4_200_000_000, .sqsRequests: 5_000_000_000,
            .dynamoDBWriteUnits: 7_000_000_000, .dynamoDBReadUnits: 1_000_000_000,
            .cloudWatchMetricHours: 50 * 720 * 1000, .cloudWatchAlarmHours: 20 * 720 * 1000,
            .fargateX86CPUHours: 3 * 720 * 500, .fargateX86Memory: 3 * 720 * 1000, .rdsT4gSmallHours: 2 * 720 * 1000,
            .kmsKeyHours: 720_000,
        ])
        let lines = bill.lines.map { "\($0.meter.rawValue) \($0.cost.decimal)" }
        #expect(
            lines == [
                "ses.recipients 160.000000", "dynamodb.write-units 4.375000", "dynamodb.read-units 0.125000",
                "sqs.requests 1.600000", "sns.requests 1.600000", "cloudwatch.metric-hours 12.000000",
                "cloudwatch.alarm-hours 2.000000", "kms.key-hours 1.000000", "fargate.x86-cpu-hours 43.718400",
                "fargate.x86-memory-gigabyte-hours 9.601200", "rds.t4g-small-hours 46.080000",
            ]
        )
        #expect(bill.variable.decimal == "167.700000")
        #expect(bill.fixed.decimal == "114.399600")
        #expect(bill.total == bill.fixed + bill.variable)
        #expect(bill.services.map(\.cost).sum == bill.total)
        #expect(bill.services.map(\.service) == [.ses, .dynamoDB, .sqs, .sns, .cloudWatch, .kms, .fargate, .rds])
        #expect(bill.emails == 1_000_000)
        #expect(bill.perThousandEmails?.decimal == "0.282100")
        #expect(bill.variablePerThousandEmails?.decimal == "0.167700")
        #expect(try CostFixture.pricing("2026-11").bill([.kmsKeyHours: 720_000]).perThousandEmails == nil)
        #expect(bill.unverified == [])
        #expect(
            try CostFixture.pricing("2026-11").bill([.cloudWatchLogStorage: 1]).unverified == [.cloudWatchLogStorage]
        )
    }

    @Test func thePlanDecidesWhatARecipientCosts() throws {
        let cost = { (plan: SESPlan) in
            try CostFixture.pricing("2026-11", plan: plan).bill([
                .sesRecipients: 20_000_000_000, .sesPlanHours: 720_000,
            ])
        }
        #expect(try cost(.aLaCarte).total == Money(dollars: 2000))
        #expect(try cost(.essentials).total == Money(dollars: 1600 + 1400))
        #expect(try cost(.pro).total == Money(dollars: 4400 + 105))
        #expect(try cost(.pro).fixed == Money(dollars: 105))
        #expect(throws: PriceError.self) { try cost(.enterprise) }
    }

    @Test func theFixedScheduleIsWhatWasUsedAndWhatRunsOn() throws {
        let pricing = try CostFixture.pricing("2026-11")
        let used: [Meter: Int64] = [
            .rdsT4gSmallHours: 2 * 240 * 1000, .cloudWatchMetricHours: 50 * 240 * 1000, .sqsRequests: 9_000_000_000,
        ]
        let running: [Meter: Int64] = [.rdsT4gSmallHours: 2000, .cloudWatchMetricHours: 50_000, .kmsKeyHours: 1000]
        let total = try pricing.fixedSchedule(used: used, running: running, remainingHours: 480)
        #expect(total == Money(microdollars: 46_080_000 + 12_000_000 + 666_667))
        #expect(throws: PriceError.self) {
            try pricing.fixedSchedule(used: [:], running: [.kmsKeyHours: .max], remainingHours: 2)
        }
    }
}
