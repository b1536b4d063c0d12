import Testing
import WaybillAWS
import WaybillPorts

@Suite struct RetryPlanTests {
    private static let throttled = AWSError(.refused, type: "ThrottlingException", "slow down", exposure: .maybeSent)
    private static let unanswered = AWSError(.unanswered, "timeout", exposure: .maybeSent)
    private static let notSent = AWSError(.notSent, "refused")
    private static let skewed = AWSError(.refused, type: "RequestTimeTooSkewed", "late", exposure: .maybeSent)

    /// How many retries a plan allows for an error that stays.
    private func retries(
        _ error: AWSError,
        mode: RetryMode,
        fixed: Bool = false,
        budget: inout RetryBudget
    ) -> [Duration] {
        var plan = RetryPlan(policy: .standard, mode: mode, signatureIsFixed: fixed)
        var generator = SystemRandomNumberGenerator()
        var delays: [Duration] = []
        while let delay = plan.delay(after: error, budget: &budget, using: &generator) { delays.append(delay) }
        return delays
    }

    @Test func eachModeRetriesWhatItMay() {
        let rows: [(AWSError, never: Int, unlessUnanswered: Int, always: Int)] = [
            (Self.throttled, 0, 2, 2), (Self.notSent, 0, 2, 2), (Self.unanswered, 0, 0, 2), (Self.skewed, 0, 1, 1),
            (AWSError(.refused, type: "ValidationException", "bad"), 0, 0, 0),
            (AWSError(.refused, type: "AccessDeniedException", "no"), 0, 0, 0),
            (AWSError(.cancelled, "cancelled"), 0, 0, 0), (AWSError(.credentials, "none"), 0, 0, 0),
            (AWSError(.configuration, "none"), 0, 0, 0),
        ]
        for (error, never, unlessUnanswered, always) in rows {
            var budget = RetryBudget()
            #expect(retries(error, mode: .never, budget: &budget).count == never, "\(error)")
            #expect(retries(error, mode: .unlessUnanswered, budget: &budget).count == unlessUnanswered, "\(error)")
            #expect(retries(error, mode: .always, budget: &budget).count == always, "\(error)")
        }
    }

    @Test func aFixedSignatureIsNotTriedAgainWhenItsTimeIsRefused() {
        var budget = RetryBudget()
        #expect(retries(Self.skewed, mode: .always, fixed: true, budget: &budget).isEmpty)
    }

    @Test func delaysHaveJitterBelowACeilingThatDoubles() {
        for _ in 1...50 {
            var budget = RetryBudget()
            let transient = retries(Self.unanswered, mode: .always, budget: &budget)
            #expect(transient[0] <= .milliseconds(50) && transient[1] <= .milliseconds(100))
            let throttling = retries(Self.throttled, mode: .always, budget: &budget)
            #expect(throttling[0] <= .seconds(1) && throttling[1] <= .seconds(2))
        }
    }

    @Test func anEmptyBudgetEndsAllRetriesUntilCallsSucceed() {
        var budget = RetryBudget()
        var total = 0
        for _ in 1...100 { total += retries(Self.unanswered, mode: .always, budget: &budget).count }
        #expect(total == RetryBudget.capacity / RetryBudget.transientCost)
        #expect(retries(Self.unanswered, mode: .always, budget: &budget).isEmpty)
        for _ in 1...RetryBudget.transientCost { budget.succeeded(taken: nil) }
        #expect(retries(Self.unanswered, mode: .always, budget: &budget).count == 1)
    }

    @Test func aSuccessGivesBackWhatItsRetryTookAndNoMore() {
        var budget = RetryBudget()
        var plan = RetryPlan(policy: .standard, mode: .always, signatureIsFixed: false)
        var generator = SystemRandomNumberGenerator()
        _ = plan.delay(after: Self.throttled, budget: &budget, using: &generator)
        #expect(budget.tokens == RetryBudget.capacity - RetryBudget.throttlingCost)
        budget.succeeded(taken: plan.taken)
        budget.succeeded(taken: nil)
        #expect(budget.tokens == RetryBudget.capacity)
    }
}
