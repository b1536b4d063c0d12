import WaybillCore
package import WaybillPorts

/// Who hears of what SES publishes: each event is paid for as a publish to SNS, and SES, not Waybill, makes the call. What a
/// worker can count is what arrives.
package struct EventMeter: Sendable {
    private let usage: any UsageSink
    private let charge: RequestCharge

    /// `topic` is the name of the topic that SES publishes to.
    package init(usage: any UsageSink, topic: String) {
        self.usage = usage
        charge = RequestCharge(.snsRequests, of: topic)
    }

    /// Counts a message on its first receipt alone: one that comes again was published once. The body may be larger than what
    /// SES published, by SNS's envelope.
    func received(_ message: QueueMessage) {
        guard message.receiveCount == 1 else { return }
        let requests = charge.requests(sent: 0, received: message.body.utf8.count)
        usage.used(Usage(charge.meter, of: charge.resource, thousandths: requests * 1000))
    }

    /// Counts what kind of event it was, on the same receipt: advice about kinds rests on what they cost.
    func read(_ kind: SESEvent.Kind, in message: QueueMessage) {
        guard message.receiveCount == 1 else { return }
        usage.saw(.events, of: kind.word, 1)
    }
}
