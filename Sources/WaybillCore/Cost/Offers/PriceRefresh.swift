/// A price book out of AWS's offer files, with what they do not have from the book before.
package struct PriceRefresh: Hashable, Sendable {
    /// A price that is another one now, or was not known.
    package struct Change: Hashable, Sendable {
        package let before: Rate?
        package let now: Rate
    }

    /// A meter that has no price in either.
    package struct Missing: Hashable, Sendable {
        package let meter: Meter
        /// For SES, where the plan decides.
        package let plan: SESPlan?

        package init(meter: Meter, plan: SESPlan?) {
            self.meter = meter
            self.plan = plan
        }
    }

    package let book: PriceBook
    package let changes: [Change]
    /// Prices that no file gave: with their own day and evidence they stand in the new book.
    package let kept: [Rate]
    /// Pricing one of these is an error that names it, never zero.
    package let missing: [Missing]

    /// Files of another region than the book's are not looked at. What is free is kept where a file does not say: AWS gives
    /// it away through products of no region. No price is later than the book.
    package init(region: String, asOf: BillingDay, older: PriceBook?, files: [OfferFile]) {
        let older = older.flatMap { $0.region == region ? $0 : nil }
        let offered = files.filter { $0.region == region }.flatMap(\.rates)
        let key = { (rate: Rate) in Missing(meter: rate.meter, plan: rate.plan) }
        let before = Dictionary((older?.rates ?? []).map { (key($0), $0) }) { $1 }
        let now = offered.map { $0.keepingFreeUnits(of: before[key($0)]) }
        let read = Set(now.map(key))
        let kept = (older?.rates ?? []).filter { rate in
            !read.contains(key(rate))
                && !now.contains { $0.meter == rate.meter && ($0.plan == nil || rate.plan == nil) }
        }
        let rates = Self.inOrder(now + kept)
        book = PriceBook(region: region, asOf: max(asOf, rates.map(\.date).max() ?? asOf), rates: rates)
        changes = now.compactMap { rate in
            let before = before[key(rate)]
            return before?.costs(as: rate) ?? false ? nil : Change(before: before, now: rate)
        }
        self.kept = kept
        missing = Self.missing(rates)
    }

    private static func inOrder(_ rates: [Rate]) -> [Rate] {
        Meter.allCases.flatMap { meter in
            ([nil] + SESPlan.allCases).flatMap { plan in rates.filter { $0.meter == meter && $0.plan == plan } }
        }
    }

    private static func missing(_ rates: [Rate]) -> [Missing] {
        Meter.allCases.flatMap { meter -> [Missing] in
            let own = rates.filter { $0.meter == meter }
            guard !own.isEmpty else { return [Missing(meter: meter, plan: nil)] }
            guard own.allSatisfy({ $0.plan != nil }) else { return [] }
            return SESPlan.allCases.filter { plan in !own.contains { $0.plan == plan } }
                .map { Missing(meter: meter, plan: $0) }
        }
    }
}

extension Rate {
    fileprivate func keepingFreeUnits(of before: Rate?) -> Rate {
        guard free == 0, let before, before.free > 0, before.basis == basis else { return self }
        return Rate(
            meter: meter,
            plan: plan,
            basis: basis,
            free: before.free,
            tiers: tiers,
            source: "\(source); what is free as of \(before.date)",
            date: date,
            evidence: evidence
        )
    }
}
