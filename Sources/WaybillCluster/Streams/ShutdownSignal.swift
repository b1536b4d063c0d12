import Synchronization
package import WaybillPorts

/// Tells one service to end gracefully. Any number of tasks may wait for it; cancelling one of them ends its wait.
package final class ShutdownSignal: Sendable {
    private struct State {
        var hasBegun = false
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter = 0
    }

    private let state = Mutex(State())

    package init() {}

    package var hasBegun: Bool { state.withLock { $0.hasBegun } }

    /// Begins the shutdown; later calls change nothing.
    package func begin() {
        let waiters = state.withLock { state in
            state.hasBegun = true
            defer { state.waiters = [:] }
            return state.waiters
        }
        for key in waiters.keys.sorted() { waiters[key]?.resume() }
    }

    /// Returns when the shutdown begins, or when the task is cancelled.
    package func wait() async {
        let key = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.hasBegun || Task.isCancelled { return true }
                    state.waiters[key] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: key) }?.resume()
        }
    }

    /// Sleeps, and returns early when the shutdown begins or the task is cancelled.
    package func sleep(for duration: Duration, in environment: any Environment) async {
        guard !hasBegun else { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    try await environment.sleep(for: duration)
                } catch {
                    // The wait ended first: that is what cancelled this sleep.
                }
            }
            group.addTask { await self.wait() }
            await group.next()
            group.cancelAll()
        }
    }
}
