import ArgumentParser
import WaybillCore
import WaybillPorts
import WaybillPostgres

struct CostRecommendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recommend",
        abstract: "What would cost less, with dollars a month, evidence and how.",
        discussion: """
            Rules over what was counted in the last whole days, and over what only
            you know: the database's load, how long logs are kept, the network. A rule
            that lacks something says what, instead of guessing. docs/cost.md names
            the rules.
            """
    )

    @Option(help: "Over how many whole days, 7 to 90.")
    var days = 30

    @Option(name: .customLong("database-cpu"), help: "RDS's CPUUtilization in its busiest hour, in percent.")
    var databaseCPU: Int?

    @Option(help: "Of the database's memory, what its busiest hour used, in percent.")
    var databaseMemory: Int?

    @Option(help: "For how many days CloudWatch keeps the logs, or forever.")
    var logRetention: LogRetentionOption?

    @Option(help: "In how many availability zones workers run, 1 to 6.")
    var zones: Int?

    @Flag(name: .customLong("only-aws"), help: "With --zones: the workers call nothing outside of AWS.")
    var onlyAWS = false

    @Flag(help: "Print one JSON object: recommendations, silences.")
    var json = false

    func validate() throws {
        guard (7...90).contains(days) else { throw ValidationError("--days is 7 to 90.") }
        for (name, value) in [("--database-cpu", databaseCPU), ("--database-memory", databaseMemory)] {
            guard (0...100).contains(value ?? 0) else { throw ValidationError("\(name) is 0 to 100 percent.") }
        }
        guard (1...6).contains(zones ?? 1) else { throw ValidationError("--zones is 1 to 6.") }
        guard !onlyAWS || zones != nil else { throw ValidationError("--only-aws needs --zones.") }
    }

    func run() async throws {
        let console = Console.system
        let advice = try await Connections.with(try await WaybillSettings.load()) { connections in
            let today = BillingDay(try await connections.jobs.now())
            let pricing = try await connections.pricing(of: today.month, today: today)
            return Advisor.advise(try await facts(connections, today), pricing: pricing)
        }
        console.show(json ? [advice.json.description] : AdviceText(advice: advice).lines(console.palette))
    }

    /// What the tables know, of days of which all of it is known.
    private func facts(_ connections: Connections, _ today: BillingDay) async throws -> MeasuredFacts {
        let first = today.advanced(by: -days)
        let known = try await connections.costs.days(from: first).filter { $0.day < today }
        let processes = try await connections.costs.processFacts(first.firstHour..<today.firstHour)
        let start = CountedFacts.start(use: known.first?.day, processes: processes.map(\.hour).min()?.day, today: today)
        let hours = start.firstHour..<today.firstHour
        let counted = CountedFacts(
            resources: try await connections.costs.resources(hours),
            facts: try await connections.costs.facts(hours),
            processes: processes.filter { hours.contains($0.hour) }
        )
        return MeasuredFacts(
            days: today.number - start.number,
            usage: try await connections.usage(hours),
            counted: counted,
            told: told,
            table: connections.names.table
        )
    }

    private var told: ToldFacts {
        ToldFacts(
            databaseCPUPercent: databaseCPU.map { Int64($0) },
            databaseMemoryPercent: databaseMemory.map { Int64($0) },
            logRetention: logRetention?.retention,
            zones: zones.map { Int64($0) },
            callsOnlyAWS: onlyAWS
        )
    }
}

/// `forever`, or a number of days.
struct LogRetentionOption: ExpressibleByArgument {
    let retention: MeasuredFacts.Logs.Retention

    init?(argument: String) {
        if argument == "forever" {
            retention = .forever
        } else {
            guard let days = Int64(argument), (1...3653).contains(days) else { return nil }
            retention = .days(days)
        }
    }
}

struct AdviceText {
    let advice: Advice

    func lines(_ palette: Palette) -> [String] {
        var lines = [palette.paint("By list prices as of \(advice.pricesAsOf)", .heading), ""]
        if advice.recommendations.isEmpty { lines.append("Nothing was found that would save a dollar a month.") }
        for recommendation in advice.recommendations {
            lines.append(
                palette.paint("\(recommendation.saving.formatted) a month", .good) + "  \(recommendation.title)"
            )
            var list = FieldList()
            list.append("evidence", recommendation.evidence)
            list.append("confidence", recommendation.confidence.rawValue)
            list.append("how", recommendation.how)
            lines += list.lines(palette) + [""]
        }
        guard !advice.silences.isEmpty else { return lines }
        lines += ["", palette.paint("Not judged", .heading)]
        var list = FieldList()
        for silence in advice.silences { list.append(silence.topic.rawValue, silence.reason, .faint) }
        return lines + list.lines(palette)
    }
}
