/// What is said about a month's budget, each once in a month: by which key it is remembered that it was said.
package enum BudgetThreshold: String, CaseIterable, Hashable, Sendable {
    case actual50 = "actual-50"
    case actual80 = "actual-80"
    case actual100 = "actual-100"
    case forecast100 = "forecast-100"
    /// An hour that is dearer than its hour of the week was, and one that is much dearer: the second is said after the
    /// first too.
    case anomaly = "anomaly"
    case severeAnomaly = "anomaly-severe"
}

/// Something to tell the operators.
package struct BudgetAlert: Hashable, Sendable {
    package let month: BillingMonth
    package let threshold: BudgetThreshold
    /// What was reached: the month's cost, its forecast, or the hour's cost.
    package let amount: Money
    /// What it was measured against: the budget, or what the hour may cost.
    package let limit: Money
    /// The hour of an anomaly.
    package let hour: BillingHour?

    package init(
        month: BillingMonth,
        threshold: BudgetThreshold,
        amount: Money,
        limit: Money,
        hour: BillingHour? = nil
    ) {
        (self.month, self.threshold, self.amount, self.limit, self.hour) = (month, threshold, amount, limit, hour)
    }
}

/// Decides what is to be said about one month. What was said is given to it, from the alerts table, so that another leader
/// says nothing twice: whoever carries an alert out writes month and threshold down first, under its term, and tells only
/// if that was new.
package struct BudgetMachine: Hashable, Sendable {
    package let month: BillingMonth
    /// Nil: nothing is said but anomalies.
    private let budget: Money?
    package private(set) var raised: Set<BudgetThreshold>

    /// A budget that is not above zero would be used up by nothing, and is none.
    package init(month: BillingMonth, budget: Money?, raised: Set<BudgetThreshold>) {
        self.month = month
        self.budget = budget.flatMap { $0 > .zero ? $0 : nil }
        self.raised = raised
    }

    /// What the month has cost, and what it is forecast to. All thresholds that are reached are told, the lower ones too
    /// when one step passed several. A forecast that is not dependable yet says nothing, and neither does one of another
    /// month.
    package mutating func counted(spent: Money, forecast: Forecast?) -> [BudgetAlert] {
        guard let budget else { return [] }
        var alerts: [BudgetAlert] = []
        for threshold in BudgetThreshold.allCases {
            guard let part = threshold.actualPercent, Self.reaches(spent, part, of: budget) else { continue }
            alerts += raise(threshold, amount: spent, limit: budget)
        }
        if let forecast, forecast.month == month, forecast.isDependable, forecast.total > budget {
            alerts += raise(.forecast100, amount: forecast.total, limit: budget)
        }
        return alerts
    }

    /// What an hour of this month has cost so far; it may still be running, because costs only rise.
    package mutating func counted(hour: BillingHour, cost: Money, baseline: HourBaseline?) -> [BudgetAlert] {
        guard let baseline, month.contains(hour.day) else { return [] }
        var alerts: [BudgetAlert] = []
        for (threshold, limit) in [(BudgetThreshold.anomaly, baseline.limit), (.severeAnomaly, baseline.severeLimit)]
        where cost > limit {
            alerts += raise(threshold, amount: cost, limit: limit, hour: hour)
        }
        return alerts
    }

    /// The part of the budget that is used, in percent, for `BudgetUsedPct`. Nil without a budget.
    package func usedPercent(spent: Money) -> Double? {
        budget.map { 100 * Double(spent.microdollars) / Double($0.microdollars) }
    }

    private mutating func raise(
        _ threshold: BudgetThreshold,
        amount: Money,
        limit: Money,
        hour: BillingHour? = nil
    ) -> [BudgetAlert] {
        guard raised.insert(threshold).inserted else { return [] }
        return [BudgetAlert(month: month, threshold: threshold, amount: amount, limit: limit, hour: hour)]
    }

    private static func reaches(_ spent: Money, _ percent: Int64, of budget: Money) -> Bool {
        Int128(spent.microdollars) * 100 >= Int128(budget.microdollars) * Int128(percent)
    }
}

extension BudgetThreshold {
    /// Of the budget; nil for what is not measured against the month's cost.
    fileprivate var actualPercent: Int64? {
        switch self {
        case .actual50: 50
        case .actual80: 80
        case .actual100: 100
        case .forecast100, .anomaly, .severeAnomaly: nil
        }
    }
}
