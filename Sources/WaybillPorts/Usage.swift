package import WaybillCore

/// Something that was used and may cost money, as it happens.
package struct Usage: Hashable, Sendable {
    package var meter: Meter
    /// What of the account it was: a DynamoDB table or `table/index`, a queue's or a topic's name, the namespace of
    /// metrics; empty for what needs no telling apart (SES, hours, bytes of log).
    package var resource: String
    /// How much, in thousandths of the meter's unit (DynamoDB counts in halves).
    package var thousandths: Int64

    package init(_ meter: Meter, of resource: String = "", thousandths: Int64) {
        self.meter = meter
        self.resource = resource
        self.thousandths = thousandths
    }

    package var key: UsageKey { UsageKey(meter, of: resource) }
}

/// What use is added up by: a meter, or a fact beside the meters, and its resource.
package struct UsageKey: Hashable, Comparable, Sendable {
    package enum Subject: Hashable, Sendable {
        /// In thousandths of its unit.
        case meter(Meter)
        case fact(UseFact)
    }

    package let subject: Subject
    package let resource: String

    package init(_ meter: Meter, of resource: String = "") {
        self.subject = .meter(meter)
        self.resource = resource
    }

    package init(_ fact: UseFact, of resource: String) {
        self.subject = .fact(fact)
        self.resource = resource
    }

    package var name: String {
        switch subject {
        case .meter(let meter): meter.rawValue
        case .fact(let fact): fact.rawValue
        }
    }

    package static func < (left: UsageKey, right: UsageKey) -> Bool {
        (left.name, left.resource) < (right.name, right.resource)
    }
}

/// What a process has done so far, as its system says.
package struct ProcessLoad: Hashable, Sendable {
    /// Of all processors together, since the start.
    package var processorTime: Duration
    /// Memory that it has now, without what the system would give back.
    package var memoryBytes: Int64

    package init(processorTime: Duration, memoryBytes: Int64) {
        self.processorTime = processorTime
        self.memoryBytes = memoryBytes
    }
}

/// Where adapters report what each AWS call used. Must not wait and must not lose.
///
/// What an adapter cannot know: a call whose answer was lost may have been done and be billed, and is not reported; nor is
/// what AWS itself does with a customer's key on behalf of a call. `waybill cost reconcile` shows the difference.
package protocol UsageSink: Sendable {
    func used(_ usage: Usage)

    /// So much more of a fact that costs nothing itself.
    func saw(_ fact: UseFact, of resource: String, _ amount: Int64)
}
