/// How many workers the cluster wants now, and why. Pure: who follows it decides how soon (up at once, down after a while), so
/// the number itself has no memory.
///
///     share    = concurrency / 500 ms                         emails a second that one worker is counted with
///     feed     = the rate in force / share, rounded up        more workers than the send rate can feed have nothing to do
///     backlog  = (ready + orders in SQS) / (share x 60 s), rounded up, `feed` at most; all of `feed` when the next job has
///                waited longer than 60 s, or when more jobs wait than are counted
///     busy     = senders + 1, when the next job has been due for 5 s though workers send and the send rate has room: every
///                place is taken, and a worker does less than it was counted with
///     events   = SES events in SQS / (50 a second x 60 s), rounded up
///     wanted   = the greatest of these; 1 while anything else waits for a worker; within the minimum and the maximum
package struct WorkerDemand: Hashable, Sendable {
    /// A backlog is to be gone within this time, as far as the send rate allows: an order's email is late after it.
    package static let wait = Duration.seconds(60)
    /// An email in hand takes about so long, of which SES and DynamoDB need the most. Counted high: too many workers for a
    /// minute cost less than late emails.
    package static let timePerEmail = Duration.milliseconds(500)
    /// Events a second that one worker is counted with: each is one or two writes to DynamoDB.
    package static let eventsPerSecond = 50
    /// A worker with a free place claims a job that is due within a second, by hint or by poll; so none has, when one waits
    /// longer.
    package static let idleWait = Duration.seconds(5)
    /// The send rate has room when slots that two more emails could use lie within this from now. While it is used up they are
    /// handed out for half a second ahead, and a slow rate's worker that found none asks again an email later.
    package static let rateRoom = Duration.milliseconds(100)

    package struct Bounds: Hashable, Sendable {
        /// 0 allows to go to zero when there is nothing to do.
        package var minimum: Int
        package var maximum: Int
        /// Deliveries that one worker has in hand at once, above 0.
        package var concurrency: Int

        package init(minimum: Int, maximum: Int, concurrency: Int) {
            precondition(minimum >= 0 && maximum >= max(1, minimum) && concurrency > 0, "bounds that hold a worker")
            self.minimum = minimum
            self.maximum = maximum
            self.concurrency = concurrency
        }
    }

    package enum Reason: String, CaseIterable, Hashable, Sendable {
        /// Nothing is to be done.
        case idle
        /// So much waits.
        case backlog
        /// More waits, and the send rate cannot feed more workers.
        case rate
        /// Jobs wait too long.
        case late
        /// The workers have no free place though the rate has room.
        case busy
        /// SES's events wait.
        case events
        /// Something waits that one worker does: jobs in doubt, an operator's request, a notice, mail while sending is held; or
        /// emails are on their way.
        case chores
    }

    package var workers: Int
    package var reason: Reason

    package init(_ facts: DemandFacts, within bounds: Bounds) {
        let (needed, reason) = Self.needed(facts, bounds)
        workers = min(max(needed, bounds.minimum), bounds.maximum)
        self.reason = reason
    }

    private static func needed(_ facts: DemandFacts, _ bounds: Bounds) -> (Int, Reason) {
        var best = sending(facts, bounds)
        let events = divided(facts.events, by: eventsPerSecond * Int(wait.wholeSeconds))
        if events > best.0 { best = (events, .events) }
        return best.0 == 0 && facts.hasWork ? (1, .chores) : best
    }

    private static func sending(_ facts: DemandFacts, _ bounds: Bounds) -> (Int, Reason) {
        let work = facts.ready + facts.orders
        guard work > 0, !facts.isHeld else { return (0, .idle) }
        // Before a worker has led nobody knows the rate, and one must go first.
        let milliRate = Int(facts.milliRate ?? 1)
        let milliShare = bounds.concurrency * 1_000_000 / Int(timePerEmail.wholeMilliseconds)
        let feed = max(1, divided(milliRate, by: milliShare))
        let backlog = divided(work * 1000, by: milliShare * Int(wait.wholeSeconds))
        if isBusy(facts), facts.senders + 1 > min(backlog, feed) { return (facts.senders + 1, .busy) }
        if backlog > feed || facts.ready >= DemandFacts.mostCounted { return (feed, .rate) }
        if let waited = facts.oldestWait, waited > wait, feed > backlog { return (feed, .late) }
        return (backlog, .backlog)
    }

    private static func isBusy(_ facts: DemandFacts) -> Bool {
        guard facts.senders > 0, let waited = facts.oldestWait, let milliRate = facts.milliRate else { return false }
        let interval = Duration.microseconds(1_000_000_000 / milliRate)
        return waited > idleWait && facts.slotsAhead + interval * 2 < rateRoom
    }

    private static func divided(_ number: Int, by divisor: Int) -> Int { (number + divisor - 1) / divisor }
}

/// What the demand for workers rests on.
package struct DemandFacts: Hashable, Sendable {
    /// Counting of waiting jobs stops here, so that a look costs the same whatever waits: at 64 a second and worker, five
    /// workers' minute.
    package static let mostCounted = 20_000

    /// Jobs that wait for a worker, ``mostCounted`` at most.
    package var ready: Int
    /// How long the job that is next has been due; nil when none is.
    package var oldestWait: Duration?
    /// Jobs in doubt, jobs of a dead worker when none lives, requests of operators, notices that are not published: each needs
    /// a worker to be there.
    package var chores: Int
    /// Orders in SQS, those in flight included.
    package var orders: Int
    /// SES's events in SQS, those in flight included.
    package var events: Int
    /// The send rate in force, in thousandths of an email a second; nil while no worker has led yet.
    package var milliRate: Int64?
    /// Nobody sends: an operator's pause, or the breaker.
    package var isHeld: Bool
    /// How far ahead send slots are handed out; below zero when the last one is over.
    package var slotsAhead: Duration
    /// Live workers that send.
    package var senders: Int

    package init(
        ready: Int = 0,
        oldestWait: Duration? = nil,
        chores: Int = 0,
        orders: Int = 0,
        events: Int = 0,
        milliRate: Int64? = nil,
        isHeld: Bool = false,
        slotsAhead: Duration = .zero,
        senders: Int = 0
    ) {
        self.ready = ready
        self.oldestWait = oldestWait
        self.chores = chores
        self.orders = orders
        self.events = events
        self.milliRate = milliRate
        self.isHeld = isHeld
        self.slotsAhead = slotsAhead
        self.senders = senders
    }

    /// Whether anything waits that only a worker does.
    package var hasWork: Bool { ready + chores + orders + events > 0 || slotsAhead > .zero }
}
