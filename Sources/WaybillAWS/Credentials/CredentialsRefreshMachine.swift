package import WaybillCore

/// Decides when credentials are looked up again, and by whom: one caller refreshes, the others use the old ones as long
/// as those hold. Names and leads as in botocore's `RefreshableCredentials`.
package struct CredentialsRefreshMachine: Sendable {
    /// So long before they expire somebody looks for new ones, and nobody waits for it.
    package static let advisoryLead = Duration.seconds(15 * 60)
    /// So long before they expire everybody waits for a refresh that is under way.
    package static let mandatoryLead = Duration.seconds(10 * 60)
    /// Credentials that do not expire are looked up again after this: a rotated key needs no restart.
    package static let fileRefresh = Duration.seconds(120)
    /// A refresh that failed while the old credentials hold is tried again after a time in this range, drawn so that
    /// workers do not ask together.
    package static let failurePause = Duration.seconds(30)...Duration.seconds(60)
    /// After nothing was found, callers fail at once for so long instead of searching the whole chain each.
    package static let nothingPause = Duration.seconds(5)
    /// A source that gives what has expired has an outage: it is asked again after a time in this range, and what it
    /// gave is used meanwhile (static stability: AWS SDKs, instance metadata).
    package static let outagePause = Duration.seconds(5 * 60)...Duration.seconds(10 * 60)
    /// A service that refuses every call must not make every call search the chain.
    package static let refusalPause = Duration.seconds(5)

    /// Wall time decides about expiry; time that never jumps decides about pauses, because the wall clock is corrected.
    package struct Moment: Hashable, Sendable {
        package var wall: Timestamp
        package var monotonic: Duration

        package init(wall: Timestamp, monotonic: Duration) {
            self.wall = wall
            self.monotonic = monotonic
        }
    }

    package enum Answer: Hashable, Sendable {
        case use(AWSCredentials)
        /// The caller looks for credentials, and reports what came of it.
        case refresh
        /// Until the caller who refreshes has reported.
        case wait
        case fail(AWSError)
    }

    /// The answer to somebody who waited.
    package struct Delivery: Hashable, Sendable {
        package let waiter: Int
        package let answer: Answer

        package init(waiter: Int, answer: Answer) {
            self.waiter = waiter
            self.answer = answer
        }
    }

    private enum Work {
        /// The next caller who needs it may refresh.
        case idle
        /// A caller refreshes; becomes `idle` or `pausing` by what he reports.
        case refreshing
        /// The last refresh did not help: nobody tries before `until`. With nothing to use, `failure` is the answer.
        case pausing(until: Duration, failure: AWSError?)
    }

    private struct Held {
        let found: FoundCredentials
        let since: Moment
        /// A service refused them.
        var isRefused = false
    }

    /// How much the held credentials need a refresh.
    private enum Need { case none, advised, mandatory, nothingToUse }

    private var held: Held?
    private var work = Work.idle
    private var waiting: [Int] = []
    private var lastRefusal: Duration?

    package init() {}

    package mutating func ask(waiter: Int, at now: Moment) -> Answer {
        let need = need(at: now)
        if case .none = need { return use() }
        switch work {
        case .refreshing:
            if case .advised = need { return use() }
            waiting.append(waiter)
            return .wait
        case .pausing(let until, let failure) where now.monotonic < until:
            guard case .nothingToUse = need else { return use() }
            if let failure { return .fail(failure) }
        case .idle, .pausing: break
        }
        work = .refreshing
        return .refresh
    }

    /// The refresh gave credentials. Even those that seem to have expired are used: the service decides, and its
    /// refusal carries the `Date` that corrects a wrong clock here.
    package mutating func refreshed(
        _ found: FoundCredentials,
        at now: Moment,
        using generator: inout some RandomNumberGenerator
    ) -> [Delivery] {
        held = Held(found: found, since: now)
        work = .idle
        if let expiresAt = found.expiresAt, expiresAt <= now.wall {
            work = .pausing(until: now.monotonic + draw(Self.outagePause, using: &generator), failure: nil)
        }
        return answerAll(use())
    }

    /// The refresh failed. Whoever needs nothing else than what is held gets that.
    package mutating func failed(
        _ error: AWSError,
        at now: Moment,
        using generator: inout some RandomNumberGenerator
    ) -> [Delivery] {
        guard let usable = usable(at: now) else {
            work = .pausing(until: now.monotonic + Self.nothingPause, failure: error)
            return answerAll(.fail(error))
        }
        work = .pausing(until: now.monotonic + draw(Self.failurePause, using: &generator), failure: error)
        return answerAll(.use(usable))
    }

    /// The caller who refreshed was cancelled: the first who waits takes over.
    package mutating func abandoned() -> [Delivery] {
        guard !waiting.isEmpty else {
            work = .idle
            return []
        }
        return [Delivery(waiter: waiting.removeFirst(), answer: .refresh)]
    }

    /// A waiter was cancelled. False when he does not stand in the line (any more): he has been answered.
    package mutating func leave(waiter: Int) -> Bool {
        guard let index = waiting.firstIndex(of: waiter) else { return false }
        waiting.remove(at: index)
        return true
    }

    /// A service refused these credentials: perhaps there are others by now. Replaced ones say nothing.
    package mutating func refused(_ credentials: AWSCredentials, at now: Moment) {
        guard held?.found.credentials == credentials, held?.isRefused == false else { return }
        if let lastRefusal, now.monotonic < lastRefusal + Self.refusalPause { return }
        lastRefusal = now.monotonic
        held?.isRefused = true
        if case .pausing = work { work = .idle }
    }

    /// What is held and has not expired.
    package func usable(at now: Moment) -> AWSCredentials? {
        guard let found = held?.found else { return nil }
        if let expiresAt = found.expiresAt, expiresAt <= now.wall { return nil }
        return found.credentials
    }

    private func use() -> Answer {
        guard let held else { preconditionFailure("credentials are used before any were found") }
        return .use(held.found.credentials)
    }

    private func need(at now: Moment) -> Need {
        guard let held else { return .nothingToUse }
        guard let expiresAt = held.found.expiresAt else {
            if held.isRefused { return .mandatory }
            return now.monotonic >= held.since.monotonic + Self.fileRefresh ? .advised : .none
        }
        let left = expiresAt - now.wall
        let life = expiresAt - held.since.wall
        guard left > .zero else { return life > .zero ? .nothingToUse : .advised }
        if held.isRefused { return .mandatory }
        // Short-lived credentials, and those that a source gives again, would else be looked up by every call.
        if left <= min(Self.mandatoryLead, life / 3) { return .mandatory }
        return left <= min(Self.advisoryLead, life / 2) ? .advised : .none
    }

    private mutating func answerAll(_ answer: Answer) -> [Delivery] {
        defer { waiting = [] }
        return waiting.map { Delivery(waiter: $0, answer: answer) }
    }

    private func draw(_ range: ClosedRange<Duration>, using generator: inout some RandomNumberGenerator) -> Duration {
        let width = (range.upperBound - range.lowerBound).wholeMilliseconds
        return range.lowerBound + .milliseconds(Int64.random(in: 0...width, using: &generator))
    }
}
