/// Rules about SQS and SNS.
enum QueueAdvice {
    /// A long poll waits 20 seconds at most, so one poller of a silent queue asks three times a minute.
    static let pollsPerMinute: Int64 = 3

    /// What one long poller a queue would ask for is the least there can be; what comes in between makes it fewer.
    static func emptyReceives(_ situation: Situation) throws(Unknown) -> Finding? {
        let receives = try known(situation.facts.receives, "the number of empty receives")
        let empty = try situation.perMonth(receives.empty)
        let least = receives.queues * pollsPerMinute * 60 * situation.hours
        let requests = try situation.use(.sqsRequests)
        let excess = min((empty - least) * 1000, requests)
        guard excess > 0 else { return nil }
        return Finding(
            title: "Ask empty queues less often",
            saving: try situation.saving([.sqsRequests: requests - excess]),
            evidence: "\(empty) of \(try situation.perMonth(receives.calls)) receives a month brought nothing "
                + "(\(percent(receives.empty, of: receives.calls))); one long poller for each of \(receives.queues) "
                + "queues makes \(least) at most",
            confidence: .high,
            how:
                "Receive with WaitTimeSeconds 20, run fewer workers in quiet hours, or give ingest and feedback to some "
                + "workers only (WAYBILL_ROLES).",
            meters: [.sqsRequests]
        )
    }

    /// What Waybill acts on. Source: `AWSSetup`'s configuration set.
    static let neededKinds: Set = ["Send", "Delivery", "DeliveryDelay", "Bounce", "Complaint", "Reject"]
    /// An event is received and deleted, in batches of ten at best: a fifth of a request, in thousandths. What batches are
    /// not full comes on top, so the saving is the least there is.
    static let queueThousandthsPerEvent: Int64 = 200

    /// Every event is a publish of SNS and its share of two calls of SQS.
    static func feedbackKinds(_ situation: Situation) throws(Unknown) -> Finding? {
        let feedback = try known(situation.facts.feedback, "the number of SES events by kind")
        let needless = feedback.filter { !neededKinds.contains($0.key) && $0.value > 0 }
        let events = try situation.perMonth(needless.values.reduce(0, +))
        guard events > 0 else { return nil }
        let published = try situation.use(.snsRequests)
        let queued = try situation.use(.sqsRequests)
        let kinds = needless.sorted { $0.key < $1.key }
        return Finding(
            title: "Do not publish \(kinds.map(\.key).joined(separator: ", ")) events",
            saving: try situation.saving([
                .snsRequests: max(0, published - events * 1000),
                .sqsRequests: max(0, queued - events * queueThousandthsPerEvent),
            ]),
            evidence: kinds.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
                + " in \(situation.facts.days) days, and nothing acts on them",
            confidence: .high,
            how: "Take the kinds out of the configuration set's event destination; `waybill setup` sets those that are "
                + "needed: \(neededKinds.sorted().joined(separator: ", ")).",
            meters: [.snsRequests, .sqsRequests]
        )
    }
}
