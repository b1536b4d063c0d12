import Logging
import WaybillCore
import WaybillPorts

/// Each minute, or as often as it is set, the leader prices the month's use, forecasts its end, and raises what is to be said about it.
extension LeaderActor {
    /// Under this name what runs by the hour is added, with the hour as the flush: each hour once, whoever leads.
    private static let scheduleSource = "schedule"
    /// After so long without a leader the hours before are given up: nobody knows what ran.
    private static let mostScheduledHours = 31 * 24
    /// Days of history that a forecast and its back-test look at: a year of months, and four weeks before them.
    private static let historyDays = 400
    /// Three years, to compare a month with the same of the years before.
    private static let keptCostDays = 1100
    /// `waybill cost recommend` looks at 90 at most.
    private static let keptFactDays = 100

    /// What goes wrong here is no reason to give the leadership away: email does not wait for costs.
    func reckonCosts(_ fence: LeaderFence) async throws(DutyFailure) -> Duration {
        guard let costs = ports.costs else { return settings.costInterval }
        do throws(DutyFailure) {
            try await reckonCosts(costs, fence)
        } catch {
            if case .store(let error) = error, error.code == .deposed { throw .store(error) }
            // It may have been the month before that could not be read.
            costMemory.owesMonthBefore = true
            outcomes.add(.storeUnavailable)
            logger.warning("costs not reckoned, they are in a minute", metadata: ["error": "\(error)"])
        }
        return settings.costInterval
    }

    private func reckonCosts(_ costs: CostPorts, _ fence: LeaderFence) async throws(DutyFailure) {
        let now = try await DutyFailure.wrap { () async throws(StoreError) in try await ports.store.now() }
        try await addSchedule(costs, now)
        let today = BillingDay(now)
        var trouble: CostTrouble?
        // What came late on the last evening belongs to the month before, and so does what could not be priced then.
        if today == today.month.first || costMemory.owesMonthBefore {
            costMemory.owesMonthBefore = false
            trouble = try await reckon(today.month.previous, costs, now, fence)
        }
        // The numbers of this month end every trouble, so that of the month before is said after them.
        trouble = try await reckon(today.month, costs, now, fence) ?? trouble
        if let trouble { try await note(trouble, costs, fence) }
        try await tell(costs, fence)
    }

    /// What is there, for each hour that has begun since the last.
    private func addSchedule(_ costs: CostPorts, _ now: Timestamp) async throws(DutyFailure) {
        let schedule = costs.settings.schedule
        let hour = BillingHour(now)
        guard !schedule.isEmpty else { return }
        try await DutyFailure.wrap { () async throws(StoreError) in
            let last = try await costs.store.lastFlush(of: Self.scheduleSource).map { Int($0) }
            let first = max(last.map { $0 + 1 } ?? hour.number, hour.number - Self.mostScheduledHours)
            guard first <= hour.number else { return }
            for number in first...hour.number {
                let rows = schedule.map { UsageRow(hour: BillingHour(number: number), meter: $0, thousandths: $1) }
                _ = try await costs.store.add(rows, source: Self.scheduleSource, flush: Int64(number))
            }
        }
    }

    /// Why the month cannot be reckoned; nil when it was, or when there is nothing to reckon.
    private func reckon(
        _ month: BillingMonth,
        _ costs: CostPorts,
        _ now: Timestamp,
        _ fence: LeaderFence
    ) async throws(DutyFailure) -> CostTrouble? {
        let names = try await DutyFailure.wrap { () async throws(StoreError) in
            try await costs.store.usage(month.first.firstHour..<month.next.first.firstHour)
        }
        let isCurrent = month.contains(BillingDay(now))
        guard !names.isEmpty || isCurrent else { return nil }
        let history = try await history(before: month, costs, BillingDay(now))
        let plan = try await plan(of: month, isCurrent: isCurrent, costs)
        let reckoning: CostReckoning
        do throws(CostTrouble) {
            reckoning = try price(names, month, plan, costs.settings, history, now)
        } catch {
            return error
        }
        costMemory.plans[month] = reckoning.plan
        try await write(reckoning, costs, fence)
        if isCurrent { try await show(reckoning, costs, history, now, fence) }
        try await raise(reckoning, costs, now, fence)
        return nil
    }

    /// Costs are kept for longer than the history that a forecast looks at, facts for longer than advice does.
    func forgetOldCosts(_ costs: CostPorts, _ fence: LeaderFence) async throws(DutyFailure) {
        do throws(StoreError) {
            let today = BillingDay(try await ports.store.now())
            try await costs.store.forget(
                costsBefore: today.advanced(by: -Self.keptCostDays).firstHour,
                factsBefore: today.advanced(by: -Self.keptFactDays).firstHour,
                fence: fence
            )
        } catch  where error.code == .deposed {
            throw .store(error)
        } catch {
            outcomes.add(.storeUnavailable)
            logger.warning("old costs not deleted, they are tomorrow", metadata: ["error": "\(error)"])
        }
    }

    /// The numbers of before stay, and say that they are of before.
    private func note(_ trouble: CostTrouble, _ costs: CostPorts, _ fence: LeaderFence) async throws(DutyFailure) {
        logger.error("costs cannot be reckoned", metadata: ["error": "\(trouble.reason)"])
        costMemory.owesMonthBefore = true
        try await DutyFailure.wrap { () async throws(StoreError) in
            try await costs.store.writeTrouble(trouble.reason, fence: fence)
        }
    }

    private func show(
        _ reckoning: CostReckoning,
        _ costs: CostPorts,
        _ history: [DayCost],
        _ now: Timestamp,
        _ fence: LeaderFence
    ) async throws(DutyFailure) {
        let status = CostStatus(
            at: now,
            bill: reckoning.bill,
            forecast: reckoning.forecast,
            errorPercent: backTest(history + DayCost.history(of: reckoning.costs), BillingDay(now)),
            budget: costs.settings.budget,
            plan: reckoning.plan
        )
        try await DutyFailure.wrap { () async throws(StoreError) in try await costs.store.write(status, fence: fence) }
        costs.gauges.show(status)
    }

    /// A year of days, of which late use changes few: read once a day.
    private func history(
        before month: BillingMonth,
        _ costs: CostPorts,
        _ today: BillingDay
    ) async throws(DutyFailure) -> [DayCost] {
        if let known = costMemory.history, known.day == today, let days = known.months[month] { return days }
        let days = try await DutyFailure.wrap { () async throws(StoreError) in
            try await costs.store.days(from: month.first.advanced(by: -Self.historyDays))
        }.filter { $0.day < month.first }
        var months = costMemory.history.flatMap { $0.day == today ? $0.months : nil } ?? [:]
        months[month] = days
        costMemory.history = (today, months)
        return days
    }

    /// The account's; a month that is over keeps the plan that it was priced with, also when the account has another since.
    /// Nil when nobody knows one.
    private func plan(of month: BillingMonth, isCurrent: Bool, _ costs: CostPorts) async throws(DutyFailure) -> SESPlan?
    {
        if let plan = costs.settings.plan { return plan }
        let last = try await DutyFailure.wrap { () async throws(StoreError) in try await costs.store.status() }
        if isCurrent { return accountPlan ?? last?.plan }
        return costMemory.plans[month] ?? (last?.month == month ? last?.plan : nil) ?? accountPlan ?? last?.plan
    }

    private func price(
        _ names: [NamedUse],
        _ month: BillingMonth,
        _ plan: SESPlan?,
        _ settings: CostSettings,
        _ history: [DayCost],
        _ now: Timestamp
    ) throws(CostTrouble) -> CostReckoning {
        guard let plan else {
            throw CostTrouble(
                reason: "SES's price plan is not known: GetAccount has not said it, so set WAYBILL_SES_PLAN"
            )
        }
        do throws(PriceError) {
            var usage: [HourUsage] = []
            for name in names {
                let meter = try Meter(named: name.meter)
                usage.append(HourUsage(hour: name.hour, meter: meter, thousandths: name.thousandths))
            }
            let pricing = MonthPricing(
                month: month,
                book: try settings.books.book(region: settings.region, on: min(month.last, BillingDay(now))),
                plan: plan,
                freeTier: settings.freeTier
            )
            return try CostReckoning(usage: usage, pricing: pricing, history: history, now: now)
        } catch {
            throw CostTrouble(reason: error.description)
        }
    }

    /// Only what has changed. The first of a term is compared with what is there: leaders before wrote it.
    private func write(
        _ reckoning: CostReckoning,
        _ costs: CostPorts,
        _ fence: LeaderFence
    ) async throws(DutyFailure) {
        let month = reckoning.bill.month
        if !costMemory.isCompared(month) {
            let there = try await DutyFailure.wrap { () async throws(StoreError) in
                try await costs.store.costs(month.first.firstHour..<month.next.first.firstHour)
            }
            costMemory.wrote(there, of: month)
        }
        let changed = costMemory.changed(reckoning.costs)
        guard !changed.isEmpty else { return }
        try await DutyFailure.wrap { () async throws(StoreError) in
            try await costs.store.write(changed, pricesAsOf: reckoning.bill.pricesAsOf, fence: fence)
        }
        costMemory.wrote(changed, of: month)
    }

    /// Once a day: it looks at a year of months.
    private func backTest(_ history: [DayCost], _ today: BillingDay) -> Double? {
        if let known = costMemory.errorPercent, known.day == today { return known.value }
        let value = BackTest(history: history, today: today).meanAbsolutePercentError
        costMemory.errorPercent = (today, value)
        return value
    }
}

private struct CostTrouble: Error {
    let reason: String
}
