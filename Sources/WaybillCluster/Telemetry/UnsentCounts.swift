/// Counts on their way to the metrics: what was not taken goes with the next ones. It is as large as there are outcomes,
/// however long nothing is taken.
struct UnsentCounts {
    private var waiting: [Outcome: Int64] = [:]
    /// What is being put, in its order.
    private(set) var inHand: [(outcome: Outcome, count: Int64)] = []

    mutating func add(_ counts: [Outcome: Int64]) {
        waiting.merge(counts) { $0 + $1 }
    }

    /// Takes everything that waits into hand, by name.
    mutating func begin() {
        precondition(inHand.isEmpty, "counts are put one time after another")
        inHand = waiting.filter { $0.value != 0 }.map { (outcome: $0.key, count: $0.value) }
            .sorted { $0.outcome.rawValue < $1.outcome.rawValue }
        waiting = [:]
    }

    /// The first `taken` are counted for good; the others wait again.
    mutating func ended(taken: Int) {
        for (outcome, count) in inHand.dropFirst(taken) { waiting[outcome, default: 0] += count }
        inHand = []
    }
}
