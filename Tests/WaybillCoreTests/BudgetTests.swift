import Testing
import WaybillCore

@Suite struct BudgetTests {
    private let month: BillingMonth

    init() throws {
        month = try #require(BillingMonth("2026-11"))
    }

    private func machine(budget: Int64? = 100, raised: Set<BudgetThreshold> = []) -> BudgetMachine {
        BudgetMachine(month: month, budget: budget.map { Money(dollars: $0) }, raised: raised)
    }

    private func forecast(dollarsADay: Int64, days: Int = 60) throws -> Forecast {
        let today = try CostFixture.day("2026-11-10")
        let history = ForecastSamples.steady(from: today.advanced(by: 1 - days), days: days, dollars: dollarsADay)
        return Forecaster(history: history, today: today).forecast(fixed: .zero)
    }

    @Test func eachThresholdIsToldOnceWhenItIsReached() {
        var machine = machine()
        let told = [0, 49, 50, 51, 79, 80, 99, 100, 150].map { dollars in
            machine.counted(spent: Money(dollars: dollars), forecast: nil).map(\.threshold)
        }
        #expect(told == [[], [], [.actual50], [], [], [.actual80], [], [.actual100], []])
    }

    @Test func aMicrodollarUnderAThresholdIsNotAtIt() {
        var machine = machine()
        #expect(machine.counted(spent: Money(microdollars: 49_999_999), forecast: nil) == [])
        let alert = BudgetAlert(
            month: month,
            threshold: .actual50,
            amount: Money(dollars: 50),
            limit: Money(dollars: 100)
        )
        #expect(machine.counted(spent: Money(dollars: 50), forecast: nil) == [alert])
    }

    @Test func oneStepOverSeveralThresholdsTellsThemAll() {
        var machine = machine()
        #expect(
            machine.counted(spent: Money(dollars: 120), forecast: nil).map(\.threshold) == [
                .actual50, .actual80, .actual100,
            ]
        )
    }

    @Test func whatAnotherLeaderToldIsNotToldAgain() throws {
        var machine = machine(raised: [.actual50, .forecast100])
        let forecast = try forecast(dollarsADay: 20)
        #expect(machine.counted(spent: Money(dollars: 85), forecast: forecast).map(\.threshold) == [.actual80])
        #expect(machine.raised == [.actual50, .actual80, .forecast100])
    }

    @Test func aForecastOverTheBudgetIsToldOnceEvenIfItFallsAndRisesAgain() throws {
        var machine = machine(budget: 300)
        let told = try [10, 11, 9, 11].map { dollars in
            machine.counted(spent: .zero, forecast: try forecast(dollarsADay: dollars)).map(\.threshold)
        }
        #expect(told == [[], [.forecast100], [], []])
    }

    @Test func aForecastThatIsNotDependableOrOfAnotherMonthSaysNothing() throws {
        var machine = machine(budget: 1)
        #expect(machine.counted(spent: .zero, forecast: try forecast(dollarsADay: 20, days: 6)) == [])
        var december = BudgetMachine(month: month.next, budget: Money(dollars: 1), raised: [])
        #expect(december.counted(spent: .zero, forecast: try forecast(dollarsADay: 20)) == [])
        #expect(
            machine.counted(spent: .zero, forecast: try forecast(dollarsADay: 20)).map(\.threshold) == [.forecast100]
        )
    }

    @Test(arguments: [nil, 0, -5] as [Int64?])
    func withoutABudgetNothingIsTold(budget: Int64?) throws {
        var machine = machine(budget: budget)
        #expect(machine.counted(spent: Money(dollars: 1000), forecast: try forecast(dollarsADay: 20)) == [])
        #expect(machine.usedPercent(spent: Money(dollars: 1000)) == nil)
    }

    @Test func theUsedPartIsInPercent() {
        #expect(machine().usedPercent(spent: Money(dollars: 25)) == 25)
    }
}

@Suite struct HourBaselineTests {
    private let hour: BillingHour
    private let month: BillingMonth

    init() throws {
        let day = try CostFixture.day("2026-11-11")
        hour = day.firstHour.advanced(by: 9)
        month = day.month
    }

    private func baselineOf(_ dollars: [Int64]) -> HourBaseline? {
        let costs = dollars.enumerated().map { (hour.advanced(by: -168 * ($0.offset + 1)), Money(dollars: $0.element)) }
        return HourBaseline(of: hour, costs: Dictionary(uniqueKeysWithValues: costs))
    }

    @Test func anHourMayCostThreeTimesItsUsual() throws {
        let baseline = try #require(baselineOf([2, 2, 2, 2]))
        #expect(baseline.usual == Money(dollars: 2))
        #expect(baseline.limit == Money(dollars: 6))
        #expect(baseline.severeLimit == Money(dollars: 14))
        #expect(baseline.weeks == 4)
    }

    @Test func cheapHoursMayRiseByADollarAndUnevenOnesByTheirSpread() throws {
        #expect(baselineOf([0, 0, 0])?.limit == Money(dollars: 1))
        #expect(baselineOf([2, 10, 12, 8, 18, 1])?.limit == Money(dollars: 9 + 6 * 5))
    }

    @Test func oneSaleDayDoesNotMoveTheUsual() {
        #expect(baselineOf([2, 2, 200, 2, 2])?.limit == Money(dollars: 6))
    }

    @Test func underThreeWeeksThereIsNoBaseline() throws {
        #expect(baselineOf([2, 2]) == nil)
        let otherHours = Dictionary(uniqueKeysWithValues: (1...167).map { (hour.advanced(by: -$0), Money(dollars: 1)) })
        #expect(HourBaseline(of: hour, costs: otherHours) == nil)
        let older = Dictionary(uniqueKeysWithValues: (9...20).map { (hour.advanced(by: -168 * $0), Money(dollars: 1)) })
        #expect(HourBaseline(of: hour, costs: older) == nil)
    }

    @Test func anAnomalyIsToldOnceAMonthAndASevereOneAfterIt() throws {
        var machine = BudgetMachine(month: month, budget: nil, raised: [])
        let baseline = try #require(baselineOf([2, 2, 2, 2]))
        let told = [6, 7, 8, 14, 15, 100].map { dollars in
            machine.counted(hour: hour, cost: Money(dollars: dollars), baseline: baseline).map(\.threshold)
        }
        #expect(told == [[], [.anomaly], [], [], [.severeAnomaly], []])
        var fresh = BudgetMachine(month: month, budget: nil, raised: [])
        let alerts = fresh.counted(hour: hour, cost: Money(dollars: 15), baseline: baseline)
        #expect(alerts.map(\.threshold) == [.anomaly, .severeAnomaly])
        #expect(alerts.map(\.limit) == [Money(dollars: 6), Money(dollars: 14)])
        #expect(alerts.allSatisfy { $0.hour == hour && $0.amount == Money(dollars: 15) })
    }

    @Test func anHourOfAnotherMonthOrWithoutABaselineSaysNothing() throws {
        var machine = BudgetMachine(month: month.next, budget: nil, raised: [])
        #expect(machine.counted(hour: hour, cost: Money(dollars: 99), baseline: baselineOf([1, 1, 1])) == [])
        var own = BudgetMachine(month: month, budget: nil, raised: [])
        #expect(own.counted(hour: hour, cost: Money(dollars: 99), baseline: nil) == [])
    }
}
