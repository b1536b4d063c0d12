import Testing
import WaybillCore

/// The tables of docs/cost.md: three clusters and what a month of 30 days uses in each.
struct CostDocument {
    /// What the three differ in; the rest follows from the number of emails.
    struct Cluster {
        let name: String
        let emailsPerDay: Int64
        let workers: Int64
        let cpuThousandths: Int64
        let database: Meter
        let databaseGigabytes: Int64
        let gateways: Int64
        /// How many messages a receive brings: the busier, the fuller.
        let batch: Int64

        var emails: Int64 { emailsPerDay * 30 }
    }

    static let clusters = [
        Cluster(
            name: "2,000 a day",
            emailsPerDay: 2000,
            workers: 2,
            cpuThousandths: 250,
            database: .rdsT4gMicroHours,
            databaseGigabytes: 20,
            gateways: 1,
            batch: 1
        ),
        Cluster(
            name: "100,000 a day",
            emailsPerDay: 100_000,
            workers: 2,
            cpuThousandths: 500,
            database: .rdsT4gSmallHours,
            databaseGigabytes: 50,
            gateways: 2,
            batch: 2
        ),
        Cluster(
            name: "10 million a day",
            emailsPerDay: 10_000_000,
            workers: 8,
            cpuThousandths: 1000,
            database: .rdsT4gMediumHours,
            databaseGigabytes: 500,
            gateways: 2,
            batch: 10
        ),
    ]

    let pricing: MonthPricing

    /// Thousandths of each meter's unit in the month.
    static func usage(_ cluster: Cluster) -> [Meter: Int64] {
        byEmail(cluster).merging(byHour(cluster)) { $1 }
    }

    private static func byEmail(_ cluster: Cluster) -> [Meter: Int64] {
        let emails = cluster.emails
        // Order, Send and Delivery, each received and deleted in batches, and empty long polls of two queues all month.
        let calls = emails * 3 * 2 / cluster.batch + cluster.workers * 2 * 3 * 43_200
        return [
            .sesRecipients: emails * 1000,
            .dynamoDBWriteUnits: emails * 11_000,
            .dynamoDBReadUnits: emails * 10,
            .snsRequests: emails * 3030,
            .sqsRequests: calls * 1000,
            .cloudWatchLogBytes: emails * 300 * 1000,
            .networkNATBytes: emails * 30_000 * 1000,
            .kmsRequests: 100_000_000,
            .cloudWatchRequests: cluster.workers * 43_200 * 1000,
            .costExplorerRequests: 30_000,
        ]
    }

    private static func byHour(_ cluster: Cluster) -> [Meter: Int64] {
        let allMonth = { (count: Int64) in AdviceFixture.allMonth(count) }
        return [
            .sesPlanHours: allMonth(1),
            // 400 days of records of 1,600 bytes with their indexes, in thousandths of a gigabyte.
            .dynamoDBStorage: allMonth(cluster.emailsPerDay * 400 * 1600 / 1_000_000) / 1000,
            .cloudWatchMetricHours: allMonth(52),
            .cloudWatchAlarmHours: allMonth(20),
            .cloudWatchDashboardHours: allMonth(1),
            .cloudWatchLogStorage: allMonth(cluster.emails * 300 / 1_000_000) / 1000,
            .kmsKeyHours: allMonth(1),
            .fargateARMCPUHours: allMonth(cluster.workers * cluster.cpuThousandths) / 1000,
            .fargateARMMemory: allMonth(2 * cluster.workers * cluster.cpuThousandths) / 1000,
            cluster.database: allMonth(2),
            .rdsStorage: allMonth(2 * cluster.databaseGigabytes),
            .networkNATHours: allMonth(cluster.gateways),
        ]
    }

    func bills() throws -> [Bill] { try Self.clusters.map { try pricing.bill(Self.usage($0)) } }

    /// A row for each meter that any of them uses, and their sums.
    func costs() throws -> [String] {
        let bills = try bills()
        let rows = Meter.allCases.compactMap { meter -> String? in
            let lines = bills.map { bill in bill.lines.first { $0.meter == meter } }
            guard lines.contains(where: { $0 != nil }) else { return nil }
            let nature = meter.definition.nature == .fixed ? "fixed" : "variable"
            return Self.row(["`\(meter.rawValue)`", nature] + lines.map { $0?.cost.formatted ?? "" })
        }
        return Self.head(["meter", "nature"]) + rows + [
            Self.row(["**fixed**", ""] + bills.map(\.fixed.formatted)),
            Self.row(["**variable**", ""] + bills.map(\.variable.formatted)),
            Self.row(["**all**", ""] + bills.map(\.total.formatted)),
            Self.row(["a thousand emails", ""] + bills.map { $0.perThousandEmails?.formatted ?? "" }),
            Self.row(["another thousand", ""] + bills.map { $0.variablePerThousandEmails?.formatted ?? "" }),
        ]
    }

    /// What SES alone costs in each plan that is priced.
    func plans() throws -> [String] {
        let plans = [SESPlan.essentials, .aLaCarte, .pro]
        return try Self.head(["SES plan"])
            + plans.map { plan in
                let other = MonthPricing(
                    month: pricing.month,
                    book: pricing.book,
                    plan: plan,
                    freeTier: pricing.freeTier
                )
                let costs = try Self.clusters.map { cluster in
                    try other.bill(Self.usage(cluster).filter { $0.key.definition.service == .ses }).total.formatted
                }
                return Self.row([plan.rawValue] + costs)
            }
    }

    /// What the rules find in these months with nothing measured but the use.
    func recommendations() throws -> [String] {
        let advice = Self.clusters.map { cluster in
            let facts = MeasuredFacts(days: 30, usage: Self.usage(cluster), emails: cluster.emails)
            return Advisor.advise(facts, pricing: pricing).recommendations
        }
        let topics = Recommendation.Topic.allCases.filter { topic in advice.joined().contains { $0.topic == topic } }
        return Self.head(["recommendation"])
            + topics.map { topic in
                let savings = advice.map { own in own.first { $0.topic == topic }?.saving.formatted ?? "" }
                return Self.row(["`\(topic.rawValue)`"] + savings)
            }
    }

    /// The meters of the tables by what their prices rest on.
    func evidence() throws -> [String] {
        let used = Set(try bills().flatMap(\.lines).map(\.meter))
        let rates = try Meter.allCases.filter(used.contains).map { try pricing.book.rate($0, plan: pricing.plan) }
        return Self.row(["evidence", "meters"]).table
            + Rate.Evidence.allCases.compactMap { evidence in
                let names = rates.filter { $0.evidence == evidence }.map { "`\($0.meter.rawValue)`" }
                return names.isEmpty ? nil : Self.row([evidence.rawValue, names.joined(separator: ", ")])
            }
    }

    private static func head(_ first: [String]) -> [String] { row(first + clusters.map(\.name)).table }

    private static func row(_ cells: [String]) -> String { "| \(cells.joined(separator: " | ")) |" }
}

extension String {
    /// The head of a table with the line below it.
    fileprivate var table: [String] {
        [self, "|" + String(repeating: "---|", count: split(separator: "|").count)]
    }
}
