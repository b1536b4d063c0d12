import Configuration
import Foundation
import Testing
import WaybillCluster
import WaybillCore

@testable import waybill

@Suite struct CostChoicesTests {
    private func choices(_ values: [AbsoluteConfigKey: ConfigValue]) throws(SettingsError) -> CostChoices? {
        try SettingsReader(providers: [InMemoryProvider(values: values)]).costChoices()
    }

    @Test func costsAreReckonedUnlessSwitchedOff() throws {
        let standard = try #require(try choices([:]))
        #expect(standard == CostChoices(prices: "ops/prices", freeTier: .whole, schedule: [:]))
        #expect(try choices(["waybill.costs": "off"]) == nil)
    }

    @Test func everythingThatIsSetIsRead() throws {
        let read = try choices([
            "waybill.prices": "elsewhere", "waybill.sesPlan": "pro", "waybill.freeTier": "elsewhere",
            "waybill.budgetDollars": "12.5",
            "waybill.costSchedule":
                "rds.t4g-small-hours=2, kms.key-hours=0.5,cloudwatch.alarm-hours=20,kms.requests=36",
        ])
        let expected = CostChoices(
            prices: "elsewhere",
            plan: .pro,
            freeTier: .usedElsewhere,
            budget: Money(microdollars: 12_500_000),
            schedule: [.rdsT4gSmallHours: 2000, .kmsKeyHours: 500, .cloudWatchAlarmHours: 20_000, .kmsRequests: 36_000]
        )
        #expect(read == expected)
    }

    @Test(arguments: [
        ("sesPlan", "gold", "WAYBILL_SES_PLAN"), ("freeTier", "half", "WAYBILL_FREE_TIER"),
        ("costs", "maybe", "WAYBILL_COSTS"), ("budgetDollars", "much", "WAYBILL_BUDGET_DOLLARS"),
        ("costSchedule", "kms.key-hours", "WAYBILL_COST_SCHEDULE"),
        ("costSchedule", "kms.keys=1", "found 'kms.keys=1'"),
        ("costSchedule", "sqs.requests=1", "found 'sqs.requests=1'"),
        ("costSchedule", "kms.key-hours=0", "found 'kms.key-hours=0'"),
        ("costSchedule", "kms.key-hours=1,kms.key-hours=2", "kms.key-hours twice"),
    ])
    func aMistakeNamesTheSettingAndWhatWasFound(key: String, value: String, words: String) {
        let key = AbsoluteConfigKey(["waybill", key])
        #expect { try choices([key: .init(stringLiteral: value)]) } throws: { "\($0)".contains(words) }
    }

    @Test func aPlanAndTheMetricsAreThereUnlessTheyAreNamed() throws {
        let choices = CostChoices(prices: "", freeTier: .whole, schedule: [.kmsKeyHours: 1000])
        let books = PriceBooks([])
        let plain = choices.settings(books: books, region: "us-east-1", metrics: 0)
        #expect(plain.schedule == [.kmsKeyHours: 1000, .sesPlanHours: 1000])
        let watched = choices.settings(books: books, region: "us-east-1", metrics: 52)
        #expect(watched.schedule[.cloudWatchMetricHours] == 52_000)
        let named = CostChoices(prices: "", freeTier: .whole, schedule: [.cloudWatchMetricHours: 20_000])
        #expect(named.settings(books: books, region: "x", metrics: 52).schedule[.cloudWatchMetricHours] == 20_000)
    }

    @Test func booksThatCannotBeReadNameTheSettingAndTheFile() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "waybill-prices-\(UUID())")
        let path = folder.path(percentEncoded: false)
        let choices = CostChoices(prices: path, freeTier: .whole, schedule: [:])
        #expect { try choices.books() } throws: { "\($0)".contains("WAYBILL_PRICES: expected a folder") }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        #expect { try choices.books() } throws: { "\($0)".contains("found none") }
        try Data("{}".utf8).write(to: folder.appending(path: "us-east-1.2026-11-27.json"))
        #expect { try choices.books() } throws: { "\($0)".contains("us-east-1.2026-11-27.json is none") }
        try FileManager.default.removeItem(at: folder)
    }
}
