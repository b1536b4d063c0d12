/// Rises with every change of leader.
package struct Term: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let number: Int64

    package init(_ number: Int64) {
        self.number = number
    }

    package static func < (left: Term, right: Term) -> Bool { left.number < right.number }
    package var description: String { String(number) }
}

/// Names one term of one leader: every effect in the store asks whether it is still in force.
package struct LeaderFence: Hashable, Sendable {
    package let role: String
    package let holder: WorkerID
    package let term: Term

    package init(role: String, holder: WorkerID, term: Term) {
        self.role = role
        self.holder = holder
        self.term = term
    }
}

/// One process's view of its leadership: the store's clock decides who leads, this machine until when this process may
/// believe that it does, which ends earlier.
package struct LeadershipMachine: Hashable, Sendable {
    private enum State: Hashable, Sendable {
        case follower
        case leader(LeaderFence, trustedUntil: Duration)
    }

    package enum Change: Hashable, Sendable {
        case elected
        case deposed
    }

    private let timing: LeaseMachine.Timing
    private var state = State.follower

    package init(timing: LeaseMachine.Timing) {
        self.timing = timing
    }

    /// The term in which this process may act now, by the monotonic clock.
    package func trusted(now: Duration) -> LeaderFence? {
        guard case .leader(let fence, let trustedUntil) = state, now < trustedUntil else { return nil }
        return fence
    }

    /// The last term that was held, trusted or not, to be resigned.
    package var held: LeaderFence? {
        guard case .leader(let fence, _) = state else { return nil }
        return fence
    }

    /// The store's answer to a campaign that was asked at `askedAt`; the trust counts from there. Nil: another leads.
    package mutating func answered(_ fence: LeaderFence?, askedAt: Duration) -> Change? {
        let before = held
        guard let fence else {
            state = .follower
            return before == nil ? nil : .deposed
        }
        state = .leader(fence, trustedUntil: askedAt + timing.lease - timing.margin)
        return before == fence ? nil : .elected
    }

    /// The term is given up, or the store said that it is over.
    package mutating func end() {
        state = .follower
    }
}
