import Synchronization
package import WaybillCore
package import WaybillPorts

/// What the process knows of its own lease: written by the one who renews it, read by those whose work rests on it.
package final class LeaseBoard: Sendable {
    private let machine: Mutex<LeaseMachine>
    private let inHand = Mutex(0)
    private let freed = Mutex(0)
    private let orders = Mutex(WorkerOrders())

    package init(timing: LeaseMachine.Timing) {
        machine = Mutex(LeaseMachine(timing: timing))
    }

    /// The incarnation that may claim and send at this moment of the monotonic clock, nil for none.
    package func trusted(now: Duration) -> WorkerID? {
        machine.withLock { $0.trusted(now: now) }
    }

    /// The incarnation that is registered, trusted or not.
    package var registered: WorkerID? { machine.withLock { $0.registered } }

    /// How many jobs are claimed and not settled: each renewal says it, for operators.
    package var jobsInHand: Int {
        get { inHand.withLock { $0 } }
        set { inHand.withLock { $0 = newValue } }
    }

    /// How many jobs of lost workers this process has freed.
    package var jobsFreed: Int {
        get { freed.withLock { $0 } }
        set { freed.withLock { $0 = newValue } }
    }

    /// What operators ask of this worker, as the last renewal said.
    package var standingOrders: WorkerOrders {
        get { orders.withLock { $0 } }
        set { orders.withLock { $0 = newValue } }
    }

    func update<Result: Sendable>(_ body: (inout LeaseMachine) -> Result) -> Result {
        machine.withLock { body(&$0) }
    }
}
