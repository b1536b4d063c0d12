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

    package func isIsolatingCurrentContext() -> Bool? { loop.isCurrentThread }

    package func checkIsolated() {
        precondition(loop.isCurrentThread, "this must run on the reactor's thread")
    }

    /// Watches a file descriptor, level-triggered. To be called on the reactor's thread, as all below.
    package func register(_ descriptor: Int32, _ events: IOEvents, _ handler: @escaping EventHandler) {
        loop.register(descriptor, events, handler)
    }

    package func modify(_ descriptor: Int32, _ events: IOEvents) {
        loop.control(EPOLL_CTL_MOD, descriptor, events)
    }

    /// To be called before the descriptor is closed: its number is used again at once.
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

    /// Runs once, after the jobs that are waiting now and before the thread sleeps.
    package func atTurnEnd(_ action: @escaping TimerHandler) {
        loop.atTurnEnd(action)
    }

    /// Ends the thread, after the jobs that are waiting. To be called when every actor pinned here has shut down, and
    /// from outside the reactor.
    package func stop() async {
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
}
