/// Keeps the cluster from sending while SES, the account, its configuration or its quota is in the way: the jobs stay
/// ready and use up no attempt. It closes by itself: one email at a time tries, until SES accepts one.
package struct SendBreaker: Hashable, Sendable {
    /// Many unknown outcomes within this time open it.
    package static let window = Duration.seconds(10)
    package static let unknownOutcomes = 3
    /// How long nobody tries after SES refused for a reason of the account.
    package static let blockedPause = Duration.seconds(30)
    /// The pause before a probe doubles up to this with every probe whose outcome is unknown.
    package static let longestProbePause = Duration.seconds(10)
    /// A probe that nothing was heard of is given up: its worker died.
    package static let probeLife = Duration.seconds(60)
    /// How soon those who find a probe under way ask again.
    package static let probeWait = Duration.milliseconds(200)

    package struct Open: Hashable, Sendable {
        package var hold: SendHold
        package var since: Timestamp
        /// Nobody tries before.
        package var until: Timestamp
        /// How many probes had no known outcome.
        package var failedProbes: Int
        package var probe: Probe?
    }

    package struct Probe: Hashable, Sendable {
        package var worker: WorkerID
        package var expiresAt: Timestamp
    }

    package enum Permission: Hashable, Sendable {
        case free
        /// Send one, and tell what came of it.
        case probe
        case held(SendHold, Duration)
    }

    package private(set) var open: Open?
    /// When the last ones were heard of, oldest first.
    private var unknowns: [Timestamp] = []

    package init() {}

    package mutating func permission(for worker: WorkerID, now: Timestamp) -> Permission {
        guard var open else { return .free }
        if now < open.until { return .held(open.hold, open.until - now) }
        if let probe = open.probe, now < probe.expiresAt { return .held(open.hold, Self.probeWait) }
        open.probe = Probe(worker: worker, expiresAt: now + Self.probeLife)
        self.open = open
        return .probe
    }

    package mutating func hear(_ news: SendNews, from worker: WorkerID, now: Timestamp) {
        switch news {
        case .accepted:
            open = nil
            unknowns = []
        case .unknown: unknownOutcome(from: worker, now: now)
        case .blocked(let cause, let detail): block(SendHold(cause, detail: detail), now: now)
        case .throttled: endProbe(of: worker, until: now + .seconds(1))
        case .unused: endProbe(of: worker, until: now)
        }
    }

    /// What GetAccount says: a state of the account begins or is over.
    package mutating func update(_ hold: SendHold?, now: Timestamp) {
        if let hold {
            block(hold, now: now)
        } else if let open, open.hold.cause.isAccountState {
            self.open?.until = min(open.until, now)
        }
    }

    private mutating func block(_ hold: SendHold, now: Timestamp) {
        let since = open.flatMap { $0.hold.cause == hold.cause ? $0.since : nil } ?? now
        open = Open(hold: hold, since: since, until: now + Self.blockedPause, failedProbes: 0, probe: nil)
    }

    private mutating func unknownOutcome(from worker: WorkerID, now: Timestamp) {
        if let open {
            guard open.probe?.worker == worker else { return }
            // 1, 2, 4, 8 and then 10 seconds.
            let pause = min(Self.longestProbePause, .seconds(1 << min(open.failedProbes, 4)))
            self.open?.failedProbes += 1
            endProbe(of: worker, until: now + pause)
            return
        }
        unknowns = (unknowns + [now]).filter { now - $0 < Self.window }.suffix(Self.unknownOutcomes)
        guard unknowns.count == Self.unknownOutcomes else { return }
        let detail = "\(Self.unknownOutcomes) sends within \(Self.window.wholeSeconds) s had no known outcome"
        let hold = SendHold(.unknownOutcomes, detail: detail)
        open = Open(hold: hold, since: now, until: now + .seconds(1), failedProbes: 0, probe: nil)
        unknowns = []
    }

    private mutating func endProbe(of worker: WorkerID, until: Timestamp) {
        guard let open, open.probe?.worker == worker else { return }
        self.open?.probe = nil
        self.open?.until = max(open.until, until)
    }
}
