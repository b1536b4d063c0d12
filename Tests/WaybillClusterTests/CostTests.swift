import Synchronization
import Testing
import WaybillCluster
import WaybillCore
import WaybillPorts
import WaybillSimulation

/// The leader's minute: schedule, prices, forecast, alerts.
@Suite(.serialized) struct CostTests {
    @Test func theMonthIsPricedAndWhatRunsByTheHourIsAddedOnceAnHourWhoeverLeads() throws {
        let world = TestWorld(seed: 1, startingAt: Self.start)
        let costs = TestCosts(world, schedule: [.kmsKeyHours: 2000])
        try world.run(limit: .seconds(20_000)) {
            for _ in 0..<2 {
                await withDiscardingTaskGroup { group in
                    let worker = TestWorker(world, costs: costs.ports)
                    group.addTask { await worker.run() }
                    #expect(
                        await world.eventually {
                            costs.status.map { $0.at > world.loop.wallNow() - .seconds(90) } ?? false
                        }
                    )
                    _ = await world.eventually(within: .seconds(3700)) { false }
                    worker.shutDown()
                }
            }
        }
        let hours = Self.hour..<Self.hour.advanced(by: 5)
        let keys = try costs.store.usage(hours).filter { $0.meter == Meter.kmsKeyHours.rawValue }
        #expect(
            keys.map(\.hour.number) == [Self.hour, Self.hour.advanced(by: 1), Self.hour.advanced(by: 2)].map(\.number)
        )
        #expect(keys.allSatisfy { $0.thousandths == 2000 })
        let status = try #require(costs.status)
        #expect(status.trouble == nil)
        #expect(status.toDate == (try costs.store.costs(hours).map(\.cost).sum))
        // Two keys, for three of the 720 hours of November: 2 x $1 x 3 / 720.
        #expect(status.fixed == Money(microdollars: 8333))
        #expect(status.plan == .essentials)
    }

    @Test func thePlanIsTheAccountsAndWhatWasReckonedIsShownToTelemetry() throws {
        let world = TestWorld(seed: 5, startingAt: Self.start)
        let costs = TestCosts(world, budget: Money(dollars: 1))
        var account = NotedQuota.account
        account.plan = .aLaCarte
        let quota = InMemoryQuotaSource(account)
        let ports = {
            var ports = costs.ports
            ports.settings.plan = nil
            return ports
        }()
        let gauges = ports.gauges
        costs.use(2000, flush: 1)
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world, quota: quota, costs: ports)
                group.addTask { await worker.run() }
                #expect(await world.eventually { costs.status?.plan == .aLaCarte })
                // An answer without a plan takes back nothing.
                quota.set(.success(NotedQuota.account))
                _ = await world.eventually(within: .seconds(300)) { false }
                #expect(costs.trouble == nil)
                worker.shutDown()
            }
        }
        let status = try #require(costs.status)
        #expect(status.plan == .aLaCarte)
        let shown = gauges.take()
        // $0.10 for a thousand, of one dollar.
        #expect(shown[.toDate] == 0.2)
        #expect(shown[.perThousand] == 0.1)
        #expect(shown[.budgetUsed] == 20)
        #expect(shown[.forecast] == Double(status.forecast.microdollars) / 1_000_000)
        #expect(shown[.forecastError] == nil, "there is no past month")
    }

    /// Past months are in the table of costs; what forecasts of them would have missed by is shown to telemetry.
    @Test func theErrorOfPastForecastsIsPublished() throws {
        let world = TestWorld(seed: 11, startingAt: Self.start)
        let costs = TestCosts(world)
        let first = Self.hour.day.month.previous.previous.first
        var history: [DayCost] = []
        for number in first.number..<Self.hour.day.number {
            let day = BillingDay(number: number)
            // A dollar an hour, and from the middle of October two.
            let cost = Money(dollars: number < first.number + 45 ? 1 : 2)
            for hour in 0..<24 { costs.wrote(cost, at: day.firstHour.advanced(by: hour)) }
            history.append(DayCost(day: day, cost: Money(microdollars: cost.microdollars * 24)))
        }
        let gauges = costs.ports.gauges
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world, costs: costs.ports)
                group.addTask { await worker.run() }
                #expect(await world.eventually { costs.status != nil })
                worker.shutDown()
            }
        }
        let expected = try #require(BackTest(history: history, today: Self.hour.day).meanAbsolutePercentError)
        #expect(expected > 1)
        let published = try #require(gauges.take()[.forecastError])
        #expect((published - expected).magnitude < 0.01)
    }

    @Test func hoursWithoutALeaderAreCaughtUp() throws {
        let world = TestWorld(seed: 2, startingAt: Self.start)
        let costs = TestCosts(world, schedule: [.kmsKeyHours: 1000])
        #expect(try costs.store.add([], facts: [], source: "schedule", flush: Int64(Self.hour.number - 5)))
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world, costs: costs.ports)
                group.addTask { await worker.run() }
                #expect(await world.eventually { costs.status != nil })
                worker.shutDown()
            }
        }
        let usage = try costs.store.usage(Self.hour.advanced(by: -9)..<Self.hour.advanced(by: 9))
        #expect(usage.map(\.hour.number) == Array(Self.hour.number - 4...Self.hour.number))
    }

    @Test func anAlertIsToldOnceAlsoByTheNextLeader() throws {
        let world = TestWorld(seed: 3, startingAt: Self.start)
        let costs = TestCosts(world, budget: Money(microdollars: 100_000))
        try world.run {
            // At $0.16 for 1,000: 53, 94, 110 % of ten cents, and nothing more.
            for (number, emails) in [330, 260, 100, 0].enumerated() {
                await withDiscardingTaskGroup { group in
                    let worker = TestWorker(world, costs: costs.ports)
                    group.addTask { await worker.run() }
                    costs.use(Int64(emails), flush: Int64(number))
                    _ = await world.eventually(within: .seconds(300)) { false }
                    worker.shutDown()
                }
            }
            #expect(costs.topic.thresholds == ["actual-50", "actual-80", "actual-100"])
        }
    }

    @Test func anAlertThatSNSDidNotTakeComesAgain() throws {
        let world = TestWorld(seed: 4, startingAt: Self.start)
        let costs = TestCosts(world, budget: Money(microdollars: 1000))
        costs.topic.refuses.isOn = true
        try world.run {
            costs.use(4, flush: 1)
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world, costs: costs.ports)
                group.addTask { await worker.run() }
                #expect(await world.eventually(within: .seconds(200)) { costs.topic.tries >= 2 })
                #expect(costs.topic.thresholds.isEmpty)
                costs.topic.refuses.isOn = false
                #expect(await world.eventually(within: .seconds(200)) { !costs.topic.thresholds.isEmpty })
                worker.shutDown()
            }
            #expect(costs.topic.thresholds == ["actual-50"])
        }
    }

    /// SNS took it and the leader is killed before it can write so down: told again by the next, recognisably, and by nobody after.
    @Test func anAlertWhoseTellerWasKilledIsToldAgainByTheNextLeaderWithTheSameID() throws {
        let world = TestWorld(seed: 10, startingAt: Self.start)
        let costs = TestCosts(world, budget: Money(microdollars: 1000))
        costs.topic.losesAnswers.isOn = true
        try world.run {
            costs.use(4, flush: 1)
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world, costs: costs.ports)
                group.addTask { await worker.run() }
                #expect(await world.eventually(within: .seconds(200)) { !costs.topic.ids.isEmpty })
                group.cancelAll()
            }
            #expect(costs.topic.ids == ["2026-11/actual-50"])
            costs.topic.losesAnswers.isOn = false
            for _ in 0..<2 {
                await withDiscardingTaskGroup { group in
                    let worker = TestWorker(world, costs: costs.ports)
                    group.addTask { await worker.run() }
                    _ = await world.eventually(within: .seconds(300)) { false }
                    worker.shutDown()
                }
            }
            #expect(costs.topic.ids == ["2026-11/actual-50", "2026-11/actual-50"])
        }
    }

    @Test func anHourThatCostsFarMoreThanItsHourOfTheWeekIsSaid() throws {
        let world = TestWorld(seed: 6, startingAt: Self.start)
        let costs = TestCosts(world)
        for week in 1...4 { costs.wrote(Money(dollars: 2), at: Self.hour.advanced(by: -168 * week)) }
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world, costs: costs.ports)
                group.addTask { await worker.run() }
                // 30,000 emails are $4.80: more than twice and less than three times as dear as usual.
                costs.use(30_000, flush: 1)
                _ = await world.eventually(within: .seconds(200)) { false }
                #expect(costs.topic.thresholds.isEmpty)
                costs.use(20_000, flush: 2)
                #expect(await world.eventually(within: .seconds(200)) { costs.topic.thresholds == ["anomaly"] })
                worker.shutDown()
            }
        }
    }

    @Test func aCostStoreThatFailsDoesNotEndTheTerm() throws {
        let world = TestWorld(seed: 7, startingAt: Self.start)
        let costs = TestCosts(world, schedule: [.kmsKeyHours: 1000])
        // The last hour of October: the month before is owed until it could be read.
        let late = UsageRow(hour: Self.lastHour, meter: .sesRecipients, thousandths: 1_000_000)
        #expect(try costs.store.add([late], facts: [], source: "late", flush: 1))
        costs.store.fails = true
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world, costs: costs.ports)
                group.addTask { await worker.run() }
                _ = await world.eventually(within: .seconds(600)) { false }
                #expect(world.leader?.term.number == 1)
                costs.store.fails = false
                #expect(await world.eventually(within: .seconds(120)) { costs.status != nil })
                worker.shutDown()
            }
        }
        #expect(try costs.store.costs(late.hour..<late.hour.advanced(by: 1)).count == 1)
    }

    @Test func theMonthBeforeIsReckonedOnceMoreByEachTerm() throws {
        let world = TestWorld(seed: 8, startingAt: Self.start)
        let costs = TestCosts(world)
        // The last hour of October, told in November.
        let late = UsageRow(
            hour: Self.hour.day.month.first.firstHour.advanced(by: -1),
            meter: .sesRecipients,
            thousandths: 1_000_000
        )
        #expect(try costs.store.add([late], facts: [], source: "late", flush: 1))
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world, costs: costs.ports)
                group.addTask { await worker.run() }
                #expect(await world.eventually { costs.status != nil })
                worker.shutDown()
            }
        }
        let priced = try costs.store.costs(late.hour..<late.hour.advanced(by: 1))
        #expect(priced.map(\.cost) == [Money(microdollars: 160_000)])
        #expect(costs.status?.month == Self.hour.day.month)
    }

    /// The numbers of the present month are right, and would hide it.
    @Test func troubleOfTheMonthBeforeIsStillSaidWhenThisMonthIsReckoned() throws {
        let world = TestWorld(seed: 9, startingAt: Self.start)
        let whole = try #require(TestCosts.books.first)
        let lacking = whole.rates.filter { $0.meter != .sesRecipients }
        let costs = TestCosts(
            world,
            books: [
                PriceBook(region: whole.region, asOf: whole.asOf, rates: lacking),
                PriceBook(region: whole.region, asOf: Self.hour.day.month.first, rates: whole.rates),
            ]
        )
        let late = UsageRow(hour: Self.lastHour, meter: .sesRecipients, thousandths: 1000)
        #expect(try costs.store.add([late], facts: [], source: "late", flush: 1))
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world, costs: costs.ports)
                group.addTask { await worker.run() }
                #expect(await world.eventually { costs.status != nil })
                _ = await world.eventually(within: .seconds(200)) { false }
                worker.shutDown()
            }
        }
        #expect(costs.trouble?.contains("ses.recipients") == true)
        #expect(costs.status?.month == Self.hour.day.month)
    }

    @Test func aMeterThatIsNotKnownIsTroubleAndNotZeroAndNobodyResigns() throws {
        let world = TestWorld(seed: 5, startingAt: Self.start)
        let costs = TestCosts(world, region: "eu-south-9", schedule: [.kmsKeyHours: 1000])
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world, costs: costs.ports)
                group.addTask { await worker.run() }
                #expect(await world.eventually { costs.trouble != nil })
                _ = await world.eventually(within: .seconds(600)) { false }
                #expect(world.leader?.term.number == 1)
                worker.shutDown()
            }
            #expect(costs.trouble?.contains("eu-south-9") == true)
            #expect(costs.status == nil)
        }
    }

    /// Thursday 2026-11-12, 10:20 UTC.
    static let start = Timestamp(seconds: 1_794_478_800)
    static let hour = BillingHour(start)
    /// October's.
    static let lastHour = hour.day.month.first.firstHour.advanced(by: -1)
}
