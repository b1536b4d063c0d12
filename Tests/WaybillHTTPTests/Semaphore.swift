import Dispatch
import Synchronization
import WaybillTestServer

/// Holds back a server's thread.
final class Semaphore: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private let signals = Mutex(0)

    /// How often it was signalled.
    var count: Int { signals.withLock { $0 } }

    func signal() {
        signals.withLock { $0 += 1 }
        semaphore.signal()
    }

    /// Five seconds at most, so that a test that failed leaves no thread behind.
    func wait(milliseconds: Int = 5000) {
        _ = semaphore.wait(timeout: .now() + .milliseconds(milliseconds))
    }
}
