import Synchronization
import WaybillPorts

/// Brings a call's answer to the task that waits for it: the call is made before the task has its continuation.
final class AnswerBox<Value: Sendable>: Sendable {
    private let waiting = Mutex<CheckedContinuation<Result<Value, StoreError>, Never>?>(nil)

    func await(_ continuation: CheckedContinuation<Result<Value, StoreError>, Never>) {
        waiting.withLock { $0 = continuation }
    }

    func deliver(_ result: Result<Value, StoreError>) {
        let continuation = waiting.withLock { waiting in
            defer { waiting = nil }
            return waiting
        }
        continuation?.resume(returning: result)
    }
}
