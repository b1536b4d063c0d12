import Synchronization
package import WaybillPorts

/// Tells one service to end gracefully. Any number of tasks may wait for it; cancelling one of them ends its wait.
package final class ShutdownSignal: Interruption {
    private struct State {
        var hasBegun = false
        var waiting: [Int: @Sendable () -> Void] = [:]
        var lastNumber = 0
    }

    private let state = Mutex(State())

    package init() {}

    package var hasBegun: Bool { state.withLock { $0.hasBegun } }

    /// Begins the shutdown; later calls change nothing.
    package func begin() {
        let waiting = state.withLock { state in
            state.hasBegun = true
            defer { state.waiting = [:] }
            return state.waiting
        }
        for number in waiting.keys.sorted() { waiting[number]?() }
    }

    /// Returns when the shutdown begins, or when the task is cancelled.
    package func wait() async {
        let number = nextNumber()
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = !keep(number, unless: { Task.isCancelled }) { continuation.resume() }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            take(number)?()
        }
    }

    package func notify(_ action: @escaping @Sendable () -> Void) -> Int {
        let number = nextNumber()
        if !keep(number, action) { action() }
        return number
    }

    package func forget(_ number: Int) { _ = take(number) }

    private func nextNumber() -> Int {
        state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
    }

    /// False when there is nothing to wait for any more: asked under the lock, so that no beginning is missed.
    private func keep(
        _ number: Int,
        unless isOver: () -> Bool = { false },
        _ action: @escaping @Sendable () -> Void
    ) -> Bool {
        state.withLock { state in
            if state.hasBegun || isOver() { return false }
            state.waiting[number] = action
            return true
        }
    }

    private func take(_ number: Int) -> (@Sendable () -> Void)? {
        state.withLock { $0.waiting.removeValue(forKey: number) }
    }

    /// Sleeps, and returns early when the shutdown begins or the task is cancelled.
    package func sleep(for duration: Duration, in environment: any Environment) async {
        guard !hasBegun else { return }
        await environment.sleep(for: duration, orUntil: self)
    }
}
