import Foundation
import Testing
import WaybillCore

@Suite struct CDNOWOrdersTests {
    private let placedAt = Timestamp(seconds: 1_795_467_845)

    @Test func aLineBecomesAnOrderWithItsDateAsReference() throws {
        let json = try #require(
            CDNOWOrders(bouncesPerThousand: 0).order(
                line: " 00004 0001 19970801  2   29.34",
                number: 7,
                placedAt: placedAt
            )
        )
        let order = try OrderReader.read(json).get()
        #expect(order.id.text == "cdnow-7")
        #expect(
            order.customer == Order.Customer(email: "success+00004@simulator.amazonses.com", name: "Customer 00004")
        )
        #expect(order.currency.code == "USD")
        #expect(
            order.lines == [Order.Line(name: "Compact disc", quantity: 2, unitPrice: Amount(minorUnits: 1467))]
        )
        #expect(order.total == Amount(minorUnits: 2934))
        #expect(order.placedAt == placedAt)
        #expect(order.reference == "purchased 1997-08-01")
    }

    @Test(arguments: [
        ("2   29.33", [1466, 1467], [1, 1]), ("3   10.00", [333, 334], [2, 1]), ("7    0.05", [0, 1], [2, 5]),
    ])
    func aTotalThatDoesNotDivideBecomesTwoLines(_ purchase: String, prices: [Int64], quantities: [Int64]) throws {
        let json = try #require(CDNOWOrders().order(line: "1 1 19970101 \(purchase)", number: 1, placedAt: placedAt))
        let order = try OrderReader.read(json).get()
        #expect(order.lines.map(\.unitPrice.minorUnits) == prices)
        #expect(order.lines.map(\.quantity) == quantities)
    }

    @Test func everyLineOfTheRealFileIsAValidOrderAndNothingIsLost() throws {
        let orders = try realOrders(CDNOWOrders(bouncesPerThousand: 0, complaintsPerThousand: 0))
        #expect(orders.count == 6919)
        #expect(orders.last?.id.text == "cdnow-6919")
        #expect(Set(orders.map(\.id)).count == orders.count)
        // Counted with awk over the file.
        #expect(Order.sum(of: orders.flatMap(\.lines))?.minorUnits == 24_409_194)
        #expect(orders.flatMap(\.lines).map(\.quantity).reduce(0, +) == 16_479)
        #expect(Set(orders.map(\.customer.email)).count == 2357)
        #expect(orders.filter { $0.total.minorUnits == 0 }.count == 8)
        #expect(orders.contains { $0.lines.count == 2 })
    }

    @Test func aShareOfTheOrdersBouncesOrComplainsAtAddressesOfTheirOwn() throws {
        let settings = CDNOWOrders(bouncesPerThousand: 20, complaintsPerThousand: 5, prefix: "run-7-")
        let orders = try realOrders(settings)
        let bounces = orders.filter { $0.customer.email.hasPrefix("bounce+") }
        let complaints = orders.filter { $0.customer.email.hasPrefix("complaint+") }
        #expect(orders.prefix(1000).filter { bounces.contains($0) }.count == 20)
        #expect(orders.prefix(1000).filter { complaints.contains($0) }.count == 5)
        #expect((136...140).contains(bounces.count))
        for order in bounces { #expect(order.customer.email == "bounce+\(order.id)@simulator.amazonses.com") }
        for order in complaints { #expect(order.customer.email == "complaint+\(order.id)@simulator.amazonses.com") }
        #expect(orders.allSatisfy { $0.id.text.hasPrefix("run-7-cdnow-") })
    }

    @Test(arguments: [50, 100, 200, 500])
    func fewOrdersHaveTheirShareToo(count: Int) throws {
        let settings = CDNOWOrders(bouncesPerThousand: 20)
        let bounces = try (1...count).filter { number in
            let json = try #require(settings.order(line: "1 1 19970101 1 9.99", number: number, placedAt: placedAt))
            return json["customer"]?["email"]?.text?.hasPrefix("bounce+") == true
        }
        #expect(abs(bounces.count - count * 20 / 1000) <= 1)
    }

    @Test func theSameLineBecomesTheSameOrder() {
        let settings = CDNOWOrders(bouncesPerThousand: 500)
        for number in 1...50 {
            let first = settings.order(line: "1 1 19970101 1 9.99", number: number, placedAt: placedAt)
            #expect(settings.order(line: "1 1 19970101 1 9.99", number: number, placedAt: placedAt) == first)
        }
    }

    @Test func theLongestPrefixStillGivesAnAddress() throws {
        let prefix = String(repeating: "x", count: 32)
        let settings = CDNOWOrders(bouncesPerThousand: 0, complaintsPerThousand: 1000, prefix: prefix)
        let json = settings.order(line: "1 1 19970101 1 9.99", number: 9_999_999_999, placedAt: placedAt)
        #expect(try OrderReader.read(#require(json)).get().customer.email.hasPrefix("complaint+") == true)
    }

    @Test(arguments: [
        "", "00004 0001 19970101 2", "00004 0001 19970101 2 29.33 x", "x 0001 19970101 2 29.33", "1 1 19970231 2 29.33",
        "1 1 1997011 2 29.33", "1 1 19970101 0 29.33", "1 1 19970101 -1 29.33", "1 1 19970101 2 29.333",
        "1 1 19970101 2 -1",
        "1 1 19970101 2 29,33", "1\r\nBcc:x 1 19970101 2 29.33",
    ])
    func aLineThatIsNoPurchaseIsNone(_ line: String) {
        #expect(CDNOWOrders().order(line: line, number: 12, placedAt: placedAt) == nil)
    }

    private func realOrders(_ settings: CDNOWOrders) throws -> [Order] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "ops/data/cdnow-sample.txt"), encoding: .utf8)
        return try text.split(whereSeparator: \.isNewline).enumerated().map { index, line in
            let json = settings.order(line: line, number: index + 1, placedAt: placedAt)
            return try OrderReader.read(#require(json, "line \(index + 1)")).get()
        }
    }
}
