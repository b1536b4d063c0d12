import Testing
import WaybillCore

@Suite struct PriceRefreshTests {
    private func refresh(older: PriceBook?, _ files: [(BilledService, [OfferTexts.Product])]) throws -> PriceRefresh {
        let files = try files.map { service, products in
            try OfferFile(json: OfferTexts.file(service, products), service: service, region: "us-east-1")
        }
        return PriceRefresh(region: "us-east-1", asOf: try CostFixture.day("2026-12-01"), older: older, files: files)
    }

    private func shipped(_ region: String = "us-east-1") throws -> PriceBook {
        try CostFixture.shippedBooks().book(region: region, on: try CostFixture.day("2026-11-27"))
    }

    @Test func whatTheFilesHaveReplacesTheOlderPriceAndTheRestIsKeptAsItWas() throws {
        let older = try shipped()
        let refreshed = try refresh(older: older, [(.sqs, OfferTexts.sqs), (.ecs, OfferTexts.ecs)])
        #expect(refreshed.book.asOf.description == "2026-12-01")
        #expect(refreshed.book.rates.count == older.rates.count)
        #expect(refreshed.kept.count == older.rates.count - 5)
        let arm = try refreshed.book.rate(.fargateARMMemory, plan: .essentials)
        #expect(arm.evidence == .aws)
        #expect(arm.date.description == "2026-11-01")
        let kept = try refreshed.book.rate(.cloudWatchLogStorage, plan: .essentials)
        #expect(kept == (try older.rate(.cloudWatchLogStorage, plan: .essentials)))
        #expect(kept.evidence == .memory)
        // Fargate costs what it did; SQS has tiers that were not known.
        #expect(refreshed.changes.map(\.now.meter) == [.sqsRequests])
        #expect(refreshed.changes.first?.before?.tiers.count == 1)
    }

    @Test func whatIsFreeIsKeptWhereAFileDoesNotSay() throws {
        let rate = try refresh(older: try shipped(), [(.sqs, OfferTexts.sqs)]).book.rate(.sqsRequests, plan: .pro)
        #expect(rate.free == 1_000_000)
        #expect(rate.source.hasSuffix("; what is free as of 2026-03-01"))
        #expect(try refresh(older: nil, [(.sqs, OfferTexts.sqs)]).book.rate(.sqsRequests, plan: .pro).free == 0)
    }

    @Test func aMeterWithoutAPriceIsNamedAndNeverFree() throws {
        let missing = try refresh(older: try shipped(), []).missing
        #expect(
            missing == [
                PriceRefresh.Missing(meter: .sesRecipients, plan: .enterprise),
                PriceRefresh.Missing(meter: .sesAttachmentBytes, plan: .essentials),
                PriceRefresh.Missing(meter: .sesAttachmentBytes, plan: .pro),
                PriceRefresh.Missing(meter: .sesAttachmentBytes, plan: .enterprise),
            ]
        )
        let first = try refresh(older: nil, [(.kms, OfferTexts.kms)])
        #expect(first.missing.count == Meter.allCases.count - 2)
        #expect(throws: PriceError.self) { try first.book.rate(.sqsRequests, plan: .pro) }
    }

    @Test func aBookOfAnotherRegionIsNotMixedIn() throws {
        let refreshed = try refresh(older: try shipped("eu-west-1"), [(.kms, OfferTexts.kms)])
        #expect(refreshed.book.region == "us-east-1")
        #expect(refreshed.kept == [])
        #expect(refreshed.book.rates.count == 2)
    }

    @Test func aBookThatIsWrittenIsReadAsTheSame() throws {
        for (_, json) in try CostFixture.priceFiles() {
            let book = try PriceBook(json: json)
            #expect(try PriceBook(json: JSON.parse(book.fileText.utf8)) == book)
            #expect(try PriceBook(json: book.json) == book)
        }
        let all: [(BilledService, [OfferTexts.Product])] = [
            (.dynamoDB, OfferTexts.dynamoDB), (.sqs, OfferTexts.sqs), (.sns, OfferTexts.sns),
            (.cloudWatch, OfferTexts.cloudWatch), (.kms, OfferTexts.kms), (.ecs, OfferTexts.ecs),
            (.rds, OfferTexts.rds),
        ]
        let refreshed = try refresh(older: try shipped(), all).book
        #expect(try PriceBook(json: JSON.parse(refreshed.fileText.utf8)) == refreshed)
        #expect(refreshed.fileName == "us-east-1.2026-12-01.json")
    }

    @Test func aFileOfPricesHasALineOrThreeForEach() throws {
        let text = try refresh(older: nil, [(.kms, [OfferTexts.kms[0]])]).book.fileText
        #expect(
            text == """
                {
                  "format": "waybill-prices.v1",
                  "region": "us-east-1",
                  "asOf": "2026-12-01",
                  "currency": "USD",
                  "prices": [
                    {
                      "meter": "kms.key-hours", "per": "month",
                      "tiers": [{"dollars":"1"}],
                      "source": "AWS offer file awskms 20261101120000 of us-east-1", "date": "2026-11-01", "evidence": "aws"
                    }
                  ]
                }

                """
        )
    }
}
