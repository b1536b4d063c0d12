import Foundation
import Testing
import WaybillCore

/// What the tests of costs share: the shipped price books, and days by their text.
enum CostFixture {
    static func priceFiles() throws -> [(name: String, json: JSON)] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let folder = root.appending(path: "ops/prices")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".json") }
        return try names.sorted().map { ($0, try JSON.parse(Data(contentsOf: folder.appending(path: $0)))) }
    }

    static func shippedBooks() throws -> PriceBooks {
        PriceBooks(try priceFiles().map { try PriceBook(json: $0.json) })
    }

    static func pricing(
        _ month: String,
        region: String = "us-east-1",
        plan: SESPlan = .essentials,
        freeTier: Rate.FreeTier = .whole
    ) throws -> MonthPricing {
        let month = try #require(BillingMonth(month))
        let book = try shippedBooks().book(region: region, on: month.first)
        return MonthPricing(month: month, book: book, plan: plan, freeTier: freeTier)
    }

    static func day(_ text: String) throws -> BillingDay { try #require(BillingDay(text)) }
}
