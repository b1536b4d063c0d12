import Foundation
import Testing
import WaybillCore

/// The hours' costs against the month's, and both against Foundation's decimals, over random use of the shipped book.
@Suite struct HourlyCostTests {
    private func randomRows(_ month: BillingMonth, seed: UInt64) -> [HourUsage] {
        var generator = SeededGenerator(state: seed)
        let meters = Meter.allCases.filter { $0 != .sesAttachmentBytes }.shuffled(using: &generator).prefix(8)
        return (0..<400).map { _ in
            let hour = month.first.firstHour.advanced(by: Int.random(in: 0..<month.hours, using: &generator))
            let meter = meters.randomElement(using: &generator) ?? .sqsRequests
            let digits = Int.random(in: 0...8, using: &generator)
            let largest = (0..<digits).reduce(Int64(1)) { product, _ in product * 10 }
            return HourUsage(hour: hour, meter: meter, thousandths: Int64.random(in: 0...largest, using: &generator))
        }
    }

    @Test(arguments: ["2026-02", "2028-02", "2026-11", "2026-12"])
    func theHoursOfAMonthAddUpToTheMonthExactly(month: String) throws {
        let pricing = try CostFixture.pricing(month)
        for seed in UInt64(1)...50 {
            let rows = randomRows(pricing.month, seed: seed)
            let hours = try pricing.hourly(rows)
            let usage = Dictionary(rows.map { ($0.meter, $0.thousandths) }, uniquingKeysWith: +)
            let bill = try pricing.bill(usage)
            #expect(hours.map(\.cost).sum == bill.total, "seed \(seed)")
            for line in bill.lines {
                let own = hours.filter { $0.meter == line.meter }
                #expect(own.map(\.cost).sum == line.cost, "seed \(seed), \(line.meter.rawValue)")
                #expect(own.map(\.thousandths).reduce(0, +) == line.thousandths)
            }
            #expect(hours.allSatisfy { $0.cost >= .zero })
            #expect(hours.map(\.hour) == hours.map(\.hour).sorted())
        }
    }

    @Test(arguments: ["2026-02", "2026-11"])
    func aMonthCostsWhatDecimalsSay(month: String) throws {
        let pricing = try CostFixture.pricing(month)
        for seed in UInt64(1)...50 {
            let usage = Dictionary(
                randomRows(pricing.month, seed: seed).map { ($0.meter, $0.thousandths) },
                uniquingKeysWith: +
            )
            for line in try pricing.bill(usage).lines {
                let rate = try pricing.book.rate(line.meter, plan: pricing.plan)
                let expected = try decimalCost(rate, of: line.thousandths, hours: pricing.month.hours)
                #expect(line.cost.microdollars == expected, "seed \(seed), \(line.meter.rawValue) \(line.thousandths)")
            }
        }
    }

    /// Unit by unit price: each stretch between two borders has one price, nothing below the free border.
    private func decimalCost(_ rate: Rate, of thousandths: Int64, hours: Int) throws -> Int64 {
        var perUnit = Decimal(1)
        var used = Decimal(thousandths) / 1000
        switch rate.basis {
        case .units(let count): perUnit = Decimal(count)
        case .month: used = used / Decimal(hours)
        }
        var borders = rate.tiers.compactMap(\.upTo).map { Decimal($0) } + [Decimal(rate.free), used]
        borders = borders.filter { $0 <= used && $0 > 0 }.sorted()
        var total = Decimal(0)
        var start = Decimal(0)
        for border in borders {
            if start >= Decimal(rate.free) {
                let tier = try #require(rate.tiers.first { $0.upTo.map { Decimal($0) > start } ?? true })
                total += (border - start) * (try #require(Decimal(string: tier.price.dollars))) / perUnit
            }
            start = border
        }
        // Decimals end after 38 digits: what they cannot hold must not decide a half.
        let half = try #require(Decimal(string: "0.500000000001"))
        return try #require("\(total * 1_000_000 + half)".split(separator: ".").first.flatMap { Int64($0) })
    }

    @Test func lateUseOfAnEarlierHourIsPricedWhereItBelongs() throws {
        let pricing = try CostFixture.pricing("2026-11")
        let first = pricing.month.first.firstHour
        let rows = [(3, 600_000), (1, 600_000), (1, 100_000), (2, 0)].map { hour, requests in
            HourUsage(hour: first.advanced(by: hour), meter: .sqsRequests, thousandths: Int64(requests) * 1000)
        }
        let hours = try pricing.hourly(rows)
        #expect(hours.map(\.hour.number) == [1, 2, 3].map { first.number + $0 })
        #expect(hours.map(\.thousandths) == [700_000_000, 0, 600_000_000])
        // A million is free: 300,000 of the third hour are not.
        #expect(hours.map(\.cost.microdollars) == [0, 0, 120_000])
    }

    @Test func aRunningBillAddsNothingThatItCannotPrice() throws {
        var bill = RunningBill(pricing: try CostFixture.pricing("2026-11", freeTier: .usedElsewhere))
        #expect(try bill.add(1_000_000_000, .sqsRequests) == Money(microdollars: 400_000))
        #expect(throws: PriceError.self) { try bill.add(-1, .sqsRequests) }
        #expect(throws: PriceError.self) { try bill.add(.max, .sqsRequests) }
        #expect(throws: PriceError.self) { try bill.add(1, .sesAttachmentBytes) }
        #expect(bill.usage == [.sqsRequests: 1_000_000_000])
        #expect(bill.total == Money(microdollars: 400_000))
    }
}
