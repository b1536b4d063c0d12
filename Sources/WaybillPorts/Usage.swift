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

/// What use is added up by.
package struct UsageKey: Hashable, Comparable, Sendable {
    package let meter: Meter
    package let resource: String

    package init(_ meter: Meter, of resource: String = "") {
        self.meter = meter
        self.resource = resource
    }

    package static func < (left: UsageKey, right: UsageKey) -> Bool {
        (left.meter.rawValue, left.resource) < (right.meter.rawValue, right.resource)
    }
}

/// Where adapters report what each AWS call used. Must not wait and must not lose.
///
/// What an adapter cannot know: a call whose answer was lost may have been done and be billed, and is not reported; nor is
/// what AWS itself does with a customer's key on behalf of a call. `waybill cost reconcile` shows the difference.
package protocol UsageSink: Sendable {
    func used(_ usage: Usage)
}
