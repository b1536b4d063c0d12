/// Why something could not be priced. There is no case in which an unknown price becomes zero.
package enum PriceError: Error, Hashable, Sendable, CustomStringConvertible {
    case unknownMeter(String)
    /// No price book is there for it; those that are, by name.
    case unknownRegion(String, known: [String])
    /// The book of the region has no price for the meter, in this plan where the plan decides.
    case noPrice(Meter, region: String, plan: SESPlan?, asOf: BillingDay)
    /// The price is known for less than was used. Units, or units through a whole month.
    case beyondKnownTiers(Meter, region: String, knownUpTo: Int64)
    case negativeUse(Meter, thousandths: Int64)
    /// The sum does not fit 64 bits of micro-dollars: no bill can be that large, so the use is wrong.
    case tooLarge(Meter, thousandths: Int64)
    case hourOutsideMonth(BillingHour, BillingMonth)

    package var description: String {
        switch self {
        case .unknownMeter(let name):
            "the meter '\(name)' is not known: expected one of the meters of Meter.swift; a newer version may have written it"
        case .unknownRegion(let region, let known):
            "no prices are known for the region '\(region)', only for \(known.sorted().joined(separator: ", ")): "
                + "add a file for it to the price book, or load it with refresh-prices"
        case .noPrice(let meter, let region, let plan, let asOf):
            "the price book of \(region) as of \(asOf) has no price for \(meter.rawValue)"
                + (plan.map { " in the SES plan \($0.rawValue)" } ?? "") + ": add it, or load it with refresh-prices"
        case .beyondKnownTiers(let meter, let region, let knownUpTo):
            "the price of \(meter.rawValue) in \(region) is known up to \(knownUpTo) a month only, and more was used"
        case .negativeUse(let meter, let thousandths):
            "the use of \(meter.rawValue) is \(thousandths) thousandths: expected zero or more"
        case .tooLarge(let meter, let thousandths):
            "the use of \(meter.rawValue), \(thousandths) thousandths, costs more than can be counted: it must be wrong"
        case .hourOutsideMonth(let hour, let month):
            "the hour from \(hour.start.rfc3339) is not in the month \(month)"
        }
    }
}
