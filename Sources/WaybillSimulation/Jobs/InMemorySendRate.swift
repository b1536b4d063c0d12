import Synchronization
package import WaybillCore
package import WaybillPorts

/// The cluster's send rate, breaker and pause in memory.
package final class InMemorySendRate: SendRateSource {
    private let machine: Mutex<SendControlMachine?>
    private let clock: @Sendable () -> Timestamp
    private let leads: @Sendable (LeaderFence) -> Bool

    /// Without limits it answers as a database in which none were ever set. `leads` says whether a term is in force.
    package init(
        _ limits: SendLimits?,
        leads: @escaping @Sendable (LeaderFence) -> Bool = { _ in true },
        clock: @escaping @Sendable () -> Timestamp
    ) {
        self.leads = leads
        machine = Mutex(limits.map { SendControlMachine($0, now: clock()) })
        self.clock = clock
    }

    package func slots(_ count: Int, for worker: WorkerID) throws(StoreError) -> SendSlots {
        let now = clock()
        let slots = machine.withLock { $0?.take(count, for: worker, now: now) }
        guard let slots else { throw .noRate }
        return slots
    }

    package func hear(_ news: SendNews, from worker: WorkerID) throws(StoreError) {
        let now = clock()
        let isThere = machine.withLock { machine in
            machine?.hear(news.kept, from: worker, now: now)
            return machine != nil
        }
        guard isThere else { throw .noRate }
    }

    package func begin(_ limits: SendLimits) throws(StoreError) {
        let now = clock()
        machine.withLock { $0 = $0 ?? SendControlMachine(limits, now: now) }
    }

    package func update(_ limits: SendLimits, fence: LeaderFence?) throws(StoreError) {
        if let fence, !leads(fence) { throw .deposed }
        let now = clock()
        var limits = limits
        limits.hold = limits.hold.map { SendHold($0.cause, detail: $0.detail.withoutNUL) }
        machine.withLock { [limits] machine in
            var changed = machine ?? SendControlMachine(limits, now: now)
            changed.update(limits, now: now)
            machine = changed
        }
    }

    package func pause(by name: String, reason: String, askedAt: Timestamp?) throws(StoreError) -> Bool {
        let now = clock()
        return machine.withLock { machine in
            machine?.pause(by: name.withoutNUL, reason: reason.withoutNUL, askedAt: askedAt, now: now) ?? false
        }
    }

    package func resume() throws(StoreError) {
        machine.withLock { $0?.resume() }
    }

    package func state() throws(StoreError) -> SendControlState? {
        machine.withLock { $0?.state }
    }

    package func set(ceiling: Int64?) {
        machine.withLock { $0?.set(ceiling: ceiling) }
    }
}

extension SendNews {
    /// As a store keeps it.
    fileprivate var kept: SendNews {
        switch self {
        case .accepted, .throttled, .unknown, .unused: self
        case .blocked(let cause, let detail): .blocked(cause, detail: detail.withoutNUL)
        }
    }
}

extension StoreError {
    fileprivate static let noRate = StoreError(.rejected, sqlState: "P0002", "no send rate is set")
}
