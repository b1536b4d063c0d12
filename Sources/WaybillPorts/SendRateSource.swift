package import WaybillCore

/// The cluster's send rate.
package protocol SendRateSource: Sendable {
    /// Asks for up to `count` send slots, at least 1.
    func slots(_ count: Int) async throws(StoreError) -> SendSlots
    /// SES said 429: everybody slows down.
    func throttled() async throws(StoreError)
}

/// Who leads.
package protocol LeadershipStore: Sendable {
    /// Stands for a role, or renews what is held: the term when `holder` leads it now, nil when another does.
    func campaign(role: String, holder: WorkerID) async throws(StoreError) -> Term?
    func resign(role: String, holder: WorkerID, term: Term) async throws(StoreError)
}

/// Rises with every change of leader.
package struct Term: Hashable, Comparable, Sendable {
    package let number: Int64

    package init(_ number: Int64) {
        self.number = number
    }

    package static func < (left: Term, right: Term) -> Bool { left.number < right.number }
}

/// Everything that was used and may cost money, as it happens.
package struct Usage: Hashable, Sendable {
    /// What was used: `ses.recipients`, `dynamodb.write-units`, `sqs.requests`, ...
    package var meter: String
    /// How much, in thousandths of the meter's unit (DynamoDB counts in halves).
    package var thousandths: Int64

    package init(meter: String, thousandths: Int64) {
        self.meter = meter
        self.thousandths = thousandths
    }
}

/// Where adapters report what each AWS call used. Must not wait and must not lose.
package protocol UsageSink: Sendable {
    func used(_ usage: Usage)
}
