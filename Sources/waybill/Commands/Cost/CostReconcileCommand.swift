import ArgumentParser
import WaybillAWS
import WaybillCore
import WaybillPorts
import WaybillPostgres

struct CostReconcileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Compare what was counted with what AWS asks for, meter by meter.",
        discussion: """
            Asks Cost Explorer (ce:GetCostAndUsage) for a month's whole days by usage type;
            each page of the answer costs a cent, which is shown. Cost Explorer knows a day
            about 24 hours late. Other users of the account are in its sums.
            """
    )

    @Option(help: ArgumentHelp("A month in UTC, as 2026-11; this one unless said otherwise.", valueName: "month"))
    var month: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        if let month, BillingMonth(month) == nil {
            throw ValidationError("--month is a month as 2026-11, not '\(month)'.")
        }
    }

    func run() async throws {
        let console = Console.system
        let reconciliation = try await Connections.with(try await WaybillSettings.load(), tellsUse: true) {
            connections in
            let today = BillingDay(try await connections.jobs.now())
            let month = month.flatMap { BillingMonth($0) } ?? today.month
            let last = min(month.last, today.advanced(by: -1))
            guard last >= month.first else {
                throw CommandFailure(.failed, "\(month) has no whole day yet: try tomorrow, or name another --month.")
            }
            let pricing = try await connections.pricing(of: month, today: today)
            let usage = try await connections.usage(month.first.firstHour..<last.advanced(by: 1).firstHour)
            let region = connections.aws.configuration.region
            let query = CostExplorerQuery(from: month.first, through: last, region: region)
            let answers = try await connections.aws.costExplorer().answers(query)
            return try Reconciliation(bill: try pricing.bill(usage), answers: answers, pricing: pricing)
        }
        let lines = ReconciliationText(reconciliation: reconciliation).lines(console.palette)
        console.show(json ? [reconciliation.json.description] : lines)
    }
}

struct ReconciliationText {
    let reconciliation: Reconciliation

    func lines(_ palette: Palette) -> [String] {
        let state = reconciliation.isEstimated ? "; AWS's numbers are estimates still" : ""
        var lines = [palette.paint("Counted at list prices as of \(reconciliation.pricesAsOf)\(state)", .heading), ""]
        var table = TextTable([
            .init("METER"), .init("COUNTED", .trailing), .init("AWS", .trailing), .init("DIFFERENCE", .trailing),
            .init("%", .trailing),
        ])
        for line in reconciliation.lines {
            table.append([
                .init(line.meter.rawValue), Self.amount(line.ours), Self.amount(line.theirs),
                .init(line.difference.formatted), Self.percent(line.differencePercent),
            ])
        }
        lines += table.lines(palette)
        lines += ["", "counted \(reconciliation.ours.formatted), AWS \(reconciliation.theirs.formatted)"]
        lines.append("this question cost \(reconciliation.ownCost.formatted)")
        guard !reconciliation.uncounted.isEmpty else { return lines }
        lines += ["", palette.paint("Paid for, and no meter counts it", .heading)]
        var others = TextTable([.init("SERVICE"), .init("USAGE TYPE"), .init("AWS", .trailing)])
        for line in reconciliation.uncounted {
            others.append([.init(line.service), .init(line.usageType), .init(line.cost.formatted)])
        }
        return lines + others.lines(palette)
    }

    private static func amount(_ money: Money?) -> TextTable.Cell {
        money.map { .init($0.formatted) } ?? TextTable.absent
    }

    private static func percent(_ value: Double?) -> TextTable.Cell {
        guard let value else { return TextTable.absent }
        return .init((value < 0 ? "-" : "") + CostText.percent(value.magnitude))
    }
}
