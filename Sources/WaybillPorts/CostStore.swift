package import WaybillCore

/// What was used of one meter in one hour.
package struct UsageRow: Hashable, Sendable {
    package var hour: BillingHour
    package var meter: Meter
    /// Of which table, index, queue or topic; empty where that says nothing.
    package var resource: String
    /// In thousandths of the meter's unit.
    package var thousandths: Int64

    package init(hour: BillingHour, meter: Meter, resource: String = "", thousandths: Int64) {
        self.hour = hour
        self.meter = meter
        self.resource = resource
        self.thousandths = thousandths
    }
}

/// What was counted of one fact in one hour.
package struct FactRow: Hashable, Sendable {
    package var hour: BillingHour
    package var fact: UseFact
    package var resource: String
    package var amount: Int64

    package init(hour: BillingHour, fact: UseFact, resource: String, amount: Int64) {
        self.hour = hour
        self.fact = fact
        self.resource = resource
        self.amount = amount
    }
}

/// Where processes leave what they used.
package protocol UsageStore: Sendable {
    /// Adds to what is there, all or nothing; of a peak the larger stays. False, and nothing added, when this flush of the
    /// source or a later one is in already: an unanswered call may be repeated with the same number.
    func add(_ rows: [UsageRow], facts: [FactRow], source: String, flush: Int64) async throws(StoreError) -> Bool
}

extension UsageStore {
    package func add(_ rows: [UsageRow], source: String, flush: Int64) async throws(StoreError) -> Bool {
        try await add(rows, facts: [], source: source, flush: flush)
    }
}

/// What the leader reckons costs from, and where it leaves them.
package protocol CostStore: UsageStore {
    /// The number of the last flush of a source; nil when there is none.
    func lastFlush(of source: String) async throws(StoreError) -> Int64?

    /// The use of the hours of a range, all resources of a meter together, under the names that were written: a newer
    /// version may have meters that this one does not know.
    func usage(_ hours: Range<BillingHour>) async throws(StoreError) -> [NamedUse]

    /// The use of a range of hours in all, resource by resource, under the names that were written.
    func resources(_ hours: Range<BillingHour>) async throws(StoreError) -> [ResourceUse]

    /// What was counted of a range of hours beside the meters, resource by resource; not what each process has its own of.
    /// Names that are not known are left out.
    func facts(_ hours: Range<BillingHour>) async throws(StoreError) -> [FactSum]

    /// What processes have their own of, hour by hour and all processes of it together. Names that are not known are left
    /// out.
    func processFacts(_ hours: Range<BillingHour>) async throws(StoreError) -> [ProcessFact]

    /// Deletes use and costs of hours before the first, facts of hours before the second, and what is known of processes that
    /// told nothing since then.
    func forget(
        costsBefore: BillingHour,
        factsBefore: BillingHour,
        fence: LeaderFence
    ) async throws(StoreError)

    /// Writes what hours cost; those that are there are replaced.
    func write(_ costs: [HourCost], pricesAsOf: BillingDay, fence: LeaderFence) async throws(StoreError)

    /// What was written for a range of hours, by hour and meter. Names that are not known are left out.
    func costs(_ hours: Range<BillingHour>) async throws(StoreError) -> [HourCost]

    /// The day of the newest price book that a range of hours was priced with; nil when nothing was.
    func pricesAsOf(_ hours: Range<BillingHour>) async throws(StoreError) -> BillingDay?

    /// What each hour of a range cost in all; hours of which nothing is known are not there.
    func totals(_ hours: Range<BillingHour>) async throws(StoreError) -> [BillingHour: Money]

    /// The days from one on, of what is counted by use (``DayCost/history(of:)``).
    func days(from first: BillingDay) async throws(StoreError) -> [DayCost]

    /// Writes alerts down; gives those that were not there.
    func raise(_ alerts: [BudgetAlert], fence: LeaderFence) async throws(StoreError) -> [BudgetAlert]

    /// The alerts of a month.
    func alerts(_ month: BillingMonth) async throws(StoreError) -> [RaisedAlert]

    /// The oldest alerts that nobody was told of.
    func untold(limit: Int) async throws(StoreError) -> [RaisedAlert]

    /// An alert has been told.
    func told(_ alert: BudgetAlert, fence: LeaderFence) async throws(StoreError)

    func write(_ status: CostStatus, fence: LeaderFence) async throws(StoreError)

    /// Costs cannot be reckoned: what was reckoned before stays.
    func writeTrouble(_ reason: String, fence: LeaderFence) async throws(StoreError)

    /// Why costs cannot be reckoned; nil while they can.
    func trouble() async throws(StoreError) -> String?

    /// Nil when nothing was ever reckoned.
    func status() async throws(StoreError) -> CostStatus?
}

package struct NamedUse: Hashable, Sendable {
    package var hour: BillingHour
    package var meter: String
    package var thousandths: Int64

    package init(hour: BillingHour, meter: String, thousandths: Int64) {
        self.hour = hour
        self.meter = meter
        self.thousandths = thousandths
    }
}

package struct ResourceUse: Hashable, Sendable {
    package var meter: String
    package var resource: String
    package var thousandths: Int64
    /// In how many hours of the range anything of the meter and the resource was used.
    package var hours: Int

    package init(meter: String, resource: String, thousandths: Int64, hours: Int) {
        self.meter = meter
        self.resource = resource
        self.thousandths = thousandths
        self.hours = hours
    }
}

package struct FactSum: Hashable, Sendable {
    package var fact: UseFact
    package var resource: String
    package var amount: Int64

    package init(fact: UseFact, resource: String, amount: Int64) {
        self.fact = fact
        self.resource = resource
        self.amount = amount
    }
}

package struct ProcessFact: Hashable, Sendable {
    package var hour: BillingHour
    package var fact: UseFact
    /// Of every process together; of a peak no moment of the hour can have exceeded it.
    package var amount: Int64
    /// Of the process that has most.
    package var largest: Int64

    package init(hour: BillingHour, fact: UseFact, amount: Int64, largest: Int64) {
        self.hour = hour
        self.fact = fact
        self.amount = amount
        self.largest = largest
    }
}

package struct RaisedAlert: Hashable, Sendable {
    package var alert: BudgetAlert
    package var raisedAt: Timestamp
    /// Nil until somebody was told.
    package var toldAt: Timestamp?

    package init(alert: BudgetAlert, raisedAt: Timestamp, toldAt: Timestamp?) {
        self.alert = alert
        self.raisedAt = raisedAt
        self.toldAt = toldAt
    }
}

/// What a month has cost, and is going to.
package struct CostStatus: Hashable, Sendable {
    package var at: Timestamp
    package var month: BillingMonth
    package var toDate: Money
    /// Of it what rises with time.
    package var fixed: Money
    package var emails: Int64
    package var forecast: Money
    package var forecastLow: Money
    package var forecastHigh: Money
    /// How the forecast was made, in words.
    package var method: String
    /// `ForecastMAPE`, in percent; nil without a past month.
    package var errorPercent: Double?
    /// A month's; nil for none.
    package var budget: Money?
    package var region: String
    package var plan: SESPlan
    package var pricesAsOf: BillingDay
    /// Meters in the sum whose prices nobody looked up.
    package var unverified: [String]
    /// Why costs cannot be reckoned now, when they could before.
    package var trouble: String?

    package init(
        at: Timestamp,
        month: BillingMonth,
        toDate: Money,
        fixed: Money,
        emails: Int64,
        forecast: Money,
        forecastLow: Money,
        forecastHigh: Money,
        method: String,
        errorPercent: Double?,
        budget: Money?,
        region: String,
        plan: SESPlan,
        pricesAsOf: BillingDay,
        unverified: [String],
        trouble: String? = nil
    ) {
        (self.at, self.month, self.toDate, self.fixed, self.emails) = (at, month, toDate, fixed, emails)
        (self.forecast, self.forecastLow, self.forecastHigh) = (forecast, forecastLow, forecastHigh)
        (self.method, self.errorPercent, self.budget, self.region) = (method, errorPercent, budget, region)
        (self.plan, self.pricesAsOf, self.unverified, self.trouble) = (plan, pricesAsOf, unverified, trouble)
    }

    package init(
        at: Timestamp,
        bill: Bill,
        forecast: Forecast,
        errorPercent: Double?,
        budget: Money?,
        plan: SESPlan
    ) {
        self.init(
            at: at,
            month: bill.month,
            toDate: bill.total,
            fixed: bill.fixed,
            emails: bill.emails,
            forecast: forecast.total,
            forecastLow: forecast.low,
            forecastHigh: forecast.high,
            method: forecast.explanation,
            errorPercent: errorPercent,
            budget: budget,
            region: bill.region,
            plan: plan,
            pricesAsOf: bill.pricesAsOf,
            unverified: bill.unverified.map(\.rawValue)
        )
    }
}

/// Where operators are told of costs.
package protocol AlertTopic: Sendable {
    /// Nil when it was taken; otherwise why not. It may have been taken all the same.
    func tell(_ text: String) async -> String?
}
