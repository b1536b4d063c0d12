import Foundation
import Testing
import WaybillCore

@Suite struct PriceBookTests {
    private static func price(_ changes: [(String, JSON?)] = []) -> JSON {
        changed(
            [
                "meter": "sqs.requests", "per": .number(1_000_000), "free": .number(1_000_000),
                "tiers": [["upTo": .number(5), "dollars": "0.40"], ["dollars": "0.30"]],
                "source": "a page", "date": "2026-03-01", "evidence": "third-party",
            ],
            changes
        )
    }

    private static func book(_ changes: [(String, JSON?)] = [], prices: JSON = [price()]) -> JSON {
        changed(
            [
                "format": "waybill-prices.v1", "region": "us-east-1", "asOf": "2026-11-27", "currency": "USD",
                "prices": prices,
            ],
            changes
        )
    }

    private static func changed(_ json: JSON, _ changes: [(String, JSON?)]) -> JSON {
        var members = json.members ?? []
        for (name, value) in changes {
            members.removeAll { $0.name == name }
            if let value { members.append(JSON.Member(name, value)) }
        }
        return .object(members)
    }

    private func violations(_ json: JSON) -> [String] {
        do throws(PriceBookFault) {
            _ = try PriceBook(json: json)
            return []
        } catch {
            return error.violations.map(\.description)
        }
    }

    @Test func aBookIsReadWithItsTiersAndSources() throws {
        let book = try PriceBook(json: Self.book())
        let rate = try book.rate(.sqsRequests, plan: .pro)
        #expect(rate.basis == .units(1_000_000))
        #expect(rate.free == 1_000_000)
        #expect(rate.tiers.map(\.upTo) == [5, nil])
        #expect(rate.tiers.map(\.price.dollars) == ["0.4", "0.3"])
        #expect(rate.source == "a page")
        #expect(rate.date == (try CostFixture.day("2026-03-01")))
        #expect(rate.evidence == .thirdParty)
        #expect(book.asOf == (try CostFixture.day("2026-11-27")))
    }

    @Test(
        arguments: [
            (("format", "waybill-prices.v2"), "$.format: expected \"waybill-prices.v1\", found \"waybill-prices.v2\""),
            (("region", "US-EAST-1"), "$.region: expected a region like us-east-1, found \"US-EAST-1\""),
            (("asOf", "2026-02-30"), "$.asOf: expected a day like 2026-11-23, found \"2026-02-30\""),
            (("currency", nil), "$.currency: expected \"USD\", found nothing"),
            (("prices", [JSON]().json), "$.prices: expected 1 to "),
            (
                ("note", "hello"),
                "$.note: expected no member but format, region, asOf, currency, prices, found \"hello\""
            ),
        ] as [((String, JSON?), String)]
    )
    func aFaultOfTheBookNamesItsPath(change: (String, JSON?), expected: String) {
        let found = violations(Self.book([change]))
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix(expected) == true, "\(found)")
    }

    @Test(
        arguments: [
            (("meter", "sqs.request"), ".meter: expected the name of a meter of Meter.swift, found \"sqs.request\""),
            (("plan", "pro"), ".plan: expected no plan: only the meters of SES have plans, found \"pro\""),
            (("per", "month"), ".per: expected a whole number of units: this meter is not counted by the hour"),
            (("per", .number(0)), ".per: expected a whole number of units, or \"month\""),
            (("free", .number(0)), ".free: expected a whole number from 1 to"),
            (("tiers", [JSON]().json), ".tiers: expected 1 to 20 elements, found 0"),
            (("tiers", [["dollars": .number("0.4")]]), ".tiers[0].dollars: expected dollars as a string of digits"),
            (("tiers", [["dollars": "1"], ["dollars": "2"]]), ".tiers[0].upTo: expected a whole number from 1 to"),
            (
                ("tiers", [["upTo": .number(5), "dollars": "1"], ["upTo": .number(5), "dollars": "2"]]),
                ".tiers[1].upTo: expected a whole number from 6 to"
            ),
            (
                ("tiers", [["dollars": "1", "upto": .number(5)]]),
                ".tiers[0].upto: expected no member but upTo, dollars"
            ),
            (("source", nil), ".source: expected a string, found nothing"),
            (("date", "yesterday"), ".date: expected a day like 2026-11-23"),
            (("date", "2026-11-28"), ".date: expected a day not after the book's own, 2026-11-27"),
            (("evidence", "rumour"), ".evidence: expected one of aws, third-party, memory"),
        ] as [((String, JSON?), String)]
    )
    func aFaultOfAPriceNamesItsPath(change: (String, JSON?), expected: String) {
        let found = violations(Self.book(prices: [Self.price([change])]))
        #expect(found.count == 1, "\(found)")
        #expect(found.first?.hasPrefix("$.prices[0]" + expected) == true, "\(found)")
    }

    @Test func everyFaultIsNamedAtOnce() {
        let found = violations(Self.book([("currency", "EUR")], prices: [Self.price([("per", nil), ("date", nil)])]))
        #expect(found.count == 3)
    }

    @Test func aPriceThatIsGivenTwiceIsRefused() {
        let recipients: (JSON?) -> JSON = { Self.price([("meter", "ses.recipients"), ("plan", $0)]) }
        #expect(violations(Self.book(prices: [Self.price(), Self.price()])).count == 1)
        #expect(violations(Self.book(prices: [recipients("pro"), recipients("pro")])).count == 1)
        #expect(violations(Self.book(prices: [recipients("pro"), recipients(nil)])).count == 1)
        #expect(violations(Self.book(prices: [recipients("pro"), recipients("essentials")])) == [])
    }

    @Test func aMeterOrRegionWithoutAPriceIsAnErrorThatNamesIt() throws {
        let books = try CostFixture.shippedBooks()
        let day = try CostFixture.day("2026-11-27")
        let unknownRegion = #expect(throws: PriceError.self) { try books.book(region: "mars-1", on: day) }
        #expect(unknownRegion == .unknownRegion("mars-1", known: ["eu-central-1", "eu-west-1", "us-east-1"]))
        #expect(unknownRegion?.description.contains("'mars-1', only for eu-central-1, eu-west-1, us-east-1") == true)

        let ireland = try books.book(region: "eu-west-1", on: day)
        let noPrice = #expect(throws: PriceError.self) { try ireland.rate(.sesRecipients, plan: .essentials) }
        #expect(noPrice == .noPrice(.sesRecipients, region: "eu-west-1", plan: .essentials, asOf: ireland.asOf))
        #expect(noPrice?.description.contains("eu-west-1 as of 2026-11-27 has no price for ses.recipients") == true)
        #expect(noPrice?.description.contains("in the SES plan essentials") == true)
        let noKey = #expect(throws: PriceError.self) { try ireland.rate(.kmsKeyHours, plan: .essentials) }
        #expect(noKey == .noPrice(.kmsKeyHours, region: "eu-west-1", plan: nil, asOf: ireland.asOf))

        #expect(throws: PriceError.unknownMeter("sqs.request")) { try Meter(named: "sqs.request") }
    }

    @Test func theNewestBookThatWasThereIsTaken() throws {
        let days = ["2026-01-01", "2026-06-01", "2026-11-01"].map { JSON.string($0) }
        let price = Self.price([("date", "2025-01-01")])
        let books = PriceBooks(try days.map { try PriceBook(json: Self.book([("asOf", $0)], prices: [price])) })
        let taken = { (day: String) in
            try books.book(region: "us-east-1", on: try CostFixture.day(day)).asOf.description
        }
        #expect(try taken("2026-11-01") == "2026-11-01")
        #expect(try taken("2026-10-31") == "2026-06-01")
        #expect(try taken("2025-01-01") == "2026-01-01")
    }
}

extension PriceBookTests {
    @Test func theShippedBooksAreRead() throws {
        let files = try CostFixture.priceFiles()
        #expect(files.count >= 3)
        for (name, json) in files {
            let book = try PriceBook(json: json)
            #expect(name == "\(book.region).\(book.asOf).json")
        }
        #expect(try CostFixture.shippedBooks().regions == ["eu-central-1", "eu-west-1", "us-east-1"])
    }

    @Test func theBookOfUSEast1PricesEveryMeterInThePlansThatWereRead() throws {
        let book = try CostFixture.shippedBooks().book(region: "us-east-1", on: try CostFixture.day("2026-11-27"))
        for meter in Meter.allCases where meter != .sesAttachmentBytes {
            for plan in [SESPlan.aLaCarte, .essentials, .pro] { _ = try book.rate(meter, plan: plan) }
        }
        _ = try book.rate(.sesAttachmentBytes, plan: .aLaCarte)
    }

    @Test func aMetersNameBeginsWithItsService() throws {
        for meter in Meter.allCases {
            let service = meter.definition.service.rawValue.lowercased().replacingOccurrences(of: " ", with: "-")
            #expect(meter.rawValue.hasPrefix("\(service)."))
            #expect(try Meter(named: meter.rawValue) == meter)
            let isHours = meter.rawValue.hasSuffix("-hours")
            #expect((meter.definition.counting == .byHour) == isHours, "\(meter.rawValue)")
        }
    }

    @Test(arguments: zip(["NONE", "ESSENTIALS", "PRO", "ENTERPRISE"], SESPlan.allCases))
    func thePlanIsReadFromGetAccount(word: String, plan: SESPlan) {
        #expect(SESPlan(currentPlan: word) == plan)
        #expect(SESPlan(currentPlan: word.lowercased()) == nil)
    }
}

extension [JSON] {
    fileprivate var json: JSON { .array(self) }
}
