/// What one meter costs in one region, and in one SES plan where the plan decides: tiers over a calendar month, the first
/// units of a month free where AWS gives them away, and where the price was read.
package struct Rate: Hashable, Sendable {
    package enum Basis: Hashable, Sendable {
        /// The price is for so many units: a million requests, 2^30 bytes, one hour.
        case units(Int64)
        /// The price is for one that is there through all hours of the calendar month, be it 672 or 744. Its meter counts
        /// hours; tiers and what is free count months.
        case month
    }

    package struct Tier: Hashable, Sendable {
        /// Where it ends, counted from the month's first unit; nil when it goes on for ever. Only the last may have an end
        /// that no other tier follows: more than that is an error.
        package let upTo: Int64?
        package let price: UnitPrice

        package init(upTo: Int64? = nil, price: UnitPrice) {
            self.upTo = upTo
            self.price = price
        }
    }

    /// How much the number is worth.
    package enum Evidence: String, CaseIterable, Hashable, Sendable {
        /// It stands in AWS's own documents or price files, which were read.
        case aws
        /// A third party says that it read it there.
        case thirdParty = "third-party"
        /// Nobody looked it up: it may be wrong, and whoever shows a sum that rests on it says so.
        case memory
    }

    package let meter: Meter
    /// Nil for what costs the same in every plan.
    package let plan: SESPlan?
    package let basis: Basis
    /// So many of each month cost nothing, when the account does not use them up elsewhere.
    package let free: Int64
    /// By where they end; never empty.
    package let tiers: [Tier]
    package let source: String
    package let date: BillingDay
    package let evidence: Evidence

    package init(
        meter: Meter,
        plan: SESPlan? = nil,
        basis: Basis,
        free: Int64 = 0,
        tiers: [Tier],
        source: String,
        date: BillingDay,
        evidence: Evidence
    ) {
        self.meter = meter
        self.plan = plan
        self.basis = basis
        self.free = free
        self.tiers = tiers
        self.source = source
        self.date = date
        self.evidence = evidence
    }
}

extension Rate {
    /// What is free for the account that is priced.
    package enum FreeTier: Hashable, Sendable {
        /// All of it is Waybill's.
        case whole
        /// Other users of the account use it up, so everything costs.
        case usedElsewhere
    }

    enum Fault: Error {
        case beyondKnownTiers(upTo: Int64)
        case tooLarge
    }

    /// The cost of the month's first so many thousandths of a unit, rounded as ``Money`` says. It never falls when the use
    /// rises.
    func cost(of thousandths: Int64, hoursInMonth: Int, freeTier: FreeTier) throws(Fault) -> Money {
        let unit = thousandthsPerUnit(hoursInMonth: hoursInMonth)
        let used = Int128(thousandths)
        var total = try fraction(of: used, unit: unit)
        if freeTier == .whole { total -= try fraction(of: min(used, Int128(free) * unit), unit: unit) }
        let perMicrodollar = Int128(picodollarsInMicrodollar) * priced(unit: unit)
        guard let microdollars = Int64(exactly: roundedHalfAway(total, dividedBy: perMicrodollar)) else {
            throw .tooLarge
        }
        return Money(microdollars: microdollars)
    }

    /// Thousandths of the meter's unit in what tiers and free units count.
    private func thousandthsPerUnit(hoursInMonth: Int) -> Int128 {
        switch basis {
        case .units: 1000
        case .month: 1000 * Int128(hoursInMonth)
        }
    }

    /// Thousandths of the meter's unit in what the price is for.
    private func priced(unit: Int128) -> Int128 {
        switch basis {
        case .units(let count): unit * Int128(count)
        case .month: unit
        }
    }

    /// The exact cost of the first so many thousandths, as thousandths times pico-dollars.
    private func fraction(of used: Int128, unit: Int128) throws(Fault) -> Int128 {
        var total: Int128 = 0
        var start: Int128 = 0
        for tier in tiers {
            let end = tier.upTo.map { Int128($0) * unit } ?? used
            let inTier = min(used, end) - start
            guard inTier > 0 else { return total }
            total += inTier * Int128(tier.price.picodollars)
            start += inTier
        }
        guard start >= used else { throw .beyondKnownTiers(upTo: tiers.last?.upTo ?? 0) }
        return total
    }
}

private let picodollarsInMicrodollar = 1_000_000
