import Foundation

/// A fault as the local AWS takes it; `ops/local-aws/local_aws/faults.py` says what each member does.
struct Fault: Sendable {
    private(set) var members: [String: any Sendable]

    /// SES accepts, and answers only after so long.
    static func sendAnswersLate(by delay: Duration, order: String, times: Int) -> Fault {
        var fault = everySendAnswersLate(by: delay)
        fault.members["delivery"] = "order-confirmation/\(order)"
        fault.members["count"] = times
        return fault
    }

    /// As ``sendAnswersLate(by:order:times:)``, for all mail.
    static func everySendAnswersLate(by delay: Duration) -> Fault {
        Fault(members: [
            "kind": "delay", "service": "ses", "operation": "SendEmail", "phase": "after",
            "ms": Int(delay / .milliseconds(1)),
        ])
    }

    /// The first write of this order's record is done, and answered only after so long.
    static func claimAnswersLate(by delay: Duration, order: String) -> Fault {
        Fault(members: [
            "kind": "delay", "service": "dynamodb", "operation": "UpdateItem", "phase": "after",
            "ms": Int(delay / .milliseconds(1)), "contains": order, "count": 1,
        ])
    }

    /// Requests stay without their effect, or without their answer, for longer than a test takes.
    static func held(service: String, operation: String, phase: String, containing text: String? = nil) -> Fault {
        var fault = Fault(members: [
            "kind": "delay", "service": service, "operation": operation, "phase": phase, "ms": 3_600_000,
        ])
        if let text { fault.members["contains"] = text }
        return fault
    }

    /// DynamoDB refuses every request for the time being.
    static var dynamoDBThrottles: Fault {
        Fault(members: [
            "kind": "error", "service": "dynamodb", "status": 400, "type": "ProvisionedThroughputExceededException",
            "message": "The level of configured provisioned throughput for the table was exceeded.",
        ])
    }

    /// SES answers 503 and accepts nothing, with this probability.
    static func sesUnavailable(probability: Double) -> Fault {
        Fault(members: [
            "kind": "error", "service": "ses", "operation": "SendEmail", "status": 503, "type": "ServiceUnavailable",
            "probability": probability,
        ])
    }

    /// SES accepts, and the connection is reset instead of an answer.
    static func sendAnswerIsLost(order: String, times: Int) -> Fault {
        Fault(members: [
            "kind": "reset", "service": "ses", "operation": "SendEmail", "phase": "after",
            "delivery": "order-confirmation/\(order)", "count": times,
        ])
    }

    /// No event about this order is published.
    static func eventsAreLost(order: String) -> Fault {
        Fault(members: ["kind": "lose", "event": "*", "delivery": "order-confirmation/\(order)"])
    }
}
