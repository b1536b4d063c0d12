import ArgumentParser
import WaybillCore
import WaybillPorts
import WaybillPostgres

struct CostCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cost",
        abstract: "What the month has cost, is going to cost, what it is made of, and what would cost less.",
        subcommands: [
            CostMonthCommand.self, CostRecommendCommand.self, CostReconcileCommand.self, CostRefreshPricesCommand.self,
        ],
        defaultSubcommand: CostMonthCommand.self
    )
}

struct CostMonthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "month",
        abstract: "A month's costs and its forecast; what `waybill cost` alone shows.",
        discussion: """
            By list prices, from what the workers themselves counted, a minute ago. It is
            not the bill: taxes, credits and discounts are not in it. The leader prices,
            with the books in the folder WAYBILL_PRICES; what has no price is an error
            here, never zero.

            EXAMPLES
              waybill cost
              waybill cost --month 2026-10
              waybill cost --json | jq -r .forecast.dollars
              waybill cost --csv > november.csv    a row a day and meter

            Fixed is what rises with time, variable what rises with the emails. In psql:
            admin.cost_now, cost_days, cost_months, cost_hours, cost_usage, cost_alerts.
            """
    )

    @Option(help: ArgumentHelp("A month in UTC, as 2026-11; this one unless said otherwise.", valueName: "month"))
    var month: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    @Flag(help: "Print CSV.")
    var csv = false

    func validate() throws {
        guard !(json && csv) else { throw ValidationError("Name one of --json and --csv.") }
        if let month, BillingMonth(month) == nil {
            throw ValidationError("--month is a month as 2026-11, not '\(month)'.")
        }
    }

    func run() async throws {
        let console = Console.system
        let report = try await Connections.with(try await WaybillSettings.load()) { connections in
            let now = try await connections.jobs.now()
            let month = month.flatMap { BillingMonth($0) } ?? BillingDay(now).month
            let hours = month.first.firstHour..<month.next.first.firstHour
            let costs = connections.costs
            return CostReport(
                month: month,
                costs: try await costs.costs(hours),
                pricesAsOf: try await costs.pricesAsOf(hours),
                status: try await costs.status(),
                alerts: try await costs.alerts(month),
                // The leader reckons this month, and the one before once more.
                trouble: month >= BillingDay(now).month.previous ? try await costs.trouble() : nil
            )
        }
        guard !csv else {
            if let trouble = report.trouble { console.warn("these may be numbers of before: \(trouble)") }
            return print(report.csv, terminator: "")
        }
        console.show(json ? [report.json.description] : CostText(report: report).lines(console.palette))
    }
}
