import Synchronization
package import WaybillCore
package import WaybillPorts

/// The time that AWS has, as well as this process knows: its own clock and the offset learned from answers. One for all
/// services.
package final class ServiceClock: Sendable {
    private let environment: any Environment
    private let estimator = Mutex(ClockOffsetEstimator())

    package init(environment: any Environment) {
        self.environment = environment
    }

    package var offset: Duration { estimator.withLock { $0.offset } }

    /// The corrected wall time: what to sign with, and what to write into records.
    package func now() -> Timestamp { environment.wallNow() + offset }

    /// Every answer counts, refusals too: a signature refused for its time is how a wrong clock shows.
    func learn(from response: HTTPResponse) {
        let receivedAt = environment.wallNow()
        guard let date = response.header("Date").flatMap({ Timestamp(httpDate: $0) }) else { return }
        estimator.withLock { $0.learn(date: date, receivedAt: receivedAt, roundTrip: response.roundTrip) }
    }
}
