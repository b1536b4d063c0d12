/// Gathers orders into batches as PublishBatch takes them: at most ten, and at most 256 KiB together.
/// Source: Amazon SNS API reference, `PublishBatch`.
struct PublishBatcher: Sendable {
    static let mostMessages = 10
    static let mostBytes = 256 * 1024

    private let size: Int
    private var pending: [OutgoingOrder] = []
    private var pendingBytes = 0

    /// `size` is the number of orders at which a batch is full, 1 to 10.
    init(size: Int = Self.mostMessages) {
        self.size = max(1, min(size, Self.mostMessages))
    }

    /// Adds an order and returns the batches that are complete now. One that is too large by itself travels alone, so
    /// that its refusal touches no other.
    mutating func add(_ order: OutgoingOrder) -> [[OutgoingOrder]] {
        let bytes = order.text.utf8.count
        var full: [[OutgoingOrder]] = []
        if pendingBytes + bytes > Self.mostBytes { full += flush() }
        pending.append(order)
        pendingBytes += bytes
        if pending.count >= size || pendingBytes >= Self.mostBytes { full += flush() }
        return full
    }

    /// What is left, as one batch or none.
    mutating func flush() -> [[OutgoingOrder]] {
        defer {
            pending = []
            pendingBytes = 0
        }
        return pending.isEmpty ? [] : [pending]
    }
}

/// Spreads messages over time: the first `n` are not out before `n / rate` seconds.
struct PublishPace: Sendable {
    private let perSecond: Double?
    private let start: Duration
    private var released = 0

    /// No rate means no waiting.
    init(perSecond: Double?, start: Duration) {
        self.perSecond = perSecond
        self.start = start
    }

    /// How long to wait before these messages may go.
    mutating func delay(for count: Int, now: Duration) -> Duration {
        guard let perSecond else { return .zero }
        defer { released += count }
        return max(.zero, start + .seconds(Double(released) / perSecond) - now)
    }
}
