import WaybillCore
import WaybillPorts

/// What a month cost, for people and for programs.
struct CostReport: Hashable, Sendable {
    struct Line: Hashable, Sendable {
        var meter: Meter
        var thousandths: Int64
        var cost: Money
    }

    struct Day: Hashable, Sendable {
        var day: BillingDay
        var meter: Meter
        var thousandths: Int64
        var cost: Money
    }

    var month: BillingMonth
    /// Nil when nothing was priced.
    var pricesAsOf: BillingDay?
    /// By meter, in the order of ``Meter``.
    var lines: [Line]
    /// By day and meter.
    var days: [Day]
    /// Of the current month only.
    var status: CostStatus?
    var alerts: [RaisedAlert]
    var trouble: String?

    init(
        month: BillingMonth,
        costs: [HourCost],
        pricesAsOf: BillingDay?,
        status: CostStatus?,
        alerts: [RaisedAlert],
        trouble: String?
    ) {
        self.month = month
        self.pricesAsOf = pricesAsOf
        self.status = status?.month == month ? status : nil
        self.alerts = alerts
        self.trouble = trouble
        let byMeter = Dictionary(grouping: costs, by: \.meter)
        lines = Meter.allCases.compactMap { meter in
            byMeter[meter].map { Line(meter: meter, thousandths: $0.used, cost: $0.map(\.cost).sum) }
        }
        let byDay = Dictionary(grouping: costs, by: \.hour.day)
        days = byDay.sorted { $0.key < $1.key }.flatMap { day, costs in
            let byMeter = Dictionary(grouping: costs, by: \.meter)
            return Meter.allCases.compactMap { meter in
                byMeter[meter].map {
                    Day(day: day, meter: meter, thousandths: $0.used, cost: $0.map(\.cost).sum)
                }
            }
        }
    }

    var total: Money { lines.map(\.cost).sum }
    var fixed: Money { lines.filter { $0.meter.definition.nature == .fixed }.map(\.cost).sum }
    var variable: Money { total - fixed }
    var emails: Int64 { lines.filter { $0.meter == .sesRecipients }.map(\.thousandths).reduce(0, +) / 1000 }
}

extension [HourCost] {
    fileprivate var used: Int64 { map(\.thousandths).reduce(0, +) }
}

// MARK: For programs

extension CostReport {
    var json: JSON {
        JSONShapes.object([
            ("month", .string(month.description)),
            ("pricesAsOf", JSONShapes.text(pricesAsOf?.description)),
            ("dollars", .string(total.decimal)),
            ("fixed", .string(fixed.decimal)),
            ("variable", .string(variable.decimal)),
            ("emails", .number(emails)),
            ("perThousand", JSONShapes.text(total.per(1000, of: emails)?.decimal)),
            ("forecast", forecast),
            ("budget", JSONShapes.text(status?.budget?.decimal)),
            ("region", JSONShapes.text(status?.region)),
            ("plan", JSONShapes.text(status?.plan.rawValue)),
            ("unverifiedPrices", .array((status?.unverified ?? []).map(JSON.string))),
            ("lines", .array(lines.map(\.json))),
            ("days", .array(days.map(\.json))),
            ("alerts", .array(alerts.map(\.json))),
            ("trouble", JSONShapes.text(trouble)),
        ])
    }

    private var forecast: JSON {
        guard let status else { return .null }
        return JSONShapes.object([
            ("dollars", .string(status.forecast.decimal)),
            ("low", .string(status.forecastLow.decimal)),
            ("high", .string(status.forecastHigh.decimal)),
            ("method", .string(status.method)),
            ("errorPercent", JSONShapes.text(status.errorPercent.map { CostText.percent($0) })),
            ("reckonedAt", JSONShapes.time(status.at)),
        ])
    }

    static let csvHeader = "day,service,meter,nature,thousandths,unit,dollars,prices_as_of\r\n"

    /// A row a day and meter.
    var csv: String {
        Self.csvHeader
            + days.map { day in
                let definition = day.meter.definition
                return [
                    day.day.description, definition.service.rawValue, day.meter.rawValue, definition.nature.name,
                    String(day.thousandths), definition.unit, day.cost.decimal, pricesAsOf?.description ?? "",
                ].map(DeliveriesCSV.cell).joined(separator: ",") + "\r\n"
            }.joined()
    }
}

extension CostReport.Line {
    fileprivate var json: JSON {
        let definition = meter.definition
        return JSONShapes.object([
            ("meter", .string(meter.rawValue)),
            ("service", .string(definition.service.rawValue)),
            ("nature", .string(definition.nature.name)),
            ("thousandths", .number(thousandths)),
            ("unit", .string(definition.unit)),
            ("dollars", .string(cost.decimal)),
        ])
    }
}

extension CostReport.Day {
    fileprivate var json: JSON {
        JSONShapes.object([
            ("day", .string(day.description)),
            ("meter", .string(meter.rawValue)),
            ("thousandths", .number(thousandths)),
            ("dollars", .string(cost.decimal)),
        ])
    }
}

extension RaisedAlert {
    fileprivate var json: JSON {
        JSONShapes.object([
            ("threshold", .string(alert.threshold.rawValue)),
            ("dollars", .string(alert.amount.decimal)),
            ("measuredAgainst", .string(alert.limit.decimal)),
            ("hour", JSONShapes.time(alert.hour?.start)),
            ("raisedAt", JSONShapes.time(raisedAt)),
            ("toldAt", JSONShapes.time(toldAt)),
        ])
    }
}

extension Meter.Nature {
    var name: String { self == .fixed ? "fixed" : "variable" }
}
