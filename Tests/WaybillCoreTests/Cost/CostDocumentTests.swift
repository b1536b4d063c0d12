import Foundation
import Testing
import WaybillCore

/// docs/cost.md says what the code computes, to the cent.
@Suite struct CostDocumentTests {
    private func document() throws -> CostDocument {
        CostDocument(pricing: try CostFixture.pricing("2026-11", plan: .essentials))
    }

    private func text() throws -> String {
        var root = URL(filePath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        return try String(contentsOf: root.appending(path: "docs/cost.md"), encoding: .utf8)
    }

    private func expect(_ table: [String], line: Int = #line) throws {
        let table = table.joined(separator: "\n")
        #expect(try text().contains(table), "docs/cost.md, the table of line \(line), must be:\n\(table)\n")
    }

    @Test func theTableOfCostsIsWhatTheMonthIsPricedAt() throws { try expect(try document().costs()) }

    @Test func theTableOfPlansIsWhatTheyArePricedAt() throws { try expect(try document().plans()) }

    @Test func theTableOfRecommendationsIsWhatTheRulesFind() throws { try expect(try document().recommendations()) }

    @Test func theTableOfRulesNamesEachOnce() throws {
        let rows = try text().split(separator: "\n").filter { $0.hasPrefix("| `") }
        for topic in Recommendation.Topic.allCases {
            let own = rows.filter { $0.hasPrefix("| `\(topic.rawValue)` | it speaks when") }
            #expect(own.count == 1, "\(topic.rawValue)")
        }
    }

    @Test func theTableOfEvidenceNamesEveryPriceThatWasUsed() throws { try expect(try document().evidence()) }

    /// By hand, so that the tables rest on more than the code that makes them.
    @Test func theLargeSumsAreWhatTheyAreByHand() throws {
        let bills = try document().bills()
        let cost = { (index: Int, meter: Meter) in bills[index].lines.first { $0.meter == meter }?.cost.decimal }
        // 60,000 at 0.16 a thousand; 300 million: 10 at 0.16, 90 at 0.14, 200 at 0.11.
        #expect(cost(0, .sesRecipients) == "9.600000")
        #expect(cost(2, .sesRecipients) == "36200.000000")
        // 3.3 thousand million write units at 0.625 a million.
        #expect(cost(2, .dynamoDBWriteUnits) == "2062.500000")
        // 6,400 GB less 25 at 0.25.
        #expect(cost(2, .dynamoDBStorage) == "1593.750000")
        // 1,440 hours at 0.016.
        #expect(cost(0, .rdsT4gMicroHours) == "23.040000")
        // 909 million less one at 0.50 a million.
        #expect(cost(2, .snsRequests) == "454.000000")
    }
}
