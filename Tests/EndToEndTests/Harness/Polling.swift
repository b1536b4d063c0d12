// The only file of these tests that may wait: a condition is asked again and again until it holds or its time is over.

/// A condition that did not come true in time.
struct ConditionNotMet: Error, CustomStringConvertible {
    let what: String
    let limit: Duration
    /// What was seen last, if the condition said so.
    let lastSeen: String?

    var description: String {
        "not within \(limit): \(what)" + (lastSeen.map { "; last seen: \($0)" } ?? "")
    }
}

/// What a condition saw: it holds and gives a value, or not yet.
enum Observation<Value> {
    case met(Value)
    case notYet(String)
}

/// Asks until the condition gives a value, and returns that; throws ``ConditionNotMet`` when `limit` is over. An error of the
/// condition itself ends the wait: what may fail meanwhile, the condition catches and calls "not yet".
@discardableResult
func eventually<Value>(
    within limit: Duration,
    every pause: Duration = .milliseconds(50),
    _ what: String,
    _ condition: () async throws -> Observation<Value>
) async throws -> Value {
    let clock = ContinuousClock()
    let deadline = clock.now + limit
    while true {
        let seen: String
        switch try await condition() {
        case .met(let value): return value
        case .notYet(let text): seen = text
        }
        if clock.now >= deadline { throw ConditionNotMet(what: what, limit: limit, lastSeen: seen) }
        try await clock.sleep(for: pause)
    }
}

/// Asks until the condition is true.
func eventually(
    within limit: Duration,
    every pause: Duration = .milliseconds(50),
    _ what: String,
    isTrue condition: () async throws -> Bool
) async throws {
    try await eventually(within: limit, every: pause, what) {
        try await condition() ? Observation.met(()) : .notYet("false")
    }
}

/// How long `body` took.
func duration(of body: () async throws -> Void) async throws -> Duration {
    try await ContinuousClock().measure { try await body() }
}
