import WaybillCore
import WaybillPorts

/// The report for people: the sums, what they are made of, and the days as a chart.
struct CostText {
    let report: CostReport

    func lines(_ palette: Palette) -> [String] {
        let trouble = report.trouble.map { [palette.paint("Costs cannot be reckoned now: \($0)", .bad), ""] } ?? []
        guard !report.lines.isEmpty else { return trouble + ["Nothing was priced in \(report.month)."] }
        return trouble + [heading(palette)] + sums.lines(palette) + [""] + meters.lines(palette) + [""]
            + chart(palette) + alerts(palette)
    }

    private func heading(_ palette: Palette) -> String {
        let region = report.status.map { ", \($0.region), SES plan \($0.plan.rawValue)" } ?? ""
        let prices = report.pricesAsOf.map { ", list prices as of \($0)" } ?? ""
        return palette.paint("\(report.month)\(region)\(prices)", .heading)
    }

    private var sums: FieldList {
        var list = FieldList()
        let parts = "fixed \(report.fixed.formatted), variable \(report.variable.formatted)"
        list.append(report.status == nil ? "cost" : "to date", "\(report.total.formatted)  (\(parts))")
        if let status = report.status {
            let range = "\(status.forecastLow.formatted) to \(status.forecastHigh.formatted)"
            list.append("forecast", "\(status.forecast.formatted)  (\(range); \(status.method))")
            let error = status.errorPercent.map { "\(Self.percent($0)) % on average" }
            list.append("its error", error ?? "not known before a month is over")
            list.append("budget", budget(status))
        }
        let per = report.total.per(1000, of: report.emails).map { ", \($0.formatted) a thousand" } ?? ""
        let more = report.variable.per(1000, of: report.emails).map { ", another thousand \($0.formatted)" } ?? ""
        list.append("emails", "\(report.emails)\(per)\(more)")
        let unverified = report.status?.unverified ?? []
        if !unverified.isEmpty {
            list.append("not looked up", "the prices of \(unverified.joined(separator: ", "))", .warning)
        }
        return list
    }

    private func budget(_ status: CostStatus) -> String? {
        guard let budget = status.budget, budget.microdollars > 0 else { return nil }
        let used = 100 * Double(report.total.microdollars) / Double(budget.microdollars)
        return "\(budget.formatted), \(Self.percent(used)) % used"
    }

    private var meters: TextTable {
        var table = TextTable([
            .init("SERVICE"), .init("METER"), .init("USED", .trailing), .init("UNIT"), .init("COST", .trailing),
            .init("NATURE"),
        ])
        for line in report.lines.sorted(by: { $0.cost > $1.cost }) {
            let definition = line.meter.definition
            table.append([
                .init(definition.service.rawValue), .init(line.meter.rawValue), .init(Self.units(line.thousandths)),
                .init(definition.unit), .init(line.cost.formatted), .init(definition.nature.name, .faint),
            ])
        }
        return table
    }

    private static let longestBar = 40

    private func chart(_ palette: Palette) -> [String] {
        let days = Dictionary(grouping: report.days, by: \.day).mapValues { $0.map(\.cost).sum }.sorted {
            $0.key < $1.key
        }
        guard let most = days.map(\.value).max(), most > .zero else { return [] }
        var table = TextTable([.init("DAY"), .init("COST", .trailing), .init("")])
        for (day, cost) in days {
            let width = Int(Double(Self.longestBar) * Double(cost.microdollars) / Double(most.microdollars))
            table.append([.init(day.description), .init(cost.formatted), .init(String(repeating: "#", count: width))])
        }
        return table.lines(palette)
    }

    private func alerts(_ palette: Palette) -> [String] {
        guard !report.alerts.isEmpty else { return [] }
        var table = TextTable([
            .init("ALERT"), .init("REACHED", .trailing), .init("OF", .trailing), .init("RAISED"), .init("TOLD"),
        ])
        for raised in report.alerts {
            table.append([
                .init(raised.alert.threshold.rawValue, .warning), .init(raised.alert.amount.formatted),
                .init(raised.alert.limit.formatted), .init(raised.raisedAt.rfc3339, .faint),
                raised.toldAt.map { .init($0.rfc3339, .faint) } ?? TextTable.absent,
            ])
        }
        return [""] + table.lines(palette)
    }

    /// Whole units without a fraction, others with three decimals.
    static func units(_ thousandths: Int64) -> String {
        let rest = String(thousandths % 1000)
        guard rest != "0" else { return String(thousandths / 1000) }
        return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest
    }

    /// With one decimal.
    static func percent(_ value: Double) -> String {
        let tenths = Int64((min(max(value, 0), 1e9) * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
