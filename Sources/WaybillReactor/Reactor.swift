import CReactor
import Glibc

/// One epoll thread that drives libpq and libcurl together. I/O actors pin themselves to it with `unownedExecutor`;
/// the pipeline prefers ``tasks``, so that a call into an I/O actor needs no change of thread.
///
/// The two executors are two objects on purpose: a job of an actor runs with `runSynchronously(on:)`, a job of a task
/// with `runSynchronously(isolatedTo:taskExecutor:)`. Claiming a task executor for a task that prefers none makes each
/// of its awaits enqueue once more.
package final class Reactor: SerialExecutor, Sendable {
    /// Called on the reactor's thread.
    package typealias EventHandler = @Sendable (IOEvents) -> Void
    /// Called on the reactor's thread.
    package typealias TimerHandler = @Sendable () -> Void

    /// The executor for `withTaskExecutorPreference`.
    package let tasks: ReactorTaskExecutor
    private let loop: ReactorLoop

    /// Starts the thread.
    package init() throws(SystemCallError) {
        loop = try ReactorLoop()
        tasks = ReactorTaskExecutor(loop: loop)
        try start()
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        loop.enqueue(.actor(UnownedJob(job)))
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        unsafe UnownedSerialExecutor(ordinary: self)
    }

    /// Time since some fixed moment of this machine; never goes back.
    package var now: Duration { .nanoseconds(Int64(clamping: ReactorLoop.now())) }

    /// Runs an action on the reactor's thread, soon, in the order of the calls; from any thread, such as a handler of a
    /// cancellation. False, and nothing runs, when the reactor has ended.
    @discardableResult
    package func execute(_ action: @escaping @Sendable () -> Void) -> Bool {
        loop.execute(action)
    }

    /// As ``execute(_:)``, but at once when this is the reactor's thread.
    @discardableResult
    package func onThread(_ action: @escaping @Sendable () -> Void) -> Bool {
        guard loop.isCurrentThread else { return loop.execute(action) }
        action()
        return true
    }

    package func isIsolatingCurrentContext() -> Bool? { loop.isCurrentThread }

    package func checkIsolated() {
        precondition(loop.isCurrentThread, "this must run on the reactor's thread")
    }

    /// Watches a file descriptor, level-triggered. To be called on the reactor's thread, as all below.
    package func register(_ descriptor: Int32, _ events: IOEvents, _ handler: @escaping EventHandler) {
        loop.register(descriptor, events, handler)
    }

    package func modify(_ descriptor: Int32, _ events: IOEvents) {
        loop.modify(descriptor, events)
    }

    /// To be called before the descriptor is closed: its number is used again at once. Once it is closed this does no
    /// harm, as long as the number was not registered anew.
    package func unregister(_ descriptor: Int32) {
        loop.unregister(descriptor)
    }

    /// A timer that is reused; it does nothing until it has a deadline.
    package func makeTimer(_ handler: @escaping TimerHandler) -> ReactorTimer {
        loop.makeTimer(handler)
    }

    /// Sets a timer to fire once, so long from now; nil stops it.
    package func set(_ timer: ReactorTimer, after duration: Duration?) {
        loop.set(timer, after: duration)
    }

    package func remove(_ timer: ReactorTimer) {
        loop.remove(timer)
    }

    /// Timers that exist, those of sleeping tasks included.
    package var timerCount: Int { loop.timerCount }

    /// Runs once, after the jobs and the timers of this turn and before the thread sleeps.
    package func atTurnEnd(_ action: @escaping TimerHandler) {
        loop.atTurnEnd(action)
    }

    /// Ends the thread, after the jobs that are waiting. To be called once, from outside the reactor, when every actor
    /// pinned here has shut down and every task that prefers it has ended: what comes to an ended reactor cannot run.
    package func stop() async {
        precondition(!loop.isCurrentThread, "a reactor cannot wait for its own end")
        await withCheckedContinuation { loop.stop($0) }
    }

    private func start() throws(SystemCallError) {
        let box = unsafe Unmanaged.passRetained(self).toOpaque()
        var thread = pthread_t()
        let code = unsafe pthread_create(&thread, nil, { unsafe runReactor($0) }, box)
        guard code == 0 else {
            unsafe Unmanaged<Reactor>.fromOpaque(box).release()
            throw SystemCallError(call: "pthread_create", code: code)
        }
        pthread_detach(thread)
    }

    fileprivate func run() {
        unsafe loop.run(actors: asUnownedSerialExecutor(), tasks: tasks.asUnownedTaskExecutor())
    }
}

private func runReactor(_ box: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let box = unsafe box else { preconditionFailure("the reactor's thread was started without its reactor") }
    unsafe Unmanaged<Reactor>.fromOpaque(box).takeRetainedValue().run()
    return nil
}

/// The reactor as the executor of tasks.
package final class ReactorTaskExecutor: TaskExecutor, Sendable {
    private let loop: ReactorLoop

    init(loop: ReactorLoop) {
        self.loop = loop
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        loop.enqueue(.task(UnownedJob(job)))
    }
}

/// A timer of a reactor.
package struct ReactorTimer: Hashable, Sendable {
    let slot: Int
    let generation: Int
}
