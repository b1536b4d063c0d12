import Foundation
import WaybillCore
import WaybillPorts

/// The system's clocks and chance: the only place that asks for them.
struct SystemEnvironment: Environment {
    private static let start = ContinuousClock.now

    func monotonicNow() -> Duration { ContinuousClock.now - Self.start }

    func wallNow() -> Timestamp { SystemClock.wallNow() }

    func sleep(for duration: Duration) async throws(CancellationError) {
        do {
            try await Task.sleep(for: duration)
        } catch {
            throw CancellationError()
        }
    }

    func randomBits() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }
}

/// The system's wall clock.
enum SystemClock {
    static func wallNow() -> Timestamp {
        var time = timespec()
        guard unsafe clock_gettime(CLOCK_REALTIME, &time) == 0 else {
            preconditionFailure("CLOCK_REALTIME cannot be read: errno \(errno)")
        }
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
}
