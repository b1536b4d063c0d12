/// A worker process's lease: one incarnation after the other. The store's clock decides who lives; this machine decides,
/// by this process's monotonic clock, until when it may believe that it does, which ends earlier.
package struct LeaseMachine: Hashable, Sendable {
    package struct Timing: Hashable, Sendable {
        /// How long the store grants a lease.
        package var lease: Duration
        /// How often it is renewed.
        package var renewal: Duration
        /// How much earlier than the lease the trust ends, for clocks that run at different speeds.
        package var margin: Duration

        package init(
            lease: Duration = .seconds(10),
            renewal: Duration = .seconds(3),
            margin: Duration = .seconds(1)
        ) {
            self.lease = lease
            self.renewal = renewal
            self.margin = margin
        }
    }

    package enum Action: Hashable, Sendable {
        /// Register this new incarnation.
        case register(WorkerID)
        case renew(WorkerID)
    }

    private enum State: Hashable, Sendable {
        /// No incarnation: the next step makes one.
        case none
        /// The store is being asked for a new incarnation. To `held`, or back to `none`.
        case registering(WorkerID)
        /// To `none` once a renewal finds no row, to `registering` once none was answered for a whole lease.
        case held(WorkerID, trustedUntil: Duration)
    }

    private let timing: Timing
    private var state = State.none

    package init(timing: Timing) {
        self.timing = timing
    }

    /// The incarnation that may claim and send now, by the monotonic clock; nil when none is trusted.
    package func trusted(now: Duration) -> WorkerID? {
        guard case .held(let worker, let trustedUntil) = state, now < trustedUntil else { return nil }
        return worker
    }

    /// When the trust in the lease ends, by the monotonic clock; nil when there is none.
    package var trustedUntil: Duration? {
        guard case .held(_, let trustedUntil) = state else { return nil }
        return trustedUntil
    }

    /// The incarnation that is registered, trusted or not.
    package var registered: WorkerID? {
        guard case .held(let worker, _) = state else { return nil }
        return worker
    }

    /// The next step; to be taken every `renewal`. An incarnation that heard nothing for a whole lease is over: should its
    /// renewals arrive while their answers are lost, they would keep its jobs from everybody, itself included.
    package mutating func next(now: Duration, using generator: inout some RandomNumberGenerator) -> Action {
        switch state {
        case .none:
            return begin(using: &generator)
        case .held(_, let trustedUntil) where now >= trustedUntil + timing.margin:
            return begin(using: &generator)
        case .registering(let worker):
            // The last registration was not answered: the same incarnation again, which is idempotent.
            return .register(worker)
        case .held(let worker, _):
            return .renew(worker)
        }
    }

    private mutating func begin(using generator: inout some RandomNumberGenerator) -> Action {
        let worker = WorkerID(using: &generator)
        state = .registering(worker)
        return .register(worker)
    }

    /// The store registered or renewed; the trust counts from when it was asked, which was before it counted.
    package mutating func granted(_ worker: WorkerID, askedAt: Duration) {
        state = .held(worker, trustedUntil: askedAt + timing.lease - timing.margin)
    }

    /// A renewal found no live row: this incarnation is over, and its jobs are others'.
    package mutating func lost(_ worker: WorkerID) {
        switch state {
        case .held(worker, _): state = .none
        case .held, .registering, .none: break  // A late answer about an earlier incarnation.
        }
    }
}
