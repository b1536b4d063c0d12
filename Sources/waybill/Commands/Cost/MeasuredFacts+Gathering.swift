import WaybillCore
import WaybillPorts

/// What only an operator knows.
struct ToldFacts: Hashable, Sendable {
    /// Of RDS's busiest hour, in percent.
    var databaseCPUPercent: Int64?
    var databaseMemoryPercent: Int64?
    var logRetention: MeasuredFacts.Logs.Retention?
    /// In how many availability zones workers run.
    var zones: Int64?
    /// They call nothing but AWS.
    var callsOnlyAWS = false
}

/// What the tables hold of some days.
struct CountedFacts: Hashable, Sendable {
    var resources: [ResourceUse]
    var facts: [FactSum]
    var processes: [ProcessFact]

    /// The day from which on all is counted, from the first days of use and of facts: a version before facts were counted
    /// told its use alone, and the day of its upgrade is half a day.
    static func start(use: BillingDay?, processes: BillingDay?, today: BillingDay) -> BillingDay {
        guard let use else { return today }
        guard let processes else { return use }
        return processes > use ? min(processes.advanced(by: 1), today) : use
    }
}

extension MeasuredFacts {
    /// `usage` is what `counted.resources` says, by meter; `table` the name of the table of deliveries.
    init(days: Int, usage: [Meter: Int64], counted: CountedFacts, told: ToldFacts, table: String) {
        self.init(days: days, usage: usage, emails: (usage[.sesRecipients] ?? 0) / 1000)
        receives = Self.receives(counted.facts)
        feedback = Self.sums(.events, counted.facts)
        self.table = Self.table(counted, table)
        let levels = Self.sums(.logBytes, counted.facts)
        if levels != nil || told.logRetention != nil {
            logs = Logs(bytesByLevel: levels, retention: told.logRetention)
        }
        workers = Self.workers(counted.processes, usage)
        if told.databaseCPUPercent != nil || told.databaseMemoryPercent != nil {
            database = Database(
                peakCPUPercent: told.databaseCPUPercent,
                peakMemoryPercent: told.databaseMemoryPercent
            )
        }
        network = told.zones.map {
            Network(zones: $0, services: Self.services(usage), callsOnlyAWS: told.callsOnlyAWS)
        }
    }

    /// By resource; nil when nothing was counted.
    private static func sums(_ fact: UseFact, _ facts: [FactSum]) -> [String: Int64]? {
        let rows = facts.filter { $0.fact == fact }
        return rows.isEmpty ? nil : Dictionary(rows.map { ($0.resource, $0.amount) }) { $0 + $1 }
    }

    private static func receives(_ facts: [FactSum]) -> Receives? {
        guard let calls = sums(.receives, facts) else { return nil }
        let empty = sums(.emptyReceives, facts) ?? [:]
        return Receives(
            queues: Int64(calls.count),
            calls: calls.values.reduce(0, +),
            empty: empty.values.reduce(0, +)
        )
    }

    private static func table(_ counted: CountedFacts, _ name: String) -> Table {
        let writes = units(.dynamoDBWriteUnits, counted.resources)
        let reads = units(.dynamoDBReadUnits, counted.resources)
        let indexes = writes.keys.filter { $0.hasPrefix("\(name)/") }.sorted()
        var table = Table()
        table.baseWriteThousandths = writes[name]
        if !indexes.isEmpty {
            table.indexes = indexes.map {
                let index = String($0.dropFirst(name.count + 1))
                return Table.Index(
                    name: index,
                    writeThousandths: writes[$0] ?? 0,
                    readThousandths: reads[$0] ?? 0
                )
            }
        }
        if let records = sums(.records, counted.facts)?[name], records > 0 {
            let bytes = sums(.recordBytes, counted.facts)?[name] ?? 0
            table.recordBytes = (bytes + records - 1) / records
        }
        table.peakWriteUnitsPerSecond = peak(.peakWriteUnits, counted.processes)
        table.peakReadUnitsPerSecond = peak(.peakReadUnits, counted.processes)
        return table
    }

    private static func units(_ meter: Meter, _ uses: [ResourceUse]) -> [String: Int64] {
        Dictionary(uses.filter { $0.meter == meter.rawValue }.map { ($0.resource, $0.thousandths) }) { $0 + $1 }
    }

    /// Whole units of the busiest hour: the busiest seconds of all its processes together, which no second exceeded.
    private static func peak(_ fact: UseFact, _ processes: [ProcessFact]) -> Int64? {
        processes.filter { $0.fact == fact }.map(\.amount).max().map { ($0 + 999) / 1000 }
    }

    private static let millisecondsPerHour: Int64 = 3_600_000

    /// Nil when nobody said how large a worker is (`WAYBILL_WORKER_CPU`): then no processor is paid for.
    private static func workers(_ processes: [ProcessFact], _ usage: [Meter: Int64]) -> Workers? {
        let hours = Dictionary(grouping: processes, by: \.hour).sorted { $0.key < $1.key }.map { Hour($0.value) }
        let ran = hours.map(\.ran).reduce(0, +)
        guard ran > 0, let busiest = hours.max(by: { $0.used < $1.used }) else { return nil }
        let each = { (meters: [Meter]) -> Int64 in
            let used = meters.compactMap { usage[$0] }.reduce(0, +)
            return ((Int128(used) * Int128(millisecondsPerHour) + Int128(ran / 2)) / Int128(ran)).clamped
        }
        let processor = each([.fargateX86CPUHours, .fargateARMCPUHours])
        let gigabytes = each([.fargateX86Memory, .fargateARMMemory])
        guard processor > 0, gigabytes > 0 else { return nil }
        let most = hours.map(\.mostUsed).max() ?? 0
        return Workers(
            count: (busiest.ran + millisecondsPerHour - 1) / millisecondsPerHour,
            hourlyThousandths: hours.map { $0.ran * 1000 / millisecondsPerHour },
            cpuThousandths: processor,
            peakCPUPercent: percent(busiest.used * 1000, of: Int128(busiest.ran) * Int128(processor)),
            busiestCPUPercent: percent(most * 1000, of: Int128(millisecondsPerHour) * Int128(processor)),
            largestMemoryPercent: percent(
                hours.map(\.largestMemory).max() ?? 0,
                of: (Int128(gigabytes) << 30) / 1000
            )
        )
    }

    /// Rounded up: what is nearly full is full.
    private static func percent(_ part: Int64, of all: Int128) -> Int64 {
        all > 0 ? ((Int128(part) * 100 + all - 1) / all).clamped : 0
    }

    /// An hour of all processes, in milliseconds and bytes.
    private struct Hour {
        var ran: Int64 = 0
        var used: Int64 = 0
        var mostUsed: Int64 = 0
        var largestMemory: Int64 = 0

        init(_ facts: [ProcessFact]) {
            for fact in facts {
                switch fact.fact {
                case .runTime: ran = fact.amount
                case .processorTime: (used, mostUsed) = (fact.amount, fact.largest)
                case .memoryPeak: largestMemory = fact.largest
                default: break
                }
            }
        }
    }

    /// Fargate pulls images through two endpoints of ECR (and S3's gateway, which costs nothing). From memory of Fargate's guide.
    private static let imageEndpoints: Int64 = 2

    /// Those that were called, of those that have interface endpoints.
    private static func services(_ usage: [Meter: Int64]) -> Int64 {
        let called: [Meter] = [.sesRecipients, .sqsRequests, .snsRequests, .cloudWatchRequests, .cloudWatchLogBytes]
        return imageEndpoints + Int64(called.count { usage[$0] ?? 0 > 0 })
    }
}

extension Int128 {
    fileprivate var clamped: Int64 { Int64(clamping: self) }
}
