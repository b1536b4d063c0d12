import Synchronization

extension Reactor {
    /// Returns after the duration, or at once, with the error, when the task is cancelled or the reactor has ended. A
    /// task that prefers ``tasks``, or an actor pinned here, wakes without a change of thread.
    package func sleep(for duration: Duration) async throws(CancellationError) {
        let sleeper = Sleeper()
        let slept = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                sleeper.wait(continuation)
                let isAccepted = onThread { sleeper.setTimer(in: self, after: duration) }
                if !isAccepted { sleeper.end(slept: false) }
            }
        } onCancel: {
            sleeper.end(slept: false)
            // The timer is the reactor's own: it is taken away on its thread, so that cancelled sleeps do not pile up.
            execute { sleeper.removeTimer(from: self) }
        }
        guard slept else { throw CancellationError() }
    }
}

/// One task that sleeps. It is woken once, by whoever comes first: its timer or its cancellation.
private final class Sleeper: Sendable {
    private enum State {
        case new
        case waiting(CheckedContinuation<Bool, Never>)
        case ended(slept: Bool)
    }

    private let state = Mutex(State.new)
    /// Touched on the reactor's thread only.
    private let timer = Mutex<ReactorTimer?>(nil)

    private var isWaiting: Bool {
        state.withLock { state in
            if case .waiting = state { true } else { false }
        }
    }

    /// Race: the cancellation may have come before.
    func wait(_ continuation: CheckedContinuation<Bool, Never>) {
        let ended: Bool? = state.withLock { state in
            if case .ended(let slept) = state { return slept }
            state = .waiting(continuation)
            return nil
        }
        if let ended { continuation.resume(returning: ended) }
    }

    func end(slept: Bool) {
        let continuation: CheckedContinuation<Bool, Never>? = state.withLock { state in
            switch state {
            case .new:
                state = .ended(slept: slept)
                return nil
            case .waiting(let continuation):
                state = .ended(slept: slept)
                return continuation
            case .ended:
                // Race: the timer and the cancellation came together, and the other was first.
                return nil
            }
        }
        continuation?.resume(returning: slept)
    }

    func setTimer(in reactor: Reactor, after duration: Duration) {
        guard isWaiting else { return }
        let new = reactor.makeTimer { [self, unowned reactor] in
            removeTimer(from: reactor)
            end(slept: true)
        }
        timer.withLock { $0 = new }
        reactor.set(new, after: duration)
    }

    func removeTimer(from reactor: Reactor) {
        guard let old = timer.withLock({ $0.take() }) else { return }
        reactor.remove(old)
    }
}
