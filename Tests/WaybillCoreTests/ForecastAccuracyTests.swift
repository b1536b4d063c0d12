import Foundation
import Testing
import WaybillCore

/// What the forecast is worth, measured: the promise on drawn series, and a table of the real orders.
@Suite struct ForecastAccuracyTests {

    /// Errors at a day of a month, over many drawn series with 90 days before it, and whether each month ended within its
    /// interval.
    private func measure(bursts: Bool, day: Int, runs: Int = 150) throws -> (errors: [Double], covered: Double) {
        var errors: [Double] = []
        var covered = 0
        for seed in 1...runs {
            let month = try #require(BillingMonth(year: 2026, month: 1 + seed % 12))
            let first = month.first.advanced(by: -90)
            let history = ForecastSamples.synthetic(
                seed: UInt64(seed),
                bursts: bursts,
                from: first,
                days: 90 + month.days
            )
            let today = month.first.advanced(by: day - 1)
            let forecast = Forecaster(history: history.through(today), today: today).forecast(fixed: .zero)
            let actual = history.total(of: month)
            errors.append(part(Double(forecast.total.microdollars), of: actual))
            if actual >= forecast.low, actual <= forecast.high { covered += 1 }
        }
        return (errors, Double(covered) / Double(runs))
    }

    private func part(_ value: Double, of actual: Money) -> Double {
        (value - Double(actual.microdollars)).magnitude / Double(actual.microdollars)
    }

    private func mean(_ errors: [Double]) -> Double { errors.reduce(0, +) / Double(max(errors.count, 1)) }

    /// Percents: the forecast's, and the other methods'.
    private func cell(_ parts: [Double?]) -> String {
        let texts = parts.map { $0.map { String(format: "%.1f", 100 * $0) } ?? "-" }
        return "**\(texts[0])** / \(texts.dropFirst().joined(separator: " / "))"
    }

    private func documented(_ table: [String]) throws -> Bool {
        var root = URL(filePath: #filePath)
        for _ in 0..<3 { root.deleteLastPathComponent() }
        let text = try String(contentsOf: root.appending(path: "docs/cost.md"), encoding: .utf8)
        return text.contains(table.joined(separator: "\n"))
    }

    private func percent(_ value: Double) -> String { String(format: "%.1f %%", 100 * value) }

    @Test(arguments: [7, 15, 22])
    func aCalmTradeIsWithinATenthInNinetyFiveOfAHundredRuns(day: Int) throws {
        let (errors, covered) = try measure(bursts: false, day: day)
        let within = Double(errors.count { $0 <= 0.1 }) / Double(errors.count)
        print(
            "calm, day \(day): mean error \(percent(mean(errors))), within a tenth \(percent(within)), in the interval \(percent(covered))"
        )
        #expect(within >= 0.95)
        #expect(covered >= 0.6)
    }

    @Test(arguments: [7, 15, 22])
    func aBurstyTradeIsWithinATenthInSeventyFiveOfAHundredRuns(day: Int) throws {
        let (errors, covered) = try measure(bursts: true, day: day)
        let within = Double(errors.count { $0 <= 0.1 }) / Double(errors.count)
        print(
            "bursty, day \(day): mean error \(percent(mean(errors))), within a tenth \(percent(within)), in the interval \(percent(covered))"
        )
        #expect(within >= 0.75)
        #expect(covered >= 0.6)
    }

    /// The public CDNOW sample: some twelve orders a day, whose first three months are those of its customers' first
    /// purchases; after them the trade falls to a third within a day.
    @Test func theRealOrdersAreForecastNoWorseThanByTheUsualMethods() throws {
        let history = try ForecastSamples.realOrders()
        var month = try #require(history.first).day.month
        var errors: [String: [Double]] = [:]
        var table = ["| month | orders | day 7 | day 15 | day 22 |", "|---|---|---|---|---|"]
        while month.last <= (try #require(history.last).day) {
            let actual = history.total(of: month)
            var cells: [String] = []
            for day in BackTest.days {
                let today = month.first.advanced(by: day - 1)
                let own = Forecaster(history: history.through(today), today: today).forecast(fixed: .zero)
                let forecasts =
                    [
                        ("forecast", Double(own.total.microdollars)),
                        ("run-rate", ForecastBaselines.runRate(history, today: today)),
                        ("last month", ForecastBaselines.lastMonth(history, today: today)),
                        ("Holt-Winters", ForecastBaselines.holtWinters(history, today: today)),
                    ] as [(String, Double?)]
                let parts = forecasts.map { ($0.0, $0.1.map { part($0, of: actual) }) }
                // The first two weeks have no other forecast to be compared with.
                if month != history.first?.day.month {
                    for (method, error) in parts { errors["\(method) \(day)", default: []].append(error ?? 0) }
                }
                cells.append(cell(parts.map(\.1)))
            }
            table.append("| \(month) | \(actual.microdollars / 250) | \(cells.joined(separator: " | ")) |")
            month = month.next
        }
        let methods = ["forecast", "run-rate", "last month", "Holt-Winters"]
        let means = BackTest.days.map { day in cell(methods.map { mean(errors["\($0) \(day)"] ?? []) }) }
        table.append("| mean without the first | | \(means.joined(separator: " | ")) |")
        #expect(try documented(table), "docs/cost.md must have:\n\(table.joined(separator: "\n"))\n")
        for day in BackTest.days {
            let own = mean(errors["forecast \(day)"] ?? [])
            let others = ["run-rate", "last month", "Holt-Winters"].map { mean(errors["\($0) \(day)"] ?? []) }
            #expect(errors["forecast \(day)"]?.count == 17)
            // A month of this sample is 300 orders: chance alone moves it by 6 %. Within a point is no worse.
            #expect(others.allSatisfy { own <= $0 + 0.01 }, "day \(day)")
        }
        #expect(mean(errors["forecast 7"] ?? []) < 0.15)
    }

    @Test func theBackTestSaysWhatTheForecastsOfPastMonthsMissedBy() throws {
        let history = try ForecastSamples.realOrders()
        let test = BackTest(history: history, today: try CostFixture.day("1998-07-01"))
        #expect(test.results.count == 36)
        #expect(test.results.first?.month.description == "1997-07")
        for result in test.results {
            let today = result.month.first.advanced(by: result.day - 1)
            let forecast = Forecaster(history: history.through(today), today: today).forecast(fixed: .zero)
            let error = part(Double(forecast.total.microdollars), of: history.total(of: result.month))
            #expect((result.error - error).magnitude < 1e-4, "\(result)")
        }
        let published = try #require(test.meanAbsolutePercentError)
        #expect((published - 100 * mean(test.results.map(\.error))).magnitude < 1e-9)
        print("ForecastMAPE of the real orders in their last year: \(published)")
    }

    @Test func aMonthThatIsNotKnownOrCostNothingIsNotTestedOn() throws {
        let first = try CostFixture.day("2026-06-01")
        let history = ForecastSamples.steady(from: first, days: 150)
        let today = try CostFixture.day("2026-10-20")
        let months = { (history: [DayCost]) in
            Set(BackTest(history: history, today: today).results.map(\.month.description)).sorted()
        }
        #expect(months(history) == ["2026-06", "2026-07", "2026-08", "2026-09"])
        let gap = try CostFixture.day("2026-07-15")
        #expect(months(history.filter { $0.day != gap }) == ["2026-06", "2026-08", "2026-09"])
        let august = try #require(BillingMonth("2026-08"))
        #expect(
            months(history.times(0, from: august.first, through: august.last)) == ["2026-06", "2026-07", "2026-09"]
        )
        #expect(BackTest(history: history, today: first).meanAbsolutePercentError == nil)
        #expect(BackTest(history: history, today: today).meanAbsolutePercentError == 0)
    }
}
