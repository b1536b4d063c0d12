/// Prices the use of one calendar month in one region. Tiers and what is free run over the whole month, in the order of
/// time, and start again with the next.
///
/// A plan that changes within a month is not divided: the month has the plan that it is priced with.
package struct MonthPricing: Hashable, Sendable {
    package let month: BillingMonth
    package let book: PriceBook
    package let plan: SESPlan
    package let freeTier: Rate.FreeTier

    package init(month: BillingMonth, book: PriceBook, plan: SESPlan, freeTier: Rate.FreeTier) {
        self.month = month
        self.book = book
        self.plan = plan
        self.freeTier = freeTier
    }

    /// What the month's first so many thousandths of a unit cost. Nothing used needs no price.
    package func cost(of thousandths: Int64, _ meter: Meter) throws(PriceError) -> Money {
        guard thousandths >= 0 else { throw .negativeUse(meter, thousandths: thousandths) }
        guard thousandths > 0 else { return .zero }
        let rate = try book.rate(meter, plan: plan)
        do throws(Rate.Fault) {
            return try rate.cost(of: thousandths, hoursInMonth: month.hours, freeTier: freeTier)
        } catch {
            switch error {
            case .beyondKnownTiers(let upTo):
                throw .beyondKnownTiers(meter, region: book.region, knownUpTo: upTo)
            case .tooLarge: throw .tooLarge(meter, thousandths: thousandths)
            }
        }
    }

    /// The month's lines, from its use by meter in thousandths. `emails` are what the cost per thousand is divided by; the
    /// recipients that SES accepted unless said otherwise.
    package func bill(_ usage: [Meter: Int64], emails: Int64? = nil) throws(PriceError) -> Bill {
        var lines: [Bill.Line] = []
        for meter in Meter.allCases {
            guard let thousandths = usage[meter], thousandths != 0 else { continue }
            let cost = try cost(of: thousandths, meter)
            let rate = try book.rate(meter, plan: plan)
            lines.append(Bill.Line(meter: meter, thousandths: thousandths, cost: cost, evidence: rate.evidence))
        }
        return Bill(
            month: month,
            region: book.region,
            pricesAsOf: book.asOf,
            lines: lines,
            emails: emails ?? (usage[.sesRecipients] ?? 0) / 1000
        )
    }

    /// What each hour and meter added to the month's cost, by hour and then by meter. Their sum is ``bill(_:emails:)``'s
    /// total to the micro-dollar. The rows may come in any order and repeat an hour and a meter.
    package func hourly(_ rows: [HourUsage]) throws(PriceError) -> [HourCost] {
        var used: [HourMeter: Int64] = [:]
        for row in rows {
            guard month.contains(row.hour.day) else { throw .hourOutsideMonth(row.hour, month) }
            guard row.thousandths >= 0 else { throw .negativeUse(row.meter, thousandths: row.thousandths) }
            let (sum, isTooLarge) = used[row.key, default: 0].addingReportingOverflow(row.thousandths)
            guard !isTooLarge else { throw .tooLarge(row.meter, thousandths: row.thousandths) }
            used[row.key] = sum
        }
        var running = RunningBill(pricing: self)
        var costs: [HourCost] = []
        for (key, thousandths) in used.sorted(by: { HourMeter.inOrder($0.key, $1.key) }) {
            let cost = try running.add(thousandths, key.meter)
            costs.append(HourCost(hour: key.hour, meter: key.meter, thousandths: thousandths, cost: cost))
        }
        return costs
    }

    /// What the fixed meters that are counted by the hour will have cost at the month's end: what they used until now, and
    /// what runs now, in thousandths of a unit an hour, for all hours that are left. The fixed schedule of a forecast.
    package func fixedSchedule(
        used: [Meter: Int64],
        running: [Meter: Int64],
        remainingHours: Int
    ) throws(PriceError) -> Money {
        var total = Money.zero
        for meter in Meter.allCases where meter.definition.counting == .byHour {
            let (rest, isTooLarge) = running[meter, default: 0].multipliedReportingOverflow(by: Int64(remainingHours))
            let (sum, isTooMuch) = rest.addingReportingOverflow(used[meter, default: 0])
            guard !isTooLarge, !isTooMuch else { throw .tooLarge(meter, thousandths: running[meter, default: 0]) }
            total += try cost(of: sum, meter)
        }
        return total
    }
}

/// The use of one meter in one hour, in thousandths of its unit.
package struct HourUsage: Hashable, Sendable {
    package let hour: BillingHour
    package let meter: Meter
    package let thousandths: Int64

    package init(hour: BillingHour, meter: Meter, thousandths: Int64) {
        self.hour = hour
        self.meter = meter
        self.thousandths = thousandths
    }

    fileprivate var key: HourMeter { HourMeter(hour: hour, meter: meter) }
}

package struct HourCost: Hashable, Sendable {
    package let hour: BillingHour
    package let meter: Meter
    package let thousandths: Int64
    package let cost: Money

    package init(hour: BillingHour, meter: Meter, thousandths: Int64, cost: Money) {
        self.hour = hour
        self.meter = meter
        self.thousandths = thousandths
        self.cost = cost
    }
}

private struct HourMeter: Hashable {
    let hour: BillingHour
    let meter: Meter

    static func inOrder(_ left: HourMeter, _ right: HourMeter) -> Bool {
        (left.hour.number, left.meter.rawValue) < (right.hour.number, right.meter.rawValue)
    }
}

/// A month's bill as it grows: what is added costs what the sum after it costs more than the sum before.
package struct RunningBill: Hashable, Sendable {
    package let pricing: MonthPricing
    /// Thousandths of each meter's unit.
    package private(set) var usage: [Meter: Int64] = [:]
    private var costs: [Meter: Money] = [:]

    package init(pricing: MonthPricing) {
        self.pricing = pricing
    }

    package var total: Money { costs.values.sum }

    /// The cost of what is added. Nothing is added when it throws.
    package mutating func add(_ thousandths: Int64, _ meter: Meter) throws(PriceError) -> Money {
        guard thousandths >= 0 else { throw .negativeUse(meter, thousandths: thousandths) }
        let (sum, isTooLarge) = usage[meter, default: 0].addingReportingOverflow(thousandths)
        guard !isTooLarge else { throw .tooLarge(meter, thousandths: thousandths) }
        let cost = try pricing.cost(of: sum, meter)
        let before = costs[meter] ?? .zero
        usage[meter] = sum
        costs[meter] = cost
        return cost - before
    }
}
