/// Rules about the table of deliveries.
enum TableAdvice {
    /// Those that `waybill setup` makes: what they are for comes seldom and is urgent then (an address, a status after a restore).
    static let neededIndexes: Set = ["byEmail", "byStatus"]

    static func unreadIndexes(_ situation: Situation) throws(Unknown) -> Finding? {
        let indexes = try known(situation.facts.table?.indexes, "the use of each index")
        let unread = indexes.filter {
            !neededIndexes.contains($0.name) && $0.readThousandths == 0 && $0.writeThousandths > 0
        }
        guard !unread.isEmpty else { return nil }
        let written = try situation.perMonth(unread.map(\.writeThousandths).reduce(0, +))
        let all = try situation.use(.dynamoDBWriteUnits)
        let names = unread.map(\.name).sorted().joined(separator: ", ")
        return Finding(
            title: "Drop what nobody reads: index \(names)",
            saving: try situation.saving([.dynamoDBWriteUnits: max(0, all - written)]),
            evidence: "\(written / 1000) of \(all / 1000) write units a month went into it, and no query in "
                + "\(situation.facts.days) days came out",
            confidence: .medium,
            how:
                "Delete the index once you are sure that nobody needs it on a bad day. Waybill's own two are not meant.",
            meters: [.dynamoDBWriteUnits]
        )
    }

    /// DynamoDB writes in units of a kibibyte.
    static let bytesPerWriteUnit: Int64 = 1024
    /// The longest diagnostic that is kept: what a record can do without.
    static let trimmableBytes: Int64 = 300

    /// A record a little above a whole kibibyte pays for one more with every write.
    static func recordSize(_ situation: Situation) throws(Unknown) -> Finding? {
        let bytes = try known(situation.facts.table?.recordBytes, "the size of a record")
        let base = try situation.perMonth(
            known(situation.facts.table?.baseWriteThousandths, "the write units of the table without its indexes")
        )
        let units = (bytes + bytesPerWriteUnit - 1) / bytesPerWriteUnit
        let over = bytes - (units - 1) * bytesPerWriteUnit
        guard units > 1, over <= trimmableBytes else { return nil }
        let all = try situation.use(.dynamoDBWriteUnits)
        return Finding(
            title: "Make records \(over) bytes smaller",
            saving: try situation.saving([.dynamoDBWriteUnits: all - min(all, base / units)]),
            evidence: "a record has \(bytes) bytes, so each write costs \(units) units and not \(units - 1); "
                + "\(base / 1000) units a month went into the table itself",
            confidence: .medium,
            how: "Shorten the diagnostic, or keep the subject out of the record.",
            meters: [.dynamoDBWriteUnits]
        )
    }

    /// Provisioned capacity must hold the busiest second with a fifth to spare: a refused write delays an email, and DynamoDB
    /// spreads capacity over partitions unevenly.
    static let provisionedPercentOfPeak: Int64 = 120

    static func provisionedCapacity(_ situation: Situation) throws(Unknown) -> Finding? {
        let table = situation.facts.table
        let writes = capacity(try known(table?.peakWriteUnitsPerSecond, "the busiest second's write units"))
        let reads = capacity(try known(table?.peakReadUnitsPerSecond, "the busiest second's read units"))
        let onDemand = try situation.cost(situation.uses(of: [.dynamoDBWriteUnits, .dynamoDBReadUnits]))
        let provisioned = try situation.cost([
            .dynamoDBProvisionedWriteHours: writes * situation.hours * 1000,
            .dynamoDBProvisionedReadHours: reads * situation.hours * 1000,
        ])
        guard provisioned < onDemand else { return nil }
        return Finding(
            title: "Provision \(writes) write and \(reads) read capacity units instead of paying on demand",
            saving: onDemand - provisioned,
            evidence: "on demand \(onDemand.formatted) a month; the busiest second with a fifth to spare "
                + "\(provisioned.formatted)",
            confidence: .medium,
            how:
                "Switch the billing mode (once in 24 hours at most) and alarm on throttled writes. A burst larger than any "
                + "that was seen is refused at first: auto scaling takes minutes.",
            meters: [
                .dynamoDBWriteUnits, .dynamoDBReadUnits, .dynamoDBProvisionedWriteHours, .dynamoDBProvisionedReadHours,
            ]
        )
    }

    private static func capacity(_ peak: Int64) -> Int64 { (peak * provisionedPercentOfPeak + 99) / 100 }

    /// Standard-IA stores for less and reads and writes for more.
    static func tableClass(_ situation: Situation) throws(Unknown) -> Finding? {
        let writes = try situation.use(.dynamoDBWriteUnits)
        let reads = try situation.use(.dynamoDBReadUnits)
        let stored = try situation.use(.dynamoDBStorage)
        guard stored > 0 else { return nil }
        let standard = try situation.cost(
            situation.uses(of: [.dynamoDBWriteUnits, .dynamoDBReadUnits, .dynamoDBStorage])
        )
        let infrequent = try situation.cost([
            .dynamoDBInfrequentWriteUnits: writes, .dynamoDBInfrequentReadUnits: reads,
            .dynamoDBInfrequentStorage: stored,
        ])
        guard infrequent < standard else { return nil }
        return Finding(
            title: "Table class Standard-IA instead of Standard",
            saving: standard - infrequent,
            evidence: "\(try situation.standing(.dynamoDBStorage) / 1000) GB stored, \(writes / 1000) write and "
                + "\(reads / 1000) read units a month: \(standard.formatted) against \(infrequent.formatted)",
            confidence: .high,
            how:
                "UpdateTable with TableClass STANDARD_INFREQUENT_ACCESS, twice in 30 days at most; nothing else changes.",
            meters: [
                .dynamoDBWriteUnits, .dynamoDBReadUnits, .dynamoDBStorage,
                .dynamoDBInfrequentWriteUnits, .dynamoDBInfrequentReadUnits, .dynamoDBInfrequentStorage,
            ]
        )
    }
}
