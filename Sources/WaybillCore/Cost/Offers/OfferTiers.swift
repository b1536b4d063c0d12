/// The tiers of a product, in order. A first tier that costs nothing is what is free each month.
struct OfferTiers {
    struct Tier {
        let begin: Int64
        /// Nil when it goes on for ever.
        let end: Int64?
        let price: UnitPrice
        let basis: Rate.Basis
    }

    let basis: Rate.Basis
    let free: Int64
    let paid: [Rate.Tier]

    /// Nil when they do not begin at zero, do not follow one another, or are not in one unit.
    init?(_ unordered: [Tier]) {
        let tiers = unordered.sorted { $0.begin < $1.begin }
        guard let first = tiers.first, first.begin == 0, tiers.allSatisfy({ $0.basis == first.basis }) else {
            return nil
        }
        for (tier, next) in zip(tiers, tiers.dropFirst()) {
            guard tier.end == next.begin, next.begin > tier.begin else { return nil }
        }
        guard tiers.last.map({ last in last.end.map { $0 > last.begin } ?? true }) ?? false else { return nil }
        basis = first.basis
        let isFreeAtFirst = first.price.picodollars == 0 && tiers.count > 1
        free = isFreeAtFirst ? first.end ?? 0 : 0
        paid = tiers.dropFirst(isFreeAtFirst ? 1 : 0).map { Rate.Tier(upTo: $0.end, price: $0.price) }
    }
}

extension UnitPrice {
    /// The price of so many together; nil when it does not fit.
    func times(_ count: Int64) -> UnitPrice? {
        let (product, isTooLarge) = picodollars.multipliedReportingOverflow(by: count)
        return isTooLarge ? nil : UnitPrice(picodollars: product)
    }
}

extension Rate {
    /// Whether the price is the same, wherever it was read.
    package func costs(as other: Rate) -> Bool { basis == other.basis && free == other.free && tiers == other.tiers }
}
