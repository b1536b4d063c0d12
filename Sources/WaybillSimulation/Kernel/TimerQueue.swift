/// What happens at a virtual time, earliest first. Equal times are ordered by a number drawn from the seed, so that which of
/// two answers comes first is part of what a seed decides.
struct TimerQueue {
    private struct Timer {
        let deadline: Int64
        let tie: UInt64
        let action: @Sendable () -> Void

        func precedes(_ other: Timer) -> Bool { (deadline, tie) < (other.deadline, other.tie) }
    }

    private var heap: [Timer] = []

    mutating func add(at deadline: Int64, tie: UInt64, _ action: @escaping @Sendable () -> Void) {
        heap.append(Timer(deadline: deadline, tie: tie, action: action))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].precedes(heap[parent]) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// The earliest action that is due at `limit`, and its time.
    mutating func takeFirst(until limit: Int64) -> (deadline: Int64, action: @Sendable () -> Void)? {
        guard let first = heap.first, first.deadline <= limit else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return (first.deadline, first.action)
    }

    mutating func removeAll() { heap.removeAll() }

    private mutating func sink() {
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < heap.count else { return }
            if child + 1 < heap.count, heap[child + 1].precedes(heap[child]) { child += 1 }
            guard heap[child].precedes(heap[parent]) else { return }
            heap.swapAt(child, parent)
            parent = child
        }
    }
}
