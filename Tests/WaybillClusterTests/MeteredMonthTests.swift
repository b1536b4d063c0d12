import Testing
import WaybillCluster
import WaybillCore
import WaybillPorts
import WaybillSimulation

/// A day of a metered month in debug: what the workers told, beside the services' own book. A whole month is reckoned by the
/// release program and a second time in Python (`ops/test-bill`).
@Suite struct MeteredMonthTests {
    private static let workers = 2

    /// A day with its meters on.
    private static func day(lostPerThousand: UInt64, hasRestarts: Bool) throws -> MonthReport {
        let month = try #require(BillingMonth("2027-02"))
        var settings = CostSettings(books: PriceBooks(TestCosts.books), region: "us-east-1")
        settings.schedule = [.kmsKeyHours: 1000]
        settings.budget = Money(dollars: 1)
        var plan = MeteredMonth.Plan(month: month, costs: settings)
        (plan.days, plan.ordersPerDay, plan.workers) = (1, 80, workers)
        (plan.lostPerThousand, plan.hasRestarts) = (lostPerThousand, hasRestarts)
        return try MeteredMonth(plan).run()
    }

    @Test func onACalmDayTheWorkersTellExactlyWhatTheServicesDid() throws {
        let report = try Self.day(lostPerThousand: 0, hasRestarts: false)
        #expect(report.violations == [])
        #expect(report.trouble == nil)
        #expect(report.accepted > 50)
        var (told, done) = (Self.told(report), Self.done(report))
        // A poll that a worker waits for when it ends: SQS bills it, and its answer reaches nobody.
        for queue in ["orders", "feedback"] {
            told[UsageKey(.sqsRequests, of: queue), default: 0] += Int64(Self.workers) * 1000
        }
        // What is left of an hour's thousandth, and the end of a process after its last word.
        for meter in [Meter.fargateARMCPUHours, .fargateARMMemory] {
            let missing = done[UsageKey(meter), default: 0] - told[UsageKey(meter), default: 0]
            #expect((0...Int64(Self.workers) * 2).contains(missing), "\(meter)")
            (told[UsageKey(meter)], done[UsageKey(meter)]) = (nil, nil)
        }
        for key in Set(told.keys).union(done.keys).sorted() {
            #expect(told[key] == done[key], "\(key.name) \(key.resource)")
        }
        #expect(Set(done.keys.map(\.subject)).isSuperset(of: Self.meters.map { .meter($0) }))
        #expect(report.costs[.sesRecipients]?.thousandths == Int64(report.accepted) * 1000)
        // Of each email SES tells that it was sent, and what became of it.
        #expect(done[UsageKey(.snsRequests, of: "ses-feedback"), default: 0] >= Int64(report.accepted) * 2000)
    }

    @Test func aFlushWhoseAnswerWasLostCountsOnce() throws {
        let report = try Self.day(lostPerThousand: 100, hasRestarts: false)
        #expect(report.violations == [])
        #expect(report.repeatedFlushes > 100)
        let (told, done) = (Self.told(report), Self.done(report))
        for (key, thousandths) in told {
            #expect(thousandths <= done[key, default: 0], "\(key.name) \(key.resource)")
        }
        // No answer tells a process that it runs, so nothing of that is missing but the last minutes: what was counted twice
        // would show.
        let (ran, says) = (done[UsageKey(.fargateARMMemory), default: 0], told[UsageKey(.fargateARMMemory), default: 0])
        #expect(says * 100 >= ran * 99, "\(says) of \(ran)")
    }

    @Test func aKilledWorkerTakesNoMoreThanItsLastMinuteWithIt() throws {
        let report = try Self.day(lostPerThousand: 0, hasRestarts: true)
        #expect(report.violations == [])
        #expect(report.kills == 1)
        let (told, done) = (Self.told(report), Self.done(report))
        let key = UsageKey(.fargateARMMemory)
        let missing = done[key, default: 0] - told[key, default: 0]
        // A gigabyte for a minute is 17 thousandths of a gigabyte-hour; four processes ran.
        #expect((0...17 + 4 * 2).contains(missing))
    }

    private static let meters: Set<Meter> = [
        .sesRecipients, .dynamoDBWriteUnits, .dynamoDBReadUnits, .sqsRequests, .snsRequests, .cloudWatchRequests,
        .kmsKeyHours,
    ]

    private static func told(_ report: MonthReport) -> [UsageKey: Int64] {
        report.told.reduce(into: [:]) { told, use in
            guard let meter = Meter(rawValue: use.meter) else { return }
            told[UsageKey(meter, of: use.resource), default: 0] += use.thousandths
        }
    }

    /// The services' book in the meters' words.
    private static func done(_ report: MonthReport) -> [UsageKey: Int64] {
        var done: [UsageKey: Int64] = [:]
        var ran: Int64 = 0
        for entry in report.book {
            func add(_ meter: Meter, _ resource: String, _ thousandths: Int64) {
                done[UsageKey(meter, of: resource), default: 0] += thousandths
            }
            switch entry.operation {
            case .sendEmail: add(.sesRecipients, "", entry.amount * 1000)
            case .updateItem: add(.dynamoDBWriteUnits, entry.resource, entry.amount)
            case .getItem, .query, .scan: add(.dynamoDBReadUnits, entry.resource, entry.amount)
            case .receiveMessage, .deleteMessageBatch, .changeMessageVisibilityBatch, .getQueueAttributes:
                add(.sqsRequests, entry.resource, entry.amount * 1000)
            case .publish: add(.snsRequests, entry.resource, entry.amount * 1000)
            case .putMetricData: add(.cloudWatchRequests, entry.resource, entry.amount * 1000)
            case .run: ran += entry.amount
            case .stand:
                if let meter = Meter(rawValue: entry.resource) { add(meter, "", entry.amount) }
            }
        }
        // Half a processor and a gigabyte.
        let microsecondsPerThousandth: Int64 = 3_600_000
        done[UsageKey(.fargateARMCPUHours)] = ran / 2 / microsecondsPerThousandth
        done[UsageKey(.fargateARMMemory)] = ran / microsecondsPerThousandth
        return done
    }
}
