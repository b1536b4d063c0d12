/// The prices of one region as they were known on one day.
package struct PriceBook: Hashable, Sendable {
    package let region: String
    /// "Prices as of": shown wherever a cost is.
    package let asOf: BillingDay
    package let rates: [Rate]
    private let byMeter: [Key: Rate]

    private struct Key: Hashable, Sendable {
        let meter: Meter
        let plan: SESPlan?
    }

    /// Two rates for one meter and plan, or one for a plan beside one for every plan, are the reader's to refuse; here the
    /// last stands.
    package init(region: String, asOf: BillingDay, rates: [Rate]) {
        self.region = region
        self.asOf = asOf
        self.rates = rates
        byMeter = Dictionary(rates.map { (Key(meter: $0.meter, plan: $0.plan), $0) }) { $1 }
    }

    /// The rate of a meter in a plan: the plan's own, else the one for every plan.
    package func rate(_ meter: Meter, plan: SESPlan) throws(PriceError) -> Rate {
        if let rate = byMeter[Key(meter: meter, plan: plan)] ?? byMeter[Key(meter: meter, plan: nil)] { return rate }
        let named = meter.definition.service == .ses ? plan : nil
        throw .noPrice(meter, region: region, plan: named, asOf: asOf)
    }
}

/// All price books there are.
package struct PriceBooks: Hashable, Sendable {
    private let books: [PriceBook]

    package init(_ books: [PriceBook]) {
        self.books = books.sorted { $0.asOf < $1.asOf }
    }

    package var regions: [String] { Set(books.map(\.region)).sorted() }

    /// The newest book of a region that was there on a day, or its oldest when all are newer: a price read later is a better
    /// guess than none.
    package func book(region: String, on day: BillingDay) throws(PriceError) -> PriceBook {
        let own = books.filter { $0.region == region }
        guard let book = own.last(where: { $0.asOf <= day }) ?? own.first else {
            throw .unknownRegion(region, known: regions)
        }
        return book
    }
}
