import Synchronization

/// True the first time it is asked.
final class LostOnce: Sendable {
    private let wasAsked = Atomic(false)

    func isFirst() -> Bool { !wasAsked.exchange(true, ordering: .relaxed) }
}
