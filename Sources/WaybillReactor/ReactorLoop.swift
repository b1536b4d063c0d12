import CReactor
import Glibc
import Synchronization

/// The loop behind a ``Reactor``: jobs, then timers, then epoll, over and over on one thread.
final class ReactorLoop: Sendable {
    enum Job {
        case actor(UnownedJob)
        case task(UnownedJob)
    }

    /// Filled by any thread.
    private struct Inbox {
        var jobs: [Job] = []
        /// The thread is in `epoll_wait`, or about to be: whoever adds a job must wake it.
        var isAsleep = false
        var stop: CheckedContinuation<Void, Never>?
    }

    private struct Timer {
        var due: UInt64?
        var fire: Reactor.TimerHandler?
    }

    /// Touched by the loop's thread only, so the lock is always free; it keeps the class Sendable without a claim that
    /// nobody checks.
    private struct Table {
        var handlers: [Reactor.EventHandler?] = []
        var timers: [Timer] = []
        var freeTimers: [Int] = []
        var turnEnd: [Reactor.TimerHandler] = []
    }

    /// Events taken from epoll at once; more wait for the next turn.
    private static let eventsPerTurn = 256
    private static let wakeKey = UInt64.max

    private let inbox = Mutex(Inbox())
    private let table = Mutex(Table())
    private let epoll: Int32
    private let wake: Int32
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

    func enqueue(_ job: Job) {
        let mustWake = inbox.withLock { inbox in
            inbox.jobs.append(job)
            defer { inbox.isAsleep = false }
            return inbox.isAsleep
        }
        if mustWake { eventfd_write(wake, 1) }
    }

    func stop(_ continuation: CheckedContinuation<Void, Never>) {
        inbox.withLock { inbox in
            precondition(inbox.stop == nil, "a reactor is stopped once")
            inbox.stop = continuation
            inbox.isAsleep = false
        }
        eventfd_write(wake, 1)
    }

    func control(_ operation: Int32, _ descriptor: Int32, _ events: IOEvents) {
        let result = creactor_epoll_ctl(epoll, operation, descriptor, events.rawValue, UInt64(UInt32(descriptor)))
        precondition(result == 0, "epoll_ctl \(operation) on descriptor \(descriptor): errno \(errno)")
    }

    func register(_ descriptor: Int32, _ events: IOEvents, _ handler: @escaping Reactor.EventHandler) {
        table.withLock { table in
            while table.handlers.count <= Int(descriptor) { table.handlers.append(nil) }
            table.handlers[Int(descriptor)] = handler
        }
        control(EPOLL_CTL_ADD, descriptor, events)
    }

    func unregister(_ descriptor: Int32) {
        control(EPOLL_CTL_DEL, descriptor, [])
        table.withLock { $0.handlers[Int(descriptor)] = nil }
    }

    func makeTimer(_ fire: @escaping Reactor.TimerHandler) -> ReactorTimer {
        table.withLock { table in
            if let slot = table.freeTimers.popLast() {
                table.timers[slot] = Timer(due: nil, fire: fire)
                return ReactorTimer(slot: slot)
            }
            table.timers.append(Timer(due: nil, fire: fire))
            return ReactorTimer(slot: table.timers.count - 1)
        }
    }

    func set(_ timer: ReactorTimer, after duration: Duration?) {
        let due = duration.map { Self.now() &+ Self.nanoseconds($0) }
        table.withLock { $0.timers[timer.slot].due = due }
    }

    func remove(_ timer: ReactorTimer) {
        table.withLock { table in
            table.timers[timer.slot] = Timer(due: nil, fire: nil)
            table.freeTimers.append(timer.slot)
        }
    }

    func atTurnEnd(_ action: @escaping Reactor.TimerHandler) {
        table.withLock { $0.turnEnd.append(action) }
    }

    func run(actors: UnownedSerialExecutor, tasks: UnownedTaskExecutor) {
        thread.store(UInt(pthread_self()), ordering: .relaxed)
        let events = UnsafeMutableBufferPointer<epoll_event>.allocate(capacity: Self.eventsPerTurn)
        defer { unsafe events.deallocate() }
        while true {
            let (jobs, stop) = takeJobs()
            if let stop {
                stop.resume()
                return
            }
            for job in jobs {
                switch job {
                case .actor(let job): unsafe job.runSynchronously(on: actors)
                case .task(let job): unsafe job.runSynchronously(isolatedTo: actors, taskExecutor: tasks)
                }
            }
            runTurnEnd()
            let timeout = runTimers()
            unsafe wait(timeout: timeout, events: events)
        }
    }

    /// The waiting jobs; or the one who waits for the end, once there are none.
    private func takeJobs() -> ([Job], stop: CheckedContinuation<Void, Never>?) {
        inbox.withLock { inbox in
            let jobs = inbox.jobs
            inbox.jobs = []
            return (jobs, jobs.isEmpty ? inbox.stop : nil)
        }
    }

    private func runTurnEnd() {
        let actions = table.withLock { table in
            defer { table.turnEnd = [] }
            return table.turnEnd
        }
        for action in actions { action() }
    }

    /// Fires what is due; returns the milliseconds until the next timer, rounded up, -1 for none, 0 when one fired.
    private func runTimers() -> Int32 {
        let (due, next) = table.withLock { table -> ([Reactor.TimerHandler], UInt64?) in
            guard table.timers.contains(where: { $0.due != nil }) else { return ([], nil) }
            let now = Self.now()
            var fired: [Reactor.TimerHandler] = []
            var next: UInt64?
            for slot in table.timers.indices {
                guard let due = table.timers[slot].due else { continue }
                if due <= now {
                    table.timers[slot].due = nil
                    if let fire = table.timers[slot].fire { fired.append(fire) }
                } else {
                    next = min(next ?? .max, due - now)
                }
            }
            return (fired, next)
        }
        for fire in due { fire() }
        guard due.isEmpty else { return 0 }
        return next.map { Int32(min(($0 + 999_999) / 1_000_000, 1 << 30)) } ?? -1
    }

    private func wait(timeout: Int32, events: UnsafeMutableBufferPointer<epoll_event>) {
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
        let handler = table.withLock { $0.handlers[Int(key)] }
        handler?(ready)
    }

    private static func now() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    private static func nanoseconds(_ duration: Duration) -> UInt64 {
        UInt64(max(0, duration.wholeNanoseconds))
    }
}

extension Duration {
    fileprivate var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
