/// The generic cell rate algorithm: hands out send slots so that over any ten seconds at most `rate x 10 + burst` emails
/// reach SES. It keeps one number, the theoretical arrival time of the next email. The rate falls by a
/// fifth with a 429 and rises by a fiftieth of the rate set with each quiet second.
///
/// In whole microseconds, so that PostgreSQL's `waybill.send_slots` computes the very same.
package struct SendRateMachine: Hashable, Sendable {
    /// How far ahead slots are handed out; further than that, a worker asks again.
    package static let horizon = Duration.milliseconds(500)
    /// One worker is given at most so much of the rate at once, or one slot: what it holds when it dies is lost to all.
    package static let share = Duration.milliseconds(150)
    /// Slots follow each other at so much of the rate: a slot may be used late (``SendSlots/latestUse``), and a request is on
    /// its way for a while. This leaves 309 ms in ten seconds for both.
    package static let pacePercent: Int64 = 97
    /// So long without a 429, and the rate rises a step; and 429s this near to each other are one: many emails on the
    /// wire meet the same limit.
    package static let calm = Duration.seconds(1)

    /// In force.
    package private(set) var milliRate: Int64
    /// The rate set.
    package private(set) var limit: Int64
    package private(set) var burst: Int64
    /// An operator's upper bound, above 0.
    package private(set) var ceiling: Int64?
    private var theoreticalArrival: Timestamp
    private var calmSince: Timestamp
    private var lastCut: Timestamp?

    package init(_ limits: SendLimits, now: Timestamp) {
        milliRate = limits.milliRate
        limit = limits.milliRate
        burst = limits.burst
        theoreticalArrival = now
        calmSince = now
    }

    /// The most that may be in force.
    private var most: Int64 { min(limit, ceiling ?? limit) }

    /// Between two emails, rounded up: the cluster is never faster than its pace.
    private var interval: Int64 {
        let paced = Self.pacePercent * milliRate
        return (100 * 1_000_000_000 + paced - 1) / paced
    }

    /// Up to `count` slots as offsets from `now`; or how long to wait when none is near.
    package mutating func take(_ count: Int, now: Timestamp) -> SendSlots {
        precondition(count > 0, "at least one slot is asked for")
        riseWhenCalm(now: now)
        let interval = interval
        let earliest = now.microseconds - interval * (burst - 1)
        let first = max(theoreticalArrival.microseconds, earliest)
        let horizon = now.microseconds + Self.horizon.wholeMicroseconds
        guard first < horizon else { return .wait(.microseconds(first - horizon + interval)) }
        let near = (horizon - first + interval - 1) / interval
        let granted = min(Int64(count), near, max(1, Self.share.wholeMicroseconds / interval))
        theoreticalArrival = Timestamp(microseconds: first + granted * interval)
        let offsets = (0..<granted).map { Duration.microseconds(max(0, first + $0 * interval - now.microseconds)) }
        return .granted(offsets, isProbe: false)
    }

    /// SES said 429: multiplicative decrease, never below a hundredth of the most that may be in force, unless it is
    /// there already: a 429 never makes anybody faster.
    package mutating func throttled(now: Timestamp) {
        calmSince = now
        if let lastCut, now - lastCut < Self.calm { return }
        milliRate = min(milliRate, max(most / 100, milliRate * 4 / 5, 1))
        lastCut = now
    }

    /// New limits; a rate that was lowered stays so and rises by itself.
    package mutating func update(_ limits: SendLimits) {
        let wasAtLimit = milliRate >= most
        limit = limits.milliRate
        burst = limits.burst
        milliRate = wasAtLimit ? most : min(milliRate, most)
    }

    /// An operator's ceiling, or nil to lift it.
    package mutating func set(ceiling: Int64?) {
        let wasAtLimit = milliRate >= most
        self.ceiling = ceiling
        milliRate = wasAtLimit ? most : min(milliRate, most)
    }

    private mutating func riseWhenCalm(now: Timestamp) {
        let seconds = (now - calmSince).wholeMicroseconds / Self.calm.wholeMicroseconds
        guard seconds > 0 else { return }
        milliRate = min(most, milliRate + min(seconds, 100) * max(1, limit / 50))
        calmSince = now
    }
}
