package import WaybillCore
package import WaybillPorts

/// What the leader reckons costs with.
package struct CostPorts: Sendable {
    package var store: any CostStore
    /// Nil: alerts are written down and nobody is told.
    package var topic: (any AlertTopic)?
    package var settings: CostSettings
    /// Shows what was reckoned to telemetry.
    package var gauges: GaugeBoard

    package init(
        store: any CostStore,
        topic: (any AlertTopic)?,
        settings: CostSettings,
        gauges: GaugeBoard = GaugeBoard()
    ) {
        self.store = store
        self.topic = topic
        self.settings = settings
        self.gauges = gauges
    }
}

package struct CostSettings: Sendable {
    package var books: PriceBooks
    package var region: String
    /// Nil for what SES's GetAccount says.
    package var plan: SESPlan?
    package var freeTier: Rate.FreeTier
    /// A month's.
    package var budget: Money?
    /// What runs by the hour and no worker tells: thousandths of each meter's unit that are there.
    package var schedule: [Meter: Int64]

    package init(
        books: PriceBooks,
        region: String,
        plan: SESPlan? = nil,
        freeTier: Rate.FreeTier = .whole,
        budget: Money? = nil,
        schedule: [Meter: Int64] = [:]
    ) {
        self.books = books
        self.region = region
        self.plan = plan
        self.freeTier = freeTier
        self.budget = budget
        self.schedule = schedule
    }
}

/// What a leader remembers of its last reckoning, so that it writes only what has changed. A new term begins with nothing.
struct CostMemory: Sendable {
    struct Key: Hashable {
        let hour: BillingHour
        let meter: Meter
    }

    private var written: [Key: HourCost] = [:]
    private var compared: Set<BillingMonth> = []
    /// The plan that a month was priced with.
    var plans: [BillingMonth: SESPlan] = [:]
    /// The month before is reckoned once more: what came late, or could not be priced then.
    var owesMonthBefore = true
    /// What the last hours may cost; an hour of which too little is known has none.
    var baselines: [BillingHour: HourBaseline?] = [:]
    /// The days before a month, as read on a day: a year of them, which hardly ever change.
    var history: (day: BillingDay, months: [BillingMonth: [DayCost]])?
    /// The back-test of a day.
    var errorPercent: (day: BillingDay, value: Double?)?

    /// Whether what is there of a month is known.
    func isCompared(_ month: BillingMonth) -> Bool { compared.contains(month) }

    /// Those that are new or other than what was written.
    func changed(_ costs: [HourCost]) -> [HourCost] {
        costs.filter { written[Key(hour: $0.hour, meter: $0.meter)] != $0 }
    }

    mutating func wrote(_ costs: [HourCost], of month: BillingMonth) {
        compared.insert(month)
        for cost in costs { written[Key(hour: cost.hour, meter: cost.meter)] = cost }
    }
}
