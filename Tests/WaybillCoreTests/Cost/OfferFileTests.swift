import Testing
import WaybillCore

@Suite struct OfferFileTests {
    private typealias Product = OfferTexts.Product

    private func rates(_ service: BilledService, _ products: [Product], region: String = "us-east-1") throws -> [Rate] {
        try OfferFile(json: OfferTexts.file(service, products), service: service, region: region).rates
    }

    /// `meter per free [tiers]`, so that a file can be seen at a glance.
    private func shown(_ rates: [Rate]) -> [String] {
        rates.map { rate in
            let tiers = rate.tiers.map { tier in "\(tier.upTo.map(String.init) ?? "on"):\(tier.price.dollars)" }
            let basis =
                switch rate.basis {
                case .units(let count): String(count)
                case .month: "month"
                }
            return "\(rate.meter.rawValue) \(basis) \(rate.free) \(tiers.joined(separator: " "))"
        }
    }

    private func violations(_ json: JSON, _ service: BilledService = .sqs) -> [String] {
        do throws(OfferFileFault) {
            _ = try OfferFile(json: json, service: service, region: "us-east-1")
            return []
        } catch {
            return error.violations.map(\.description)
        }
    }

    @Test func aRecordedFileIsRead() throws {
        let file = try OfferFile(json: JSON.parse(OfferTexts.recorded.utf8), service: .ses, region: "us-east-1")
        let rate = try #require(file.rates.first)
        #expect(file.rates.count == 1)
        #expect(rate.meter == .sesRecipients)
        #expect(rate.plan == .essentials)
        #expect(rate.basis == .units(1000))
        #expect(rate.tiers.map(\.upTo) == [10_000_000])
        #expect(rate.tiers.map(\.price.dollars) == ["0.16"])
        #expect(rate.source == "AWS offer file AmazonSES 20260722172054 of us-east-1")
        #expect(rate.date.description == "2026-07-22")
        #expect(rate.evidence == .aws)
    }

    @Test func thePricesOfDynamoDBAreThoseOfItsOwnUsageTypes() throws {
        #expect(
            shown(try rates(.dynamoDB, OfferTexts.dynamoDB)) == [
                "dynamodb.write-units 1000000 0 on:0.625", "dynamodb.read-units 1000000 0 on:0.125",
                "dynamodb.storage-gigabyte-hours month 25 on:0.25",
                "dynamodb.provisioned-write-hours 1 18600 on:0.00065",
                "dynamodb.provisioned-read-hours 1 18600 on:0.00013",
                "dynamodb.infrequent-write-units 1000000 0 on:0.78",
                "dynamodb.infrequent-read-units 1000000 0 on:0.155",
                "dynamodb.infrequent-storage-gigabyte-hours month 0 on:0.1",
            ]
        )
    }

    @Test func thePricesOfQueuesAndTopicsKeepTheirTiers() throws {
        #expect(
            shown(try rates(.sqs, OfferTexts.sqs)) == [
                "sqs.requests 1000000 0 100000000000:0.4 200000000000:0.3 on:0.24"
            ]
        )
        #expect(shown(try rates(.sns, OfferTexts.sns)) == ["sns.requests 1000000 1000000 on:0.5"])
    }

    @Test func thePricesOfTelemetryAndKeysAreByTheMonthAndTheGigabyte() throws {
        #expect(
            shown(try rates(.cloudWatch, OfferTexts.cloudWatch)) == [
                "cloudwatch.metric-hours month 0 10000:0.3 on:0.1", "cloudwatch.alarm-hours month 0 on:0.1",
                "cloudwatch.dashboard-hours month 0 on:3", "cloudwatch.requests 1000 0 on:0.01",
                "cloudwatch.log-bytes 1073741824 0 on:0.5", "cloudwatch.log-storage-gigabyte-hours month 0 on:0.03",
            ]
        )
        #expect(
            shown(try rates(.kms, OfferTexts.kms)) == ["kms.requests 10000 0 on:0.03", "kms.key-hours month 0 on:1"]
        )
    }

    @Test func thePricesOfMachinesAreThoseOfOneZoneAndTheEngine() throws {
        #expect(
            shown(try rates(.ecs, OfferTexts.ecs)) == [
                "fargate.x86-cpu-hours 1 0 on:0.04048", "fargate.x86-memory-gigabyte-hours 1 0 on:0.004445",
                "fargate.arm-cpu-hours 1 0 on:0.03238", "fargate.arm-memory-gigabyte-hours 1 0 on:0.00356",
            ]
        )
        #expect(
            shown(try rates(.rds, OfferTexts.rds)) == [
                "rds.t4g-micro-hours 1 0 on:0.016", "rds.t4g-small-hours 1 0 on:0.032",
                "rds.t4g-medium-hours 1 0 on:0.065", "rds.storage-gigabyte-hours month 0 on:0.115",
                "rds.backup-gigabyte-hours month 0 on:0.095",
            ]
        )
    }

    @Test func theTiersOfBytesCountBytes() throws {
        let tiers = [("0", "5", "0"), ("5", "10240", "0.50"), ("10240", "Inf", "0.25")]
        let rates = try rates(.cloudWatch, [Product("DataProcessing-Bytes", "GB", tiers)])
        #expect(shown(rates) == ["cloudwatch.log-bytes 1073741824 5368709120 10995116277760:0.5 on:0.25"])
    }

    @Test(arguments: [("EU", "eu-west-1"), ("EUC1", "eu-central-1"), ("eu-west-1", "eu-west-1")])
    func aUsageTypeOfAnotherRegionHasItsNameBeforeIt(prefix: String, region: String) throws {
        let product = Product(
            "\(prefix)-Requests-Tier1",
            "Requests",
            [("0", "Inf", "0.0000004")],
            ["queueType": "Standard", "regionCode": region]
        )
        #expect(shown(try rates(.sqs, [product], region: region)) == ["sqs.requests 1000000 0 on:0.4"])
        #expect(try rates(.sqs, [product], region: "us-east-1") == [])
    }

    @Test func whatNoMeterCountsMayHaveAnyShape() throws {
        let unknown = Product("USE1-Tenant-Count", "bananas", [("a", "b", "c")])
        #expect(try rates(.ses, [unknown]) == [])
    }

    private static func request(_ unit: String, _ tiers: [(String, String, String)]) -> JSON {
        OfferTexts.file(.sqs, [Product("Requests-RBP", unit, tiers, ["queueType": "Standard"])])
    }

    @Test(
        arguments: [
            (request("Hours", [("0", "Inf", "1")]), ".unit: expected one of "),
            (request("Requests", [("0", "Inf", "1e-7")]), ".pricePerUnit.USD: expected dollars as a string of digits"),
            (
                request("Requests", [("0", "Inf", "999999")]),
                ".pricePerUnit.USD: expected dollars as a string of digits"
            ),
            (request("Requests", [("0.5", "Inf", "1")]), ".beginRange: expected a whole number as a string"),
            (request("Requests", [("0", "inf", "1")]), ".endRange: expected a whole number as a string"),
        ]
    )
    func aFaultOfAPriceNamesTheProductAndTheMember(json: JSON, expected: String) {
        let found = violations(json)
        #expect(found.count == 1, "\(found)")
        let path = "$.terms.OnDemand.SKU0.SKU0.JRTCKXETXF.priceDimensions.SKU0.JRTCKXETXF.0"
        #expect(found.first?.hasPrefix(path + expected) == true, "\(found)")
    }

    @Test(
        arguments: [
            [("1", "Inf", "1")], [("0", "10", "1"), ("11", "Inf", "2")], [("0", "10", "1"), ("5", "Inf", "2")],
            [("0", "0", "1")], [],
        ] as [[(String, String, String)]]
    )
    func tiersThatDoNotFollowOneAnotherAreAFault(tiers: [(String, String, String)]) {
        let found = violations(Self.request("Requests", tiers))
        #expect(found.count == 1, "\(found)")
        #expect(found.first?.hasPrefix("$.terms.OnDemand.SKU0.SKU0.JRTCKXETXF.priceDimensions: expected") == true)
    }

    @Test(
        arguments: [
            ("formatVersion", "$.formatVersion: expected \"v1.0\", found nothing"),
            ("offerCode", "$.offerCode: expected \"AWSQueueService\", found nothing"),
            ("version", "$.version: expected a string, found nothing"),
            ("publicationDate", "$.publicationDate: expected a time as in RFC 3339"),
            ("products", "$.products: expected an object, found nothing"),
            ("terms", "$.terms: expected an object, found nothing"),
        ]
    )
    func aFileWithoutAMemberIsAFaultThatNamesIt(member: String, expected: String) {
        let members = OfferTexts.file(.sqs, OfferTexts.sqs).members ?? []
        let found = violations(.object(members.filter { $0.name != member }))
        #expect(found.count == 1, "\(found)")
        #expect(found.first?.hasPrefix(expected) == true, "\(found)")
    }

    @Test func aProductWithoutTermsIsAFault() {
        let members = OfferTexts.file(.sqs, OfferTexts.sqs).members ?? []
        let without = members.map { $0.name == "terms" ? JSON.Member("terms", ["OnDemand": [:]]) : $0 }
        #expect(violations(.object(without)) == ["$.terms.OnDemand.SKU0: expected an object, found nothing"])
    }

    @Test func twoPricesForOneMeterAreAFaultThatNamesBoth() throws {
        let product = { (dollars: String) in
            Product("USE1-Fargate-GB-Hours", "hours", [("0", "Inf", dollars)])
        }
        let fault = #expect(throws: OfferFileFault.self) {
            try rates(.ecs, [product("0.004445"), product("0.004445"), product("0.1")])
        }
        #expect(
            fault?.description == "offer file AmazonECS of us-east-1: $.products.SKU2: expected the same price as "
                + "$.products.SKU0, which has the same usage type, found an object"
        )
    }

    @Test func theFilesAreWhereAWSPutsThem() {
        #expect(
            OfferFile.path(.sqs, region: "eu-west-1") == "/offers/v1.0/aws/AWSQueueService/current/eu-west-1/index.json"
        )
        #expect(OfferFile.path(.ec2, region: "eu-west-1") == nil)
        #expect(BilledService.offered.count == 8)
    }
}
