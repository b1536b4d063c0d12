/// The line that is written over and over while a person waits: at most ten times a second.
struct ProgressLine: Sendable {
    /// Back to the start of the line, and empty to its end.
    static let clear = "\r\u{1B}[K"
    private static let interval = Duration.milliseconds(100)

    private let isShown: Bool
    private var due: Duration?

    init(isShown: Bool) {
        self.isShown = isShown
    }

    /// What to write to the terminal now, if anything. `text` is asked for only when it is due.
    mutating func update(now: Duration, _ text: () -> String) -> String? {
        guard isShown, now >= due ?? now else { return nil }
        due = now + Self.interval
        return Self.clear + text()
    }

    /// Takes the line away.
    mutating func finish() -> String? {
        guard isShown, due != nil else { return nil }
        due = nil
        return Self.clear
    }
}
