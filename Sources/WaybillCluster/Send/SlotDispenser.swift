import Synchronization
import WaybillCore
import WaybillPorts

/// Hands send slots to the emails in hand. One of those that wait asks the store for all of them at once, so that the
/// cluster's row is written once for many emails.
final class SlotDispenser: Sendable {
    enum Turn: Hashable, Sendable {
        /// Send at `due` of the monotonic clock.
        case go(due: Duration, isProbe: Bool)
        /// Nobody sends; worth asking again then, by the monotonic clock.
        case held(SendHold, until: Duration)
        case unavailable(StoreError)
        case cancelled
    }

    /// What one that waits in the line is told.
    private enum Call {
        case turn(Turn)
        /// The one that asked is served: ask now for the others.
        case ask
    }

    private struct State {
        var isAsking = false
        var line: [(key: Int, continuation: CheckedContinuation<Call, Never>)] = []
        var lastKey = 0
        /// Cancelled before they stood in the line.
        var cancelled: Set<Int> = []
    }

    private let state = Mutex(State())
    private let rate: any SendRateSource
    private let environment: any Environment

    init(rate: any SendRateSource, environment: any Environment) {
        self.rate = rate
        self.environment = environment
    }

    /// Waits for a slot; its time may still lie ahead.
    func slot(for worker: WorkerID) async -> Turn {
        switch await stand() {
        case .turn(let turn): turn
        case .ask: await ask(for: worker)
        }
    }

    /// Stands in the line, unless nobody is asking.
    private func stand() async -> Call {
        let key = state.withLock { state in
            state.lastKey += 1
            return state.lastKey
        }
        let call = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if let call = enter(key, continuation) { continuation.resume(returning: call) }
            }
        } onCancel: {
            leave(key)
        }
        state.withLock { _ = $0.cancelled.remove(key) }
        return call
    }

    private func enter(_ key: Int, _ continuation: CheckedContinuation<Call, Never>) -> Call? {
        state.withLock { state in
            if state.cancelled.contains(key) { return .turn(.cancelled) }
            guard state.isAsking else {
                state.isAsking = true
                return .ask
            }
            state.line.append((key, continuation))
            return nil
        }
    }

    private func leave(_ key: Int) {
        let continuation = state.withLock { state -> CheckedContinuation<Call, Never>? in
            guard let index = state.line.firstIndex(where: { $0.key == key }) else {
                state.cancelled.insert(key)
                return nil
            }
            return state.line.remove(at: index).continuation
        }
        continuation?.resume(returning: .turn(.cancelled))
    }

    private func ask(for worker: WorkerID) async -> Turn {
        while true {
            let wanted = state.withLock { $0.line.count + 1 }
            let answer: SendSlots
            do throws(StoreError) {
                answer = try await rate.slots(wanted, for: worker)
            } catch {
                return tellAll(.unavailable(error))
            }
            let now = environment.monotonicNow()
            switch answer {
            case .held(let hold, let wait):
                return tellAll(.held(hold, until: now + wait))
            case .granted(let offsets, let isProbe):
                let turns = offsets.map { Turn.go(due: now + $0, isProbe: isProbe) }
                return serve(turns)
            case .wait(let duration):
                do {
                    try await environment.sleep(for: duration * (1 + environment.randomFraction() / 4))
                } catch {
                    return serve([.cancelled])
                }
            }
        }
    }

    /// The first turn is the asker's own; the others go down the line, whose next one asks for the rest.
    private func serve(_ turns: [Turn]) -> Turn {
        guard let own = turns.first else { preconditionFailure("slots were granted, but none") }
        let (served, next) = state.withLock { state in
            let served = Array(zip(state.line.prefix(turns.count - 1), turns.dropFirst()))
            state.line.removeFirst(served.count)
            let next = state.line.isEmpty ? nil : state.line.removeFirst()
            state.isAsking = next != nil
            return (served, next)
        }
        for (waiter, turn) in served { waiter.continuation.resume(returning: .turn(turn)) }
        next?.continuation.resume(returning: .ask)
        return own
    }

    private func tellAll(_ turn: Turn) -> Turn {
        let line = state.withLock { state in
            state.isAsking = false
            defer { state.line = [] }
            return state.line
        }
        for waiter in line { waiter.continuation.resume(returning: .turn(turn)) }
        return turn
    }
}
