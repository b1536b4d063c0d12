import Synchronization
import WaybillCore
package import WaybillPorts

/// The credentials that all clients of a process share. The caller who is told to refresh does so inside his own call;
/// those who must wait for it stand in a line that a cancelled task leaves at once.
package final class AWSCredentialsCache: Sendable {
    private typealias Machine = CredentialsRefreshMachine

    private struct State {
        var machine = Machine()
        var line: [Int: CheckedContinuation<Machine.Answer, Never>] = [:]
        var lastWaiter = 0
        /// Cancelled before they stood in the line.
        var cancelled: Set<Int> = []
    }

    private let environment: any Environment
    private let clock: ServiceClock
    private let state = Mutex(State())

    package init(environment: any Environment, clock: ServiceClock) {
        self.environment = environment
        self.clock = clock
    }

    /// The credentials that hold now. `find` looks for new ones, when this caller is the one to do it.
    package func credentials(
        _ find: () async throws(AWSError) -> FoundCredentials
    ) async throws(AWSError) -> AWSCredentials {
        switch await ask() {
        case .use(let credentials): return credentials
        case .fail(let error): throw error
        case .refresh: return try await refresh(find)
        case .wait: preconditionFailure("a waiter is answered with the end of the wait")
        }
    }

    /// A service refused these credentials: the next call looks for others.
    package func refused(_ credentials: AWSCredentials) {
        let now = now
        state.withLock { $0.machine.refused(credentials, at: now) }
    }

    private var now: Machine.Moment { Machine.Moment(wall: clock.now(), monotonic: environment.monotonicNow()) }

    private func refresh(
        _ find: () async throws(AWSError) -> FoundCredentials
    ) async throws(AWSError) -> AWSCredentials {
        do throws(AWSError) {
            let found = try await find()
            report { machine, now, generator in machine.refreshed(found, at: now, using: &generator) }
            return found.credentials
        } catch {
            if error.code == .cancelled {
                report { machine, _, _ in machine.abandoned() }
                throw error
            }
            report { machine, now, generator in machine.failed(error, at: now, using: &generator) }
            let now = now
            guard let old = state.withLock({ $0.machine.usable(at: now) }) else { throw error }
            return old
        }
    }

    private func ask() async -> Machine.Answer {
        let waiter = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if let answer = enter(waiter, continuation) { continuation.resume(returning: answer) }
            }
        } onCancel: {
            leave(waiter)
        }
        state.withLock { _ = $0.cancelled.remove(waiter) }
        return answer
    }

    /// Nil when the continuation stands in the line.
    private func enter(
        _ waiter: Int,
        _ continuation: CheckedContinuation<Machine.Answer, Never>
    ) -> Machine.Answer? {
        let now = now
        return state.withLock { state in
            let answer = state.machine.ask(waiter: waiter, at: now)
            guard case .wait = answer else { return answer }
            if state.cancelled.contains(waiter) {
                _ = state.machine.leave(waiter: waiter)
                return .fail(.cancelledWaiting)
            }
            state.line[waiter] = continuation
            return nil
        }
    }

    private func leave(_ waiter: Int) {
        let continuation = state.withLock { state in
            guard state.machine.leave(waiter: waiter) else {
                state.cancelled.insert(waiter)
                return CheckedContinuation<Machine.Answer, Never>?.none
            }
            return state.line.removeValue(forKey: waiter)
        }
        continuation?.resume(returning: .fail(.cancelledWaiting))
    }

    /// Tells the machine what came of a refresh, and those who waited what they get. Resuming only enqueues, so the
    /// lock may be held.
    private func report(
        _ event: (inout Machine, Machine.Moment, inout EnvironmentGenerator) -> [Machine.Delivery]
    ) {
        let now = now
        var generator = EnvironmentGenerator(environment)
        state.withLock { state in
            for delivery in event(&state.machine, now, &generator) {
                state.line.removeValue(forKey: delivery.waiter)?.resume(returning: delivery.answer)
            }
        }
    }
}

extension AWSError {
    fileprivate static let cancelledWaiting = AWSError(.cancelled, "cancelled while waiting for AWS credentials")
}
