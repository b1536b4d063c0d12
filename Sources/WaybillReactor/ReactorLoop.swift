import CReactor
import Glibc
import Synchronization

/// The loop behind a ``Reactor``: jobs, then timers, then epoll, over and over on one thread.
final class ReactorLoop: Sendable {
    enum Job {
        case actor(UnownedJob)
        case task(UnownedJob)
        case action(@Sendable () -> Void)
    }

    /// Filled by any thread.
    private struct Inbox {
        var jobs: [Job] = []
        /// The thread is in `epoll_wait`, or about to be: whoever adds a job must wake it.
        var isAsleep = false
        var stop: CheckedContinuation<Void, Never>?
        /// The thread has ended, or is about to.
        var hasEnded = false
    }

    /// Touched by the loop's thread only, so the lock is always free; it keeps the class Sendable without a claim that
    /// nobody checks.
    private struct Table {
        var descriptors = DescriptorTable()
        var timers = TimerHeap()
        var turnEnd: [Reactor.TimerHandler] = []
    }

    private let inbox = Mutex(Inbox())
    private let table = Mutex(Table())
    private let epoll: Epoll
    /// The loop's thread, 0 before and after it.
    private let thread = Atomic<UInt>(0)

    init() throws(SystemCallError) {
        epoll = try Epoll()
    }

    var isCurrentThread: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

    /// For jobs of Swift's runtime, which cannot be refused.
    func enqueue(_ job: Job) {
        precondition(add(job), "a job came to a reactor that has ended: stop it when its actors and tasks are done")
    }

    func execute(_ action: @escaping @Sendable () -> Void) -> Bool {
        add(.action(action))
    }

    private func add(_ job: Job) -> Bool {
        let (isAccepted, mustWake) = inbox.withLock { inbox in
            guard !inbox.hasEnded else { return (false, false) }
            inbox.jobs.append(job)
            defer { inbox.isAsleep = false }
            return (true, inbox.isAsleep)
        }
        if mustWake { epoll.wake() }
        return isAccepted
    }

    func stop(_ continuation: CheckedContinuation<Void, Never>) {
        inbox.withLock { inbox in
            precondition(inbox.stop == nil && !inbox.hasEnded, "a reactor is stopped once")
            inbox.stop = continuation
            inbox.isAsleep = false
        }
        epoll.wake()
    }

    func register(_ descriptor: Int32, _ events: IOEvents, _ handler: @escaping Reactor.EventHandler) {
        requireThread()
        let key = table.withLock { $0.descriptors.add(descriptor, handler) }
        epoll.add(descriptor, events, key: key)
    }

    func modify(_ descriptor: Int32, _ events: IOEvents) {
        requireThread()
        guard let key = table.withLock({ $0.descriptors.key(of: descriptor) }) else {
            preconditionFailure("descriptor \(descriptor) is not registered")
        }
        epoll.modify(descriptor, events, key: key)
    }

    func unregister(_ descriptor: Int32) {
        requireThread()
        // The handler is let go outside the lock: it may hold the last reference to something that comes back here.
        let handler = table.withLock { $0.descriptors.remove(descriptor) }
        withExtendedLifetime(handler) {}
        epoll.remove(descriptor)
    }

    func makeTimer(_ fire: @escaping Reactor.TimerHandler) -> ReactorTimer {
        requireThread()
        return table.withLock { $0.timers.make(fire) }
    }

    func set(_ timer: ReactorTimer, after duration: Duration?) {
        requireThread()
        let due = duration.map { Self.now() &+ Self.nanoseconds($0) }
        table.withLock { $0.timers.set(timer, due: due) }
    }

    func remove(_ timer: ReactorTimer) {
        requireThread()
        let handler = table.withLock { $0.timers.remove(timer) }
        withExtendedLifetime(handler) {}
    }

    func atTurnEnd(_ action: @escaping Reactor.TimerHandler) {
        requireThread()
        table.withLock { $0.turnEnd.append(action) }
    }

    var timerCount: Int {
        requireThread()
        return table.withLock { $0.timers.count }
    }

    private func requireThread() {
        precondition(isCurrentThread, "this must be called on the reactor's thread")
    }

    func run(actors: UnownedSerialExecutor, tasks: UnownedTaskExecutor) {
        thread.store(UInt(pthread_self()), ordering: .relaxed)
        let events = UnsafeMutableBufferPointer<epoll_event>.allocate(capacity: Epoll.eventsPerWait)
        defer { unsafe events.deallocate() }
        var jobs: [Job] = []
        while true {
            if let stop = takeJobs(into: &jobs) {
                // A thread of a later day may get the same number.
                thread.store(0, ordering: .relaxed)
                stop.resume()
                return
            }
            for job in jobs {
                switch job {
                case .actor(let job): unsafe job.runSynchronously(on: actors)
                case .task(let job): unsafe job.runSynchronously(isolatedTo: actors, taskExecutor: tasks)
                case .action(let action): action()
                }
            }
            jobs.removeAll(keepingCapacity: true)
            fireTimers()
            runTurnEnd()
            unsafe wait(events: events)
        }
    }

    /// Exchanges the empty array for the waiting jobs. When there are none, returns who waits for the end, if somebody
    /// does.
    private func takeJobs(into jobs: inout [Job]) -> CheckedContinuation<Void, Never>? {
        inbox.withLock { inbox in
            swap(&jobs, &inbox.jobs)
            guard jobs.isEmpty, let stop = inbox.stop.take() else { return nil }
            inbox.hasEnded = true
            return stop
        }
    }

    private func fireTimers() {
        guard table.withLock({ $0.timers.earliest }) != nil else { return }
        let now = Self.now()
        // One at a time: a timer may stop another that is due as well.
        while let fire = table.withLock({ $0.timers.popDue(at: now) }) { fire() }
    }

    private func runTurnEnd() {
        let actions = table.withLock { table in
            defer { table.turnEnd = [] }
            return table.turnEnd
        }
        for action in actions { action() }
    }

    /// Milliseconds until the loop has something to do of itself, rounded up; -1 for never.
    private func idleTime() -> Int32 {
        let (hasActions, next) = table.withLock { (!$0.turnEnd.isEmpty, $0.timers.earliest) }
        if hasActions { return 0 }
        guard let next else { return -1 }
        let now = Self.now()
        return next <= now ? 0 : Int32(min((next - now + 999_999) / 1_000_000, 1 << 30))
    }

    private func wait(events: UnsafeMutableBufferPointer<epoll_event>) {
        let timeout = idleTime()
        let sleeps = inbox.withLock { inbox in
            inbox.isAsleep = inbox.jobs.isEmpty && inbox.stop == nil && timeout != 0
            return inbox.isAsleep
        }
        let count = unsafe epoll.wait(milliseconds: sleeps ? timeout : 0, events)
        if sleeps { inbox.withLock { $0.isAsleep = false } }
        for index in 0..<count {
            let (key, ready) = unsafe withUnsafePointer(to: &events[index]) { event in
                unsafe (creactor_epoll_key(event), IOEvents(rawValue: event.pointee.events))
            }
            dispatch(key: key, ready)
        }
    }

    private func dispatch(key: UInt64, _ ready: IOEvents) {
        guard key != Epoll.wakeKey else { return epoll.acknowledgeWake() }
        // A handler of this same turn may have unregistered the descriptor: then nobody is there any more.
        let handler = table.withLock { $0.descriptors.handler(for: key) }
        handler?(ready)
    }

    static func now() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    private static func nanoseconds(_ duration: Duration) -> UInt64 {
        UInt64(max(0, duration.wholeNanoseconds))
    }
}

extension Duration {
    /// At most some 292 years, which is what a loop can count.
    fileprivate var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
        return overflow || carry ? (seconds < 0 ? .min : .max) : sum
    }
}
