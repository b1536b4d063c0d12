import ArgumentParser
import Foundation
import WaybillCluster
import WaybillCore
import WaybillSimulation

/// `waybill simulate --month`: what a month costs by the leader's reckoning, and the services' own count beside it.
struct SimulatedMonthOptions: ParsableArguments {
    /// As much is used as a small cluster has: what the books price by the hour beside the workers, in thousandths.
    private static let schedule: [Meter: Int64] = [
        .sesPlanHours: 1000, .cloudWatchMetricHours: 40_000, .cloudWatchAlarmHours: 20_000,
        .cloudWatchDashboardHours: 1000, .kmsKeyHours: 1000, .rdsT4gMicroHours: 2000, .rdsStorage: 40_000,
        .networkNATHours: 1000,
    ]
    /// Crossed within the month, so that alerts are told and billed.
    private static let budget = Money(dollars: 60)

    @Option(
        help: ArgumentHelp("Price this month of a calm cluster, e.g. 2027-02; --from is its seed.", valueName: "month")
    )
    var month: String?

    @Option(help: ArgumentHelp("With --month: orders on a mean day, 1 to 5000.", valueName: "n"))
    var ordersPerDay: Int64 = 300

    @Option(help: "With --month: whose what is free of the account is, this cluster's or others'.")
    var freeTier = FreeTierChoice.whole

    @Option(help: ArgumentHelp("With --month: write what the services did, a line an hour and use.", valueName: "file"))
    var usageLog: String?

    @Option(help: ArgumentHelp("With --month: the folder of price books.", valueName: "folder"))
    var prices = "ops/prices"

    func validate() throws {
        guard (1...5000).contains(ordersPerDay) else { throw ValidationError("--orders-per-day is 1 to 5000.") }
        guard month != nil || usageLog == nil else { throw ValidationError("--usage-log needs --month.") }
        guard let month, BillingMonth(month) == nil else { return }
        throw ValidationError("--month is a month like 2027-02, found '\(month)'.")
    }

    /// Nil when no month is asked for.
    func plan(seed: UInt64) throws -> MeteredMonth.Plan? {
        guard let month = month.flatMap({ BillingMonth($0) }) else { return nil }
        let choices = CostChoices(
            prices: prices,
            plan: nil,
            freeTier: freeTier.freeTier,
            budget: Self.budget,
            schedule: Self.schedule
        )
        let settings = choices.settings(books: try choices.books(), region: "us-east-1", metrics: 0)
        var plan = MeteredMonth.Plan(month: month, costs: settings)
        plan.seed = seed
        plan.ordersPerDay = ordersPerDay
        return plan
    }

    func run(_ plan: MeteredMonth.Plan) throws {
        let report = try SimulatedMonthOptions.runWatched(plan)
        if let usageLog { try write(report.book, to: usageLog) }
        Console.system.show([report.json(plan, freeTier).description])
        if let violation = report.violations.first { throw CommandFailure(.failed, "\(violation)") }
        if let trouble = report.trouble { throw CommandFailure(.failed, "costs could not be reckoned: \(trouble)") }
        guard report.pricesAsOf != nil else { throw CommandFailure(.failed, "the leader reckoned no costs") }
    }

    /// Under the tripwire, when the process was started with it.
    private static func runWatched(_ plan: MeteredMonth.Plan) throws -> MonthReport {
        let tripwire = Tripwire.loaded()
        let world = MeteredMonth(plan)
        tripwire?.arm()
        defer { tripwire?.disarm() }
        return try world.run()
    }

    private func write(_ entries: [ServiceBook.Entry], to path: String) throws {
        let text = entries.map { $0.json.description + "\n" }.joined()
        do {
            try Data(text.utf8).write(to: URL(filePath: path))
        } catch {
            throw CommandFailure(.failed, "--usage-log: \(path) cannot be written: \(error)")
        }
    }
}

extension FreeTierChoice: ExpressibleByArgument {}

extension MonthReport {
    /// The last line: the bill, and what is needed to reckon it again.
    func json(_ plan: MeteredMonth.Plan, _ freeTier: FreeTierChoice) -> JSON {
        let lines = Meter.allCases.compactMap { meter -> JSON? in
            guard let cost = costs[meter] else { return nil }
            return JSONShapes.object([
                ("meter", .string(meter.rawValue)),
                ("thousandths", .number(cost.thousandths)),
                ("dollars", .string(cost.cost.decimal)),
            ])
        }
        return JSONShapes.object([
            ("month", .string(month.description)),
            ("region", .string(plan.costs.region)),
            ("plan", JSONShapes.text(self.plan?.rawValue)),
            ("freeTier", .string(freeTier.rawValue)),
            ("pricesAsOf", JSONShapes.text(pricesAsOf?.description)),
            ("dollars", .string(total.decimal)),
            ("meters", .array(lines)),
            ("orders", .number(orders)),
            ("emails", .number(accepted)),
            ("alerts", .array(alerts.map { .string($0) })),
            ("kills", .number(kills)),
            ("repeatedFlushes", .number(repeatedFlushes)),
            ("events", .number(steps)),
            ("digest", .string(digest.description)),
        ])
    }
}
