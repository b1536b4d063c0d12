package import WaybillCore
package import WaybillPorts

/// What became of a metered month.
package struct MonthReport: Hashable, Sendable {
    package struct Cost: Hashable, Sendable {
        package private(set) var thousandths: Int64 = 0
        package private(set) var cost = Money.zero

        mutating func add(_ hour: HourCost) {
            thousandths += hour.thousandths
            cost += hour.cost
        }
    }

    package var month: BillingMonth
    /// Nil when nothing was reckoned.
    package var pricesAsOf: BillingDay?
    /// By which SES was priced; nil when nothing was reckoned.
    package var plan: SESPlan?
    /// What the leader wrote down for the month's hours, as `waybill cost` shows it.
    package var costs: [Meter: Cost]
    /// What workers told, to the world's last moment.
    package var told: [ResourceUse]
    /// Why costs could not be reckoned.
    package var trouble: String?
    package var alerts: [String]
    package var orders: Int
    package var accepted: Int
    package var kills: Int
    /// Flushes that were sent again because their answer was lost.
    package var repeatedFlushes: Int
    package var violations: [Violation]
    package var steps: Int
    package var digest: RunDigest
    /// What the services did, by their own count.
    package var book: [ServiceBook.Entry]

    package var total: Money { costs.values.map(\.cost).sum }
}
