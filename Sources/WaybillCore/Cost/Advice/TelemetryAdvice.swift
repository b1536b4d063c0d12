/// Rules about logs, metrics and alarms.
enum TelemetryAdvice {
    /// Levels for somebody who looks at one email: an operator needs none of their lines every day.
    static let chattyLevels = ["trace", "debug"]

    static func logVolume(_ situation: Situation) throws(Unknown) -> Finding? {
        let levels = try known(situation.facts.logs?.bytesByLevel, "the bytes of log by level")
        let chatty = chattyLevels.compactMap { level in levels[level].map { (level: level, bytes: $0) } }
        let bytes = try situation.perMonth(chatty.map(\.bytes).reduce(0, +))
        let all = try situation.use(.cloudWatchLogBytes)
        guard bytes > 0, all > 0 else { return nil }
        return Finding(
            title: "Log from level info on",
            saving: try situation.saving([.cloudWatchLogBytes: max(0, all - bytes * 1000)]),
            evidence: chatty.map { "\($0.level) \(percent($0.bytes, of: levels.values.reduce(0, +)))" }
                .joined(separator: ", ") + " of \(all / 1_000_000_000) MB of log a month",
            confidence: .high,
            how: "Set the log level back to info on every worker; for one email `waybill trace ORDER` says more.",
            meters: [.cloudWatchLogBytes]
        )
    }

    /// What happened to an email is in its record for 400 days; logs are for the last weeks' puzzles.
    static let wantedRetentionDays: Int64 = 30

    static func logRetention(_ situation: Situation) throws(Unknown) -> Finding? {
        let retention = try known(situation.facts.logs?.retention, "how long logs are kept (--log-retention)")
        switch retention {
        case .days(let days) where days <= wantedRetentionDays: return nil
        case .days, .forever: break
        }
        let stored = try situation.use(.cloudWatchLogStorage)
        let ingested = try situation.use(.cloudWatchLogBytes)
        // A gigabyte of 2^30 bytes, kept for the wanted days, is so many gigabyte-hours; taken uncompressed, so that no more
        // is promised than there is.
        let hours = Int128(ingested) * Int128(wantedRetentionDays * 24) / (1 << 30)
        let kept = Int64(clamping: min(Int128(stored), hours))
        guard kept < stored else { return nil }
        let days =
            switch retention {
            case .days(let days): "for \(days) days"
            case .forever: "for ever"
            }
        return Finding(
            title: "Keep logs for \(wantedRetentionDays) days",
            saving: try situation.saving([.cloudWatchLogStorage: kept]),
            evidence: "\(stored / situation.hours / 1000) GB are stored and kept \(days); "
                + "\(wantedRetentionDays) days of log are \(kept / situation.hours / 1000) GB",
            confidence: .medium,
            how:
                "PutRetentionPolicy with \(wantedRetentionDays) days on the log groups, unless a rule of yours wants more; "
                + "what must be kept is cheaper in S3.",
            meters: [.cloudWatchLogStorage]
        )
    }

    /// The cluster publishes 52 series (docs/metrics.md), and some of one's own are allowed for.
    static let wantedMetrics: Int64 = 65

    static func metricCount(_ situation: Situation) throws(Unknown) -> Finding? {
        try tooMany(
            .cloudWatchMetricHours,
            wanted: wantedMetrics,
            "metrics",
            "Look for dimensions that grow: a worker's identifier, an address, a tag of SES's CloudWatch destination. "
                + "Waybill's own have Environment only.",
            situation
        )
    }

    /// Enough for each promise and each part of AWS, some over several metrics, each of which is paid for.
    static let wantedAlarms: Int64 = 25

    static func alarmCount(_ situation: Situation) throws(Unknown) -> Finding? {
        try tooMany(
            .cloudWatchAlarmHours,
            wanted: wantedAlarms,
            "alarms",
            "Delete the alarms of clusters that are gone; every metric in an alarm's expression is paid for as one, so "
                + "publish the quotient instead of dividing in the alarm.",
            situation
        )
    }

    private static func tooMany(
        _ meter: Meter,
        wanted: Int64,
        _ things: String,
        _ how: String,
        _ situation: Situation
    ) throws(Unknown) -> Finding? {
        let standing = try situation.standing(meter) / 1000
        guard standing > wanted else { return nil }
        return Finding(
            title: "\(standing - wanted) \(things) fewer",
            saving: try situation.saving([meter: wanted * situation.hours * 1000]),
            evidence: "\(standing) \(things) on average; the cluster needs about \(wanted)",
            confidence: .medium,
            how: how,
            meters: [meter]
        )
    }
}
