package import WaybillCore
package import WaybillPorts

/// A consumer of a queue to which a message may be given once more, out of the quarantine.
package protocol Intake: Sendable {
    /// The queue whose messages it takes.
    var queueName: String { get }

    /// Does with the body what is done with one that arrives. When it is done, what the message says is durable; when it
    /// is refused, nothing has changed. Throws when a store or the record is out of reach: to be tried again.
    func takeAgain(_ body: String, ledger: any DeliveryLedger) async throws -> OperatorResult
}

/// Who takes what.
package struct Intakes: Sendable {
    package var orders: any Intake
    package var feedback: any Intake

    package init(orders: any Intake, feedback: any Intake) {
        self.orders = orders
        self.feedback = feedback
    }
}

/// A store or the record did not answer; nothing is lost by trying again.
struct OutOfReach: Error {}
