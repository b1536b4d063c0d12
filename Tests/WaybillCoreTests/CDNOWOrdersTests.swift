import Foundation
import Testing
import WaybillCore

@Suite struct CDNOWOrdersTests {
    private let now = Timestamp(seconds: 1_800_000_000)

    private func lines() throws -> [Substring] {
        let file = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "ops/data/cdnow-sample.txt")
        return try String(contentsOf: file, encoding: .utf8).split(whereSeparator: \.isNewline)
    }

    @Test func everyLineOfTheSampleIsAValidOrder() throws {
        let orders = CDNOWOrders()
        var zeroTotals = 0
        for (index, line) in try lines().enumerated() {
            let json = try #require(orders.order(line: line, number: index + 1, placedAt: now), "line \(index + 1)")
            let order = try OrderReader.read(json).get()
            #expect(order.id.text == "cdnow-\(index + 1)")
            if order.total.minorUnits == 0 { zeroTotals += 1 }
        }
        #expect(zeroTotals > 0, "the sample has purchases of nothing, which are valid")
    }

    @Test func aTotalThatDoesNotDivideBecomesTwoLines() throws {
        let json = try #require(
            CDNOWOrders().order(line: "00004 0001 19970101  2   29.33", number: 1, placedAt: now)
        )
        let order = try OrderReader.read(json).get()
        #expect(order.lines.map(\.quantity) == [1, 1])
        #expect(order.lines.map(\.unitPrice.minorUnits) == [1466, 1467])
        #expect(order.total.minorUnits == 2933)
        #expect(order.reference == "purchased 1997-01-01")
    }

    @Test func addressesAreOneACustomerUnlessTheOrderBouncesOrComplains() throws {
        let orders = CDNOWOrders(bouncesPerThousand: 100, complaintsPerThousand: 50, prefix: "run1-")
        var kinds: [String: Int] = [:]
        var others: Set<String> = []
        let lines = try lines()
        for (index, line) in lines.enumerated() {
            let json = try #require(orders.order(line: line, number: index + 1, placedAt: now))
            let email = try #require(json["customer"]?["email"]?.text)
            let kind = String(email.prefix { $0 != "+" })
            kinds[kind, default: 0] += 1
            if kind != "success" { #expect(others.insert(email).inserted, "\(email) is of one order") }
        }
        #expect((600...780).contains(kinds["bounce"] ?? 0))
        #expect((280...420).contains(kinds["complaint"] ?? 0))
    }

    @Test func aLineOfAnotherShapeIsNone() {
        for line in ["", "a b c d e", "00004 0001 19970101 2", "00004 0001 19970101 0 1.00", "1 1 19970101 2 1.0"] {
            #expect(CDNOWOrders().order(line: line, number: 1, placedAt: now) == nil, "\(line)")
        }
    }
}
