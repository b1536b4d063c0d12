/// When the cluster may send: an operator's pause before the breaker, the breaker before the rate. One for all workers;
/// in production it is a row of PostgreSQL, whose functions do the same.
package struct SendControlMachine: Hashable, Sendable {
    /// How soon those who find sending paused ask again.
    package static let pauseWait = Duration.milliseconds(500)

    private var rate: SendRateMachine
    private var breaker = SendBreaker()
    private var pause: Pause?

    private struct Pause: Hashable, Sendable {
        var hold: SendHold
        var since: Timestamp
    }

    package init(_ limits: SendLimits, now: Timestamp) {
        rate = SendRateMachine(limits, now: now)
    }

    package mutating func take(_ count: Int, for worker: WorkerID, now: Timestamp) -> SendSlots {
        if let pause { return .held(pause.hold, Self.pauseWait) }
        let before = breaker
        switch breaker.permission(for: worker, now: now) {
        case .held(let hold, let wait): return .held(hold, wait)
        case .free: return rate.take(count, now: now)
        case .probe:
            switch rate.take(1, now: now) {
            case .granted(let offsets, _): return .granted(offsets, isProbe: true)
            case .wait(let duration):
                // It did not become the probe; what is still heard of the last one counts.
                breaker = before
                return .wait(duration)
            case .held(let hold, let wait): return .held(hold, wait)
            }
        }
    }

    package mutating func hear(_ news: SendNews, from worker: WorkerID, now: Timestamp) {
        if news == .throttled { rate.throttled(now: now) }
        breaker.hear(news, from: worker, now: now)
    }

    package mutating func update(_ limits: SendLimits, now: Timestamp) {
        rate.update(limits)
        breaker.update(limits.hold, now: now)
    }

    /// An operator's upper bound in thousandths of an email a second, above 0; nil lifts it.
    package mutating func set(ceiling: Int64?) {
        rate.set(ceiling: ceiling)
    }

    /// Nobody sends until ``resume()``.
    /// A pause that was asked for longer ago comes too late. Shorter than `waybill recover` waits before it resumes.
    package static let latestPause = Duration.seconds(10)

    /// False when it comes too late.
    package mutating func pause(by name: String, reason: String, askedAt: Timestamp?, now: Timestamp) -> Bool {
        if let askedAt, now - askedAt > Self.latestPause { return false }
        pause = Pause(hold: SendHold(.paused, detail: "\(name): \(reason)"), since: now)
        return true
    }

    package mutating func resume() {
        pause = nil
    }

    package var state: SendControlState {
        SendControlState(
            milliRate: rate.milliRate,
            limit: rate.limit,
            ceiling: rate.ceiling,
            burst: rate.burst,
            hold: pause?.hold ?? breaker.open?.hold,
            heldSince: pause?.since ?? breaker.open?.since
        )
    }
}
