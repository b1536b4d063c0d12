/// The facts of some days as those of one month, and what they cost.
struct Situation {
    let facts: MeasuredFacts
    let pricing: MonthPricing

    /// A count over the measured days, projected to the pricing's month.
    func perMonth(_ count: Int64) throws(Unknown) -> Int64 {
        let projected = roundedHalfAway(Int128(count) * Int128(pricing.month.days), dividedBy: Int128(facts.days))
        guard count >= 0, let month = Int64(exactly: projected) else {
            throw Unknown("a count of \(count) in \(facts.days) days cannot be")
        }
        return month
    }

    /// Thousandths of a meter's unit in the month.
    func use(_ meter: Meter) throws(Unknown) -> Int64 { try perMonth(facts.usage[meter] ?? 0) }

    /// How many of what is counted by the hour are there on average, in thousandths.
    func standing(_ meter: Meter) throws(Unknown) -> Int64 { try use(meter) / hours }

    func uses(of meters: [Meter]) throws(Unknown) -> [Meter: Int64] {
        var uses: [Meter: Int64] = [:]
        for meter in meters { uses[meter] = try use(meter) }
        return uses
    }

    var hours: Int64 { Int64(pricing.month.hours) }
    var days: Int64 { Int64(pricing.month.days) }

    /// What a month of this use costs, in another plan when one is given.
    func cost(_ usage: [Meter: Int64], plan: SESPlan? = nil) throws(Unknown) -> Money {
        let pricing = MonthPricing(
            month: pricing.month,
            book: pricing.book,
            plan: plan ?? pricing.plan,
            freeTier: pricing.freeTier
        )
        do throws(PriceError) {
            return try pricing.bill(usage).total
        } catch {
            throw Unknown(error.description)
        }
    }

    /// How much less a month costs when some meters are used otherwise.
    func saving(_ changes: [Meter: Int64]) throws(Unknown) -> Money {
        try cost(uses(of: Array(changes.keys))) - cost(changes)
    }

    func usesUnverifiedPrice(_ finding: Finding) -> Bool {
        pricing.book.rates.contains { $0.evidence == .memory && finding.meters.contains($0.meter) }
    }
}

/// The fact, or the sentence about what nobody measured.
func known<Fact>(_ fact: Fact?, _ what: String) throws(Unknown) -> Fact {
    guard let fact else { throw Unknown("\(what) is not known") }
    return fact
}

/// So many of all, in percent, for people.
func percent(_ part: Int64, of all: Int64) -> String {
    guard all > 0 else { return "0 %" }
    return "\(Int128(part) * 100 / Int128(all)) %"
}
