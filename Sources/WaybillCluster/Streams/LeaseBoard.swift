import Synchronization
package import WaybillCore

/// What the process knows of its own lease: written by the one who renews it, read by those whose work rests on it.
package final class LeaseBoard: Sendable {
    private let machine: Mutex<LeaseMachine>

    package init(timing: LeaseMachine.Timing) {
        machine = Mutex(LeaseMachine(timing: timing))
    }

    /// The incarnation that may claim and send at this moment of the monotonic clock, nil for none.
    package func trusted(now: Duration) -> WorkerID? {
        machine.withLock { $0.trusted(now: now) }
    }

    /// The incarnation that is registered, trusted or not.
    package var registered: WorkerID? { machine.withLock { $0.registered } }

    func update<Result: Sendable>(_ body: (inout LeaseMachine) -> Result) -> Result {
        machine.withLock { body(&$0) }
    }
}
