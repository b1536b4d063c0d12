import ArgumentParser
import WaybillCore
import WaybillPorts
import WaybillPostgres

struct CostRecommendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recommend",
        abstract: "What would cost less, with dollars a month, evidence and how.",
        discussion: """
            Rules over what was counted in the last whole days. A rule that would need what
            nobody measures here (the processors' load, the kinds of SES events) says so
            instead of guessing. docs/cost.md names the rules.
            """
    )

    @Option(help: "Over how many whole days, 7 to 90.")
    var days = 30

    @Flag(help: "Print one JSON object: recommendations, silences.")
    var json = false

    func validate() throws {
        guard (7...90).contains(days) else { throw ValidationError("--days is 7 to 90.") }
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

    /// What the tables know. Days before the first use are not counted.
    private func facts(_ connections: Connections, _ today: BillingDay) async throws -> MeasuredFacts {
        let first = today.advanced(by: -days)
        let known = try await connections.costs.days(from: first).filter { $0.day < today }
        let start = known.first?.day ?? today
        let hours = start.firstHour..<today.firstHour
        let usage = try await connections.usage(hours)
        var facts = MeasuredFacts(
            days: today.number - start.number,
            usage: usage,
            emails: (usage[.sesRecipients] ?? 0) / 1000
        )
        facts.table = Self.table(try await connections.costs.resources(hours), connections.names.table)
        return facts
    }

    private static func table(_ uses: [ResourceUse], _ name: String) -> MeasuredFacts.Table {
        var table = MeasuredFacts.Table()
        let writes = uses.filter { $0.meter == Meter.dynamoDBWriteUnits.rawValue }
        table.baseWriteThousandths = writes.first { $0.resource == name }?.thousandths
        return table
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
