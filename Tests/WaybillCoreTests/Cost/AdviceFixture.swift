import Testing
import WaybillCore

/// November has 30 days, so 30 measured days are the month itself and every sum can be done by hand. The prices are those of
/// us-east-1 that are shipped.
enum AdviceFixture {
    static let hours: Int64 = 720

    static func facts(
        _ usage: [Meter: Int64] = [:],
        emails: Int64 = 0,
        days: Int = 30,
        _ change: (inout MeasuredFacts) -> Void = { _ in }
    ) -> MeasuredFacts {
        var facts = MeasuredFacts(days: days, usage: usage, emails: emails)
        change(&facts)
        return facts
    }

    /// So many that are there all month, in thousandths of an hour.
    static func allMonth(_ count: Int64) -> Int64 { count * hours * 1000 }

    static func advice(
        _ facts: MeasuredFacts,
        plan: SESPlan = .aLaCarte,
        region: String = "us-east-1"
    ) throws -> Advice {
        Advisor.advise(facts, pricing: try CostFixture.pricing("2026-11", region: region, plan: plan))
    }

    static func recommendation(
        _ topic: Recommendation.Topic,
        _ facts: MeasuredFacts,
        plan: SESPlan = .aLaCarte
    ) throws -> Recommendation? {
        try advice(facts, plan: plan).recommendations.first { $0.topic == topic }
    }

    /// Dollars a month; nil when nothing is recommended.
    static func saving(
        _ topic: Recommendation.Topic,
        _ facts: MeasuredFacts,
        plan: SESPlan = .aLaCarte
    ) throws -> String? {
        try recommendation(topic, facts, plan: plan)?.saving.decimal
    }

    static func silence(_ topic: Recommendation.Topic, _ advice: Advice) -> String? {
        advice.silences.first { $0.topic == topic }?.reason
    }
}
