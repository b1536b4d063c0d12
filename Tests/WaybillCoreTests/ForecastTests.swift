import Foundation
import Testing
import WaybillCore

@Suite struct ForecastTests {
    private func forecast(_ history: [DayCost], _ today: String, fixed: Money = .zero) throws -> Forecast {
        Forecaster(history: history, today: try CostFixture.day(today)).forecast(fixed: fixed)
    }

    private func steady(from first: String, days: Int, dollars: Int64 = 10) throws -> [DayCost] {
        ForecastSamples.steady(from: try CostFixture.day(first), days: days, dollars: dollars)
    }

    @Test func aSteadyTradeIsForecastToTheCent() throws {
        let history = try steady(from: "2026-08-01", days: 100)
        let forecast = try forecast(history, "2026-11-08", fixed: Money(dollars: 115))
        #expect(forecast.method == .trailingMean)
        #expect(forecast.toDate == Money(dollars: 80))
        #expect(forecast.rest == Money(dollars: 220))
        #expect(forecast.total == Money(dollars: 415))
        #expect(forecast.low == forecast.total)
        #expect(forecast.high == forecast.total)
        #expect(forecast.interval == .backTest(forecasts: 64))
        #expect(forecast.knownDays == 28)
        #expect(forecast.guessedDays == 0)
    }

    @Test func weekdaysAreForecastAsTheyAre() throws {
        let first = try CostFixture.day("2026-08-03")
        let history = (0..<90).map { index in
            let day = first.advanced(by: index)
            return DayCost(day: day, cost: Money(dollars: day.weekday == 6 ? 2 : 11))
        }
        // Two of the four days that are left are a Saturday and a Sunday.
        let known = history.through(try CostFixture.day("2026-10-28"))
        let forecast = try forecast(known, "2026-10-28")
        let rest = Double(forecast.rest.microdollars) / 1e6
        #expect((rest - 33).magnitude < 1.2, "\(rest)")
    }

    @Test func theFirstHoursAreRunRate() throws {
        let today = DayCost(day: try CostFixture.day("2026-11-05"), cost: Money(dollars: 3), hours: 6)
        let forecast = try forecast([today], "2026-11-05")
        #expect(forecast.method == .runRate)
        #expect(forecast.interval == .assumed)
        // Twelve dollars a day, from now on: the days before the first were none.
        #expect(forecast.total == Money(dollars: 12 * 26))
        #expect(forecast.low == Money(dollars: 3) + Money(microdollars: 154_500_000))
        #expect(forecast.high == Money(dollars: 3 + 618))
        #expect(!forecast.isDependable)
    }

    @Test func theFirstMonthIsRunRateUntilTwoWeeksAreKnown() throws {
        let history = try steady(from: "2026-11-01", days: 30)
        for (day, method) in [("2026-11-06", .runRate), ("2026-11-13", .runRate), ("2026-11-14", .trailingMean)]
            as [(String, Forecast.Method)]
        {
            let forecast = try forecast(history.through(try CostFixture.day(day)), day)
            #expect(forecast.method == method, "\(day)")
            #expect(forecast.total == Money(dollars: 300), "\(day)")
            #expect(forecast.isDependable == (day != "2026-11-06"))
        }
    }

    @Test func nothingKnownForecastsTheFixedPartAndSaysSo() throws {
        let forecast = try forecast([], "2026-11-05", fixed: Money(dollars: 100))
        #expect(forecast.method == .nothingKnown)
        #expect([forecast.total, forecast.low, forecast.high] == Array(repeating: Money(dollars: 100), count: 3))
        #expect(!forecast.isDependable)
        let later = try self.forecast(try steady(from: "2026-12-01", days: 3), "2026-11-05")
        #expect(later.total == .zero)
    }

    @Test func aMonthOfZeroIsForecastAsZero() throws {
        let forecast = try forecast(try steady(from: "2026-08-01", days: 100, dollars: 0), "2026-11-08")
        #expect(forecast.method == .trailingMean)
        #expect([forecast.total, forecast.low, forecast.high] == [.zero, .zero, .zero])
        let stopped = try steady(from: "2026-08-01", days: 80) + steady(from: "2026-10-20", days: 20, dollars: 0)
        let afterwards = try self.forecast(stopped, "2026-11-08")
        #expect(afterwards.method == .newLevel(since: try CostFixture.day("2026-10-20")))
        #expect(afterwards.rest == .zero)
    }

    @Test func daysThatAreNotKnownAreGuessedAndNotTakenForZero() throws {
        let gap = try ["2026-11-03", "2026-11-04", "2026-10-20"].map { try CostFixture.day($0) }
        let history = try steady(from: "2026-08-01", days: 100).filter { !gap.contains($0.day) }
        let forecast = try forecast(history, "2026-11-08")
        #expect(forecast.toDate == Money(dollars: 60))
        #expect(forecast.total == Money(dollars: 300))
        #expect(forecast.guessedDays == 2)
        let long = try steady(from: "2026-08-01", days: 60)
        let afterLongGap = try self.forecast(long, "2026-11-08")
        #expect(afterLongGap.method == .trailingMean || afterLongGap.method == .runRate)
        #expect(afterLongGap.total == Money(dollars: 300))
        #expect(afterLongGap.guessedDays == 7)
    }

    @Test func aDayOf23HoursCountsByItsHours() throws {
        let short = try CostFixture.day("2026-10-25")
        let history = try steady(from: "2026-08-01", days: 100, dollars: 24).map { day in
            day.day == short ? DayCost(day: day.day, cost: Money(dollars: 23), hours: 23) : day
        }
        #expect(try forecast(history, "2026-11-08").total == Money(dollars: 24 * 30))
        // In its own month the lost hour is guessed.
        let october = try forecast(history.through(short), "2026-10-26")
        #expect(october.toDate == Money(dollars: 24 * 24 + 23))
        #expect(october.total == Money(dollars: 24 * 31))
        #expect(october.guessedDays == 0)
    }

    @Test(arguments: [(24, 28), (23, 28), (12, 28), (11, 0)])
    func aDayTeachesWhenHalfOfItIsKnown(hours: Int, knownDays: Int) throws {
        let history = try steady(from: "2026-08-01", days: 100).map {
            DayCost(day: $0.day, cost: $0.cost, hours: hours)
        }
        let forecast = try forecast(history, "2026-11-08")
        #expect(forecast.knownDays == knownDays)
        #expect((forecast.rest.microdollars - 300_000_000 * 24 / Int64(hours) + 80_000_000).magnitude <= 1)
    }

    @Test func todayCountsWithItsKnownHoursAndTheRestIsForecast() throws {
        let today = DayCost(day: try CostFixture.day("2026-11-09"), cost: Money(dollars: 9), hours: 12)
        let forecast = try forecast(try steady(from: "2026-08-01", days: 100) + [today], "2026-11-09")
        #expect(forecast.toDate == Money(dollars: 89))
        #expect(forecast.rest == Money(dollars: 5 + 210))
    }

    @Test func whatComesAfterTodayIsNotSeen() throws {
        let history = ForecastSamples.synthetic(
            seed: 1,
            bursts: true,
            from: try CostFixture.day("2026-01-01"),
            days: 150
        )
        let today = try CostFixture.day("2026-04-12")
        let seeing = Forecaster(history: history, today: today).forecast(fixed: .zero)
        #expect(seeing == Forecaster(history: history.through(today), today: today).forecast(fixed: .zero))
    }

    @Test(arguments: [("2028-02", 290), ("2026-02", 280)] as [(String, Int64)])
    func februaryHasItsOwnLength(month: String, dollars: Int64) throws {
        let history = try steady(from: "2025-11-01", days: 1000)
        let forecast = try forecast(history.through(try CostFixture.day("\(month)-10")), "\(month)-10")
        #expect(forecast.total == Money(dollars: dollars))
        #expect(try self.forecast(history, "\(month)-28").month.days == Int(dollars / 10))
    }

    @Test func aDaysCostIsThatOfWhatIsCountedByUseInItsKnownHours() throws {
        let pricing = try CostFixture.pricing("2026-11", freeTier: .usedElsewhere)
        let first = pricing.month.first.firstHour
        let rows = [
            (0, Meter.sqsRequests, 1_000_000), (0, .kmsKeyHours, 1), (23, .sqsRequests, 500_000), (24, .kmsKeyHours, 1),
        ]
        .map { HourUsage(hour: first.advanced(by: $0.0), meter: $0.1, thousandths: $0.2 * 1000) }
        let days = DayCost.history(of: try pricing.hourly(rows))
        #expect(
            days == [
                DayCost(day: first.day, cost: Money(microdollars: 600_000), hours: 2),
                DayCost(day: first.day.advanced(by: 1), cost: .zero, hours: 1),
            ]
        )
    }

    /// A worker's clock was set years ahead, or back, for an hour.
    @Test func daysThatAreDatedFarOffDoNotCount() throws {
        let strays = try ["2126-11-23", "1970-01-01"].map {
            DayCost(day: try CostFixture.day($0), cost: Money(dollars: 1))
        }
        let forecast = try forecast(try steady(from: "2026-08-01", days: 100) + strays, "2026-11-08")
        #expect(forecast.total == Money(dollars: 300))
        #expect(forecast.interval == .backTest(forecasts: 64))
    }

    @Test func theLastDaysEndLeavesNothingToForecast() throws {
        let forecast = try forecast(try steady(from: "2026-08-01", days: 122), "2026-11-30")
        #expect(forecast.total == Money(dollars: 300))
        #expect(forecast.interval == .nothingLeft)
        #expect([forecast.low, forecast.high] == [forecast.total, forecast.total])
    }
}

/// Where the trade changes: how far the forecast may be off, and from when not any more.
@Suite struct ForecastChangeTests {
    private func error(_ history: [DayCost], _ today: String) throws -> Double {
        let today = try CostFixture.day(today)
        let actual = Double(history.total(of: today.month).microdollars)
        let forecast = Forecaster(history: history.through(today), today: today).forecast(fixed: .zero)
        return (Double(forecast.total.microdollars) - actual).magnitude / actual
    }

    private func calm(_ seed: UInt64) throws -> [DayCost] {
        ForecastSamples.synthetic(seed: seed, bursts: false, from: try CostFixture.day("2026-01-01"), days: 120)
    }

    @Test(arguments: UInt64(1)...20)
    func aTenfoldStepIsTheNewLevelAfterSixDays(seed: UInt64) throws {
        let step = try CostFixture.day("2026-04-02")
        let history = try calm(seed).times(10, from: step, through: try CostFixture.day("2026-04-30"))
        #expect(try error(history, "2026-04-06") > 0.5)
        #expect(try error(history, "2026-04-07") < 0.15)
        #expect(try error(history, "2026-04-20") < 0.10)
        let known = history.through(try CostFixture.day("2026-04-10"))
        let forecast = Forecaster(history: known, today: try CostFixture.day("2026-04-10")).forecast(fixed: .zero)
        #expect(forecast.method == .newLevel(since: step))
    }

    @Test(arguments: UInt64(1)...20)
    func aSaleDayOfEightTimesLeavesTheRestOfTheMonthAlone(seed: UInt64) throws {
        let sale = try CostFixture.day("2026-04-05")
        let history = try calm(seed).times(8, from: sale, through: sale)
        #expect(try error(history, "2026-04-07") < 0.10)
        let before = try CostFixture.day("2026-03-27")
        #expect(try error(try calm(seed).times(8, from: before, through: before), "2026-04-07") < 0.10)
    }

    /// Every fourth day is ten times as dear: that is how the trade is, and the mean must hold it.
    @Test func whatHappensOftenIsNotAnException() throws {
        let first = try CostFixture.day("2026-01-01")
        let history = (0..<120).map { index in
            DayCost(day: first.advanced(by: index), cost: Money(dollars: index % 4 == 0 ? 100 : 10))
        }
        // Five of the 23 days that are left are dear, where the mean expects nearly six.
        #expect(try error(history, "2026-04-07") < 0.10)
    }

    @Test func theIntervalIsWideWhereForecastsMissed() throws {
        let (calm, bursts) = (try width(bursts: false), try width(bursts: true))
        #expect(calm < 0.25)
        #expect(bursts > calm)
    }

    private func width(bursts: Bool) throws -> Double {
        let first = try CostFixture.day("2026-01-01")
        let today = try CostFixture.day("2026-04-10")
        let widths = (1...20).map { seed in
            let history = ForecastSamples.synthetic(seed: UInt64(seed), bursts: bursts, from: first, days: 100)
            let forecast = Forecaster(history: history, today: today).forecast(fixed: .zero)
            return Double((forecast.high - forecast.low).microdollars) / Double(forecast.total.microdollars)
        }
        return widths.reduce(0, +) / 20
    }
}
