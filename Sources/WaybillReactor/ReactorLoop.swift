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

    /// Events taken from epoll at once; more wait for the next turn.
    private static let eventsPerTurn = 256
    /// Of the descriptor that wakes the thread; no other has it, since their lower half is never negative.
    private static let wakeKey = UInt64.max

    private let inbox = Mutex(Inbox())
    private let table = Mutex(Table())
    private let epoll: Int32
    private let wake: Int32
    /// The loop's thread, 0 before and after it.
    private let thread = Atomic<UInt>(0)

    init() throws(SystemCallError) {
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard epoll >= 0 else { throw SystemCallError(call: "epoll_create1", code: errno) }
        wake = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        guard wake >= 0 else {
            let code = errno
            close(epoll)
            throw SystemCallError(call: "eventfd", code: code)
        }
        guard creactor_epoll_ctl(epoll, EPOLL_CTL_ADD, wake, IOEvents.read.rawValue, Self.wakeKey) == 0 else {
            throw SystemCallError(call: "epoll_ctl", code: errno)
        }
    }

    deinit {
        close(epoll)
        close(wake)
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
        if mustWake { eventfd_write(wake, 1) }
        return isAccepted
    }

    func stop(_ continuation: CheckedContinuation<Void, Never>) {
        inbox.withLock { inbox in
            precondition(inbox.stop == nil && !inbox.hasEnded, "a reactor is stopped once")
            inbox.stop = continuation
            inbox.isAsleep = false
        }
        eventfd_write(wake, 1)
    }

    func register(_ descriptor: Int32, _ events: IOEvents, _ handler: @escaping Reactor.EventHandler) {
        requireThread()
        let key = table.withLock { $0.descriptors.add(descriptor, handler) }
        control(EPOLL_CTL_ADD, descriptor, events, key)
    }

    func modify(_ descriptor: Int32, _ events: IOEvents) {
        requireThread()
        guard let key = table.withLock({ $0.descriptors.key(of: descriptor) }) else {
            preconditionFailure("descriptor \(descriptor) is not registered")
        }
        control(EPOLL_CTL_MOD, descriptor, events, key)
    }

    func unregister(_ descriptor: Int32) {
        requireThread()
        table.withLock { $0.descriptors.remove(descriptor) }
        control(EPOLL_CTL_DEL, descriptor, [], 0)
    }

    private func control(_ operation: Int32, _ descriptor: Int32, _ events: IOEvents, _ key: UInt64) {
        guard creactor_epoll_ctl(epoll, operation, descriptor, events.rawValue, key) != 0 else { return }
        // A descriptor that was closed has left epoll by itself.
        if operation == EPOLL_CTL_DEL && (errno == EBADF || errno == ENOENT) { return }
        preconditionFailure("epoll_ctl \(operation) on descriptor \(descriptor): errno \(errno)")
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
        table.withLock { $0.timers.remove(timer) }
    }

    func atTurnEnd(_ action: @escaping Reactor.TimerHandler) {
        requireThread()
        table.withLock { $0.turnEnd.append(action) }
    }

    private func requireThread() {
        precondition(isCurrentThread, "this must be called on the reactor's thread")
    }

    func run(actors: UnownedSerialExecutor, tasks: UnownedTaskExecutor) {
        thread.store(UInt(pthread_self()), ordering: .relaxed)
        let events = UnsafeMutableBufferPointer<epoll_event>.allocate(capacity: Self.eventsPerTurn)
        defer { unsafe events.deallocate() }
        while true {
            let (jobs, stop) = takeJobs()
            if let stop {
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
            fireTimers()
            runTurnEnd()
            unsafe wait(events: events)
        }
    }

    /// The waiting jobs; or the one who waits for the end, once there are none.
    private func takeJobs() -> ([Job], stop: CheckedContinuation<Void, Never>?) {
        inbox.withLock { inbox in
            let jobs = inbox.jobs
            inbox.jobs = []
            guard jobs.isEmpty, let stop = inbox.stop.take() else { return (jobs, nil) }
            inbox.hasEnded = true
            return ([], stop)
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
        let count = unsafe epoll_wait(epoll, events.baseAddress, Int32(events.count), sleeps ? timeout : 0)
        if sleeps { inbox.withLock { $0.isAsleep = false } }
        guard count > 0 else { return }
        for index in 0..<Int(count) {
            let (key, ready) = unsafe withUnsafePointer(to: &events[index]) { event in
                unsafe (creactor_epoll_key(event), IOEvents(rawValue: event.pointee.events))
            }
            dispatch(key: key, ready)
        }
    }

    private func dispatch(key: UInt64, _ ready: IOEvents) {
        if key == Self.wakeKey {
            var value: eventfd_t = 0
            unsafe eventfd_read(wake, &value)
            return
        }
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
