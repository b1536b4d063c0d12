/// Whether a consumer may receive: only while the store's last call succeeded. Receiving from a queue while the database
/// is away would use up the messages' receive counts and fill the dead-letter queue within minutes.
package struct StoreGate: Hashable, Sendable {
    private enum State: Hashable, Sendable {
        case open
        /// The store failed so many times in a row; it is tried again then.
        case closed(failures: Int, until: Duration)
    }

    /// The longest wait between two tries.
    package static let longestPause = Duration.seconds(5)
    private static let firstPause = Duration.milliseconds(100)

    private var state = State.open

    package init() {}

    /// How long to wait before the next receive; zero when the gate is open.
    package func pause(now: Duration) -> Duration {
        switch state {
        case .open: .zero
        case .closed(_, let until): max(.zero, until - now)
        }
    }

    package mutating func succeeded() {
        state = .open
    }

    /// Closes it for a while; `jitter`, between 0 and 1, spreads the workers over time.
    package mutating func failed(now: Duration, jitter: Double) {
        let failures =
            switch state {
            case .open: 1
            case .closed(let failures, _): min(failures + 1, 16)
            }
        let pause = min(Self.longestPause, Self.firstPause * (1 << (failures - 1)))
        state = .closed(failures: failures, until: now + pause * (0.5 + jitter / 2))
    }
}
