/// The generic cell rate algorithm: hands out send slots so that over any window of w seconds at most
/// `rate x w + burst` emails go. It keeps one number, the theoretical arrival time of the next email.
package struct SendRateMachine: Hashable, Sendable {
    /// Emails a second, in thousandths.
    package private(set) var milliRate: Int64
    /// How many emails may go at once after a quiet time.
    package let burst: Int64
    private let ceiling: Int64
    private var theoreticalArrival: Duration

    /// How far ahead slots are handed out; further than that, a worker asks again.
    package static let horizon = Duration.milliseconds(500)
    /// A slot that is used later than this is given up: the cluster counts on it having gone.
    package static let latestUse = Duration.milliseconds(250)

    /// Both the rate and the burst must be above 0.
    package init(milliRate: Int64, burst: Int64, now: Duration) {
        precondition(milliRate > 0 && burst > 0, "a send rate and its burst are above 0")
        self.milliRate = milliRate
        self.burst = burst
        ceiling = milliRate
        theoreticalArrival = now
    }

    private var interval: Duration { .nanoseconds(1_000_000_000_000 / milliRate) }

    /// Up to `count` slots as offsets from `now`; or how long to wait when none is near.
    package mutating func take(_ count: Int, now: Duration) -> SendSlots {
        precondition(count > 0, "at least one slot is asked for")
        theoreticalArrival = max(theoreticalArrival, now - interval * (Int(burst) - 1))
        var offsets: [Duration] = []
        while offsets.count < count, theoreticalArrival < now + Self.horizon {
            offsets.append(max(.zero, theoreticalArrival - now))
            theoreticalArrival += interval
        }
        return offsets.isEmpty ? .wait(theoreticalArrival - now - Self.horizon + interval) : .granted(offsets)
    }

    /// SES said 429: multiplicative decrease, never below a hundredth of the rate set.
    package mutating func throttled() {
        milliRate = max(ceiling / 100, milliRate * 4 / 5, 1)
    }

    /// A quiet second went by: additive increase, a fiftieth of the rate set.
    package mutating func calmed() {
        milliRate = min(ceiling, milliRate + max(1, ceiling / 50))
    }
}

/// The answer to a request for send slots.
package enum SendSlots: Hashable, Sendable {
    /// When each email may go, counted from the receipt of this answer, rising. At most as many as asked for.
    case granted([Duration])
    /// None now: ask again after this long, with jitter.
    case wait(Duration)
}
