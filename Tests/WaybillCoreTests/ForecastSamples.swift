import Foundation
import Testing
import WaybillCore

/// Daily costs to forecast: drawn from a seed, or the orders of the real sample.
enum ForecastSamples {
    /// The shape that aws-facts D3 was calculated with: weekdays that differ by a factor of 0.9 to 1.3, noise that lasts,
    /// 4.5 % more each month; with bursts, 3 % of the days cost 1.8 to 4 times as much.
    static func synthetic(seed: UInt64, bursts: Bool, from first: BillingDay, days: Int) -> [DayCost] {
        var generator = SeededGenerator(state: seed)
        let factors = (0..<7).map { _ in Double.random(in: 0.9...1.3, using: &generator) }
        var noise = 0.0
        return (0..<days).map { index in
            let day = first.advanced(by: index)
            noise = 0.5 * noise + 0.06 * normal(&generator)
            let burst = Double.random(in: 0..<1, using: &generator) < 0.03
            let height = Double.random(in: 1.8...4, using: &generator)
            let trend = pow(1.045, Double(index) / 30)
            let cost = 20_000_000 * factors[day.weekday] * trend * exp(noise) * (bursts && burst ? height : 1)
            return DayCost(day: day, cost: Money(nearestMicrodollars: cost))
        }
    }

    private static func normal(_ generator: inout SeededGenerator) -> Double {
        let radius = sqrt(-2 * log(1 - Double.random(in: 0..<1, using: &generator)))
        return radius * cos(2 * .pi * Double.random(in: 0..<1, using: &generator))
    }

    /// The orders of each day of the real sample, at 250 micro-dollars each. Its last day is 1998-06-30.
    static func realOrders() throws -> [DayCost] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "ops/data/cdnow-sample.txt"), encoding: .utf8)
        var orders: [BillingDay: Int64] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            let digits = Array(try #require(line.split(separator: " ").dropFirst(2).first))
            let date = "\(String(digits[0..<4]))-\(String(digits[4..<6]))-\(String(digits[6..<8]))"
            orders[try #require(BillingDay(date)), default: 0] += 1
        }
        let first = try #require(orders.keys.min())
        let last = try #require(orders.keys.max())
        return (first.number...last.number).map { number in
            let day = BillingDay(number: number)
            return DayCost(day: day, cost: Money(microdollars: 250 * orders[day, default: 0]))
        }
    }

    static func steady(from first: BillingDay, days: Int, dollars: Int64 = 10) -> [DayCost] {
        (0..<days).map { DayCost(day: first.advanced(by: $0), cost: Money(dollars: dollars)) }
    }
}

extension [DayCost] {
    func through(_ day: BillingDay) -> [DayCost] { filter { $0.day <= day } }

    func total(of month: BillingMonth) -> Money { filter { month.contains($0.day) }.map(\.cost).sum }

    /// The days of a stretch cost so many times as much.
    func times(_ factor: Int64, from first: BillingDay, through last: BillingDay) -> [DayCost] {
        map { day in
            guard day.day >= first, day.day <= last else { return day }
            return DayCost(day: day.day, cost: Money(microdollars: day.cost.microdollars * factor), hours: day.hours)
        }
    }
}

/// What the forecast is measured against, and nothing else uses.
enum ForecastBaselines {
    /// The month so far, at the same pace to its end.
    static func runRate(_ history: [DayCost], today: BillingDay) -> Double {
        let month = today.month
        let toDate = Double(history.through(today).total(of: month).microdollars)
        return toDate * Double(month.days) / Double(today.number - month.first.number + 1)
    }

    /// What last month cost. Nil in the first.
    static func lastMonth(_ history: [DayCost], today: BillingDay) -> Double? {
        let month = today.month.previous
        guard history.contains(where: { $0.day == month.first }) else { return nil }
        return Double(history.total(of: month).microdollars)
    }

    /// Damped additive Holt-Winters with a week's season, with the usual constants.
    static func holtWinters(_ history: [DayCost], today: BillingDay) -> Double? {
        let known = history.through(today)
        guard known.count >= 14 else { return nil }
        let values = known.map { Double($0.cost.microdollars) }
        var level = values[..<7].reduce(0, +) / 7
        var trend = (values[7..<14].reduce(0, +) / 7 - level) / 7
        var season = Array(repeating: 0.0, count: 7)
        for index in 0..<7 { season[known[index].day.weekday] = values[index] - level }
        let (alpha, beta, gamma, damping) = (0.2, 0.05, 0.1, 0.95)
        for index in 7..<values.count {
            let weekday = known[index].day.weekday
            let before = level
            level = alpha * (values[index] - season[weekday]) + (1 - alpha) * (level + damping * trend)
            trend = beta * (level - before) + (1 - beta) * damping * trend
            season[weekday] = gamma * (values[index] - level) + (1 - gamma) * season[weekday]
        }
        var total = Double(known.total(of: today.month).microdollars)
        var damped = 0.0
        for ahead in stride(from: 1, through: today.month.last.number - today.number, by: 1) {
            damped += pow(damping, Double(ahead))
            total += max(0, level + damped * trend + season[today.advanced(by: ahead).weekday])
        }
        return total
    }
}
