/// When a call may be tried again.
package enum RetryMode: Hashable, Sendable {
    /// Never: SES SendEmail.
    case never
    /// Only after a failure that had no effect. A conditional write tried again after a lost answer would be refused by
    /// its own effect, and the caller could not tell.
    case unlessUnanswered
    /// After any failure that passes: reads, and writes that may happen twice.
    case always
}

/// The numbers of AWS's standard retry mode as botocore 1.43 has them for `AWS_NEW_RETRIES_2026`.
package struct RetryPolicy: Hashable, Sendable {
    package var attempts: Int
    package var transientBase: Duration
    package var throttlingBase: Duration

    package static let longestDelay = Duration.seconds(20)

    package static let standard = RetryPolicy(
        attempts: 3,
        transientBase: .milliseconds(50),
        throttlingBase: .seconds(1)
    )
    /// A claim must not spend its worker's lease of ten seconds on waiting.
    package static let dynamoDB = RetryPolicy(
        attempts: 4,
        transientBase: .milliseconds(25),
        throttlingBase: .milliseconds(250)
    )
}

/// Tokens that all calls of a client share: when a service is down, most calls fail at once instead of waiting for it.
package struct RetryBudget: Hashable, Sendable {
    package static let capacity = 500
    package static let transientCost = 14
    package static let throttlingCost = 5

    package private(set) var tokens = RetryBudget.capacity

    package init() {}

    mutating func take(_ cost: Int) -> Bool {
        guard tokens >= cost else { return false }
        tokens -= cost
        return true
    }

    /// A call succeeded: what its last retry took comes back, or one token.
    package mutating func succeeded(taken: Int?) {
        tokens = min(Self.capacity, tokens + (taken ?? 1))
    }
}

/// The retries of one call: decides after each failure.
package struct RetryPlan: Hashable, Sendable {
    private let policy: RetryPolicy
    private let mode: RetryMode
    private let signatureIsFixed: Bool
    private var attempts = 1
    private var correctedClock = false
    /// What the last retry took from the budget.
    package private(set) var taken: Int?

    /// `signatureIsFixed`: the caller gave the time to sign with, so a learned clock offset would not change it.
    package init(policy: RetryPolicy, mode: RetryMode, signatureIsFixed: Bool) {
        self.policy = policy
        self.mode = mode
        self.signatureIsFixed = signatureIsFixed
    }

    /// How long to wait before the next attempt; nil when the failure is the call's result.
    package mutating func delay(
        after error: AWSError,
        budget: inout RetryBudget,
        using generator: inout some RandomNumberGenerator
    ) -> Duration? {
        guard mode != .never else { return nil }
        switch error.code {
        case .configuration, .credentials, .cancelled: return nil
        case .notSent: return transient(&budget, using: &generator)
        case .unanswered: return mode == .always ? transient(&budget, using: &generator) : nil
        case .refused: break
        }
        switch error.kind {
        case .throttled: return next(policy.throttlingBase, RetryBudget.throttlingCost, &budget, using: &generator)
        case .signatureTime:
            // The refusal's own Date header has corrected the clock, so one more attempt suffices, at once.
            guard !signatureIsFixed, !correctedClock else { return nil }
            correctedClock = true
            return .zero
        case .expiredCredentials, .accessDenied, .other: return nil
        }
    }

    private mutating func transient(
        _ budget: inout RetryBudget,
        using generator: inout some RandomNumberGenerator
    ) -> Duration? {
        next(policy.transientBase, RetryBudget.transientCost, &budget, using: &generator)
    }

    /// Full jitter: any delay up to the base doubled with each attempt.
    private mutating func next(
        _ base: Duration,
        _ cost: Int,
        _ budget: inout RetryBudget,
        using generator: inout some RandomNumberGenerator
    ) -> Duration? {
        guard attempts < policy.attempts, budget.take(cost) else { return nil }
        taken = cost
        let ceiling = min(base * (1 << (attempts - 1)), RetryPolicy.longestDelay)
        attempts += 1
        return ceiling * Double.random(in: 0...1, using: &generator)
    }
}
