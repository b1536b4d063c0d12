/// What was counted here beside what AWS says was paid, meter by meter.
package struct Reconciliation: Hashable, Sendable {
    package struct Line: Hashable, Sendable {
        package let meter: Meter
        /// Nil: AWS has a line for it, and here nothing was counted.
        package let ours: Money?
        /// Nil: it was counted here, and AWS has no line for it.
        package let theirs: Money?

        /// Ours less theirs: above zero, AWS asked for less than was counted.
        package var difference: Money { (ours ?? .zero) - (theirs ?? .zero) }

        /// Of what AWS asked for; nil when that is nothing.
        package var differencePercent: Double? {
            guard let theirs, theirs != .zero else { return nil }
            return 100 * Double(difference.microdollars) / Double(theirs.microdollars)
        }
    }

    package let pricesAsOf: BillingDay
    /// In the order of ``Meter``, each that either side has.
    package let lines: [Line]
    /// What was paid for and no meter counts: other programs' use, tax, or a usage type that is not in ``AWSUsageType``.
    /// The dearest first; what cost nothing is left out.
    package let uncounted: [CostExplorerAnswer.Line]
    /// Whether AWS may still change its numbers.
    package let isEstimated: Bool
    /// What asking cost.
    package let ownCost: Money

    /// The bill of the same days, and all pages of the answer.
    package init(bill: Bill, answers: [CostExplorerAnswer], pricing: MonthPricing) throws(PriceError) {
        var theirs: [Meter: Money] = [:]
        var uncounted: [[String]: Money] = [:]
        for line in answers.flatMap(\.lines) {
            if let meter = AWSUsageType.meter(of: line.usageType, service: line.service) {
                theirs[meter, default: .zero] += line.cost
            } else {
                uncounted[[line.service, line.usageType], default: .zero] += line.cost
            }
        }
        let ours = Dictionary(bill.lines.map { ($0.meter, $0.cost) }) { $0 + $1 }
        pricesAsOf = bill.pricesAsOf
        lines = Meter.allCases.filter { ours[$0] != nil || theirs[$0] != nil }.map {
            Line(meter: $0, ours: ours[$0], theirs: theirs[$0])
        }
        self.uncounted = uncounted.filter { $0.value != .zero }
            .map { CostExplorerAnswer.Line(service: $0.key[0], usageType: $0.key[1], cost: $0.value) }
            .sorted { ($1.cost, $0.service, $0.usageType) < ($0.cost, $1.service, $1.usageType) }
        isEstimated = answers.contains(where: \.isEstimated)
        ownCost = try pricing.cost(of: Int64(answers.count) * 1000, .costExplorerRequests)
    }

    package var ours: Money { lines.compactMap(\.ours).sum }
    /// Of what is counted here too.
    package var theirs: Money { lines.compactMap(\.theirs).sum }
}
