import Glibc
import WaybillPorts

/// A thread for one call that may block, such as name resolution: the reactor and the cooperative pool must not.
enum OwnThread {
    /// Runs the body on a thread of its own and returns what it returned. Not ended by cancellation: the body sees to
    /// that itself.
    static func run<Value: Sendable>(
        _ body: @escaping @Sendable () -> Result<Value, StoreError>
    ) async -> Result<Value, StoreError> {
        await withCheckedContinuation { continuation in
            let code = start { continuation.resume(returning: body()) }
            guard code != 0 else { return }
            continuation.resume(returning: .failure(StoreError(.unavailable, "pthread_create failed: errno \(code)")))
        }
    }

    /// Starts a thread that nobody waits for; returns pthread_create's error, 0 for none.
    @discardableResult
    static func start(_ body: @escaping @Sendable () -> Void) -> Int32 {
        let work = ThreadWork(body)
        let box = unsafe Unmanaged.passRetained(work).toOpaque()
        var thread = pthread_t()
        let code = unsafe pthread_create(&thread, nil, { unsafe runThreadWork($0) }, box)
        if code == 0 {
            pthread_detach(thread)
        } else {
            unsafe Unmanaged<ThreadWork>.fromOpaque(box).release()
        }
        return code
    }
}

private final class ThreadWork: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
    }
}

private func runThreadWork(_ box: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let box = unsafe box else { preconditionFailure("a thread was started without its work") }
    unsafe Unmanaged<ThreadWork>.fromOpaque(box).takeRetainedValue().body()
    return nil
}
