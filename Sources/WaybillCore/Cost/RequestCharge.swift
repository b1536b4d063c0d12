/// How a service bills its requests. One that the service answered, with a refusal too, is billed: SQS counts every action,
/// SNS every request to its API. A 5xx is not, and of a request without an answer nobody knows.
package struct RequestCharge: Hashable, Sendable {
    /// SQS and SNS count each begun 64 KiB of payload as a request (AWS, "Amazon SQS pricing", "Amazon SNS pricing").
    package static let chunkBytes = 65_536

    package let meter: Meter
    /// The queue's or the topic's name, the namespace of metrics.
    package let resource: String
    /// Nil when a request is one, however large it is.
    package let chunk: Int?

    package init(_ meter: Meter, of resource: String, chunk: Int? = RequestCharge.chunkBytes) {
        self.meter = meter
        self.resource = resource
        self.chunk = chunk
    }

    /// The larger of request and answer counts: a receive's payload is in its answer.
    package func requests(sent: Int, received: Int) -> Int64 {
        guard let chunk else { return 1 }
        return Int64((max(sent, received, 1) + chunk - 1) / chunk)
    }
}
