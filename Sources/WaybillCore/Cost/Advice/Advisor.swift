/// Looks at what was measured and says what would cost less. Every sum is a difference of two bills, so tiers and what is
/// free are in it.
package enum Advisor {
    /// A week, because a weekend is cheaper than a Monday.
    package static let fewestDays = 7
    /// Nobody is bothered for less in a month: reading the advice costs more.
    package static let leastSaving = Money(dollars: 1)

    /// The month of the pricing is what the use is projected to, and its plan the one that is paid now.
    package static func advise(_ facts: MeasuredFacts, pricing: MonthPricing) -> Advice {
        var recommendations: [Recommendation] = []
        var silences: [Advice.Silence] = []
        let situation = Situation(facts: facts, pricing: pricing)
        for topic in Recommendation.Topic.allCases {
            do throws(Unknown) {
                let finding = try judged(topic, situation)
                guard let finding, finding.saving >= leastSaving else { continue }
                recommendations.append(
                    Recommendation(topic, finding, unverified: situation.usesUnverifiedPrice(finding))
                )
            } catch {
                silences.append(Advice.Silence(topic: topic, reason: error.reason))
            }
        }
        return Advice(
            pricesAsOf: pricing.book.asOf,
            recommendations: recommendations.stablySorted,
            silences: silences
        )
    }

    private static func judged(
        _ topic: Recommendation.Topic,
        _ situation: Situation
    ) throws(Unknown) -> Finding? {
        guard situation.facts.days >= fewestDays else {
            throw Unknown("only \(situation.facts.days) days were measured, and \(fewestDays) are needed")
        }
        return switch topic {
        case .sesPlan: try EmailAdvice.plan(situation)
        case .dedicatedAddresses: try EmailAdvice.dedicatedAddresses(situation)
        case .emptyReceives: try QueueAdvice.emptyReceives(situation)
        case .feedbackKinds: try QueueAdvice.feedbackKinds(situation)
        case .unreadIndexes: try TableAdvice.unreadIndexes(situation)
        case .recordSize: try TableAdvice.recordSize(situation)
        case .provisionedCapacity: try TableAdvice.provisionedCapacity(situation)
        case .tableClass: try TableAdvice.tableClass(situation)
        case .logVolume: try TelemetryAdvice.logVolume(situation)
        case .logRetention: try TelemetryAdvice.logRetention(situation)
        case .metricCount: try TelemetryAdvice.metricCount(situation)
        case .alarmCount: try TelemetryAdvice.alarmCount(situation)
        case .workerCount: try MachineAdvice.workerCount(situation)
        case .workerSize: try MachineAdvice.workerSize(situation)
        case .graviton: try MachineAdvice.graviton(situation)
        case .databaseSize: try MachineAdvice.databaseSize(situation)
        case .networkPath: try NetworkAdvice.path(situation)
        }
    }
}

/// What a rule needs and nobody measured, or a price that the book lacks.
struct Unknown: Error {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}

/// What a rule found.
struct Finding {
    let title: String
    let saving: Money
    let evidence: String
    let confidence: Recommendation.Confidence
    let how: String
    /// The meters whose prices are in the sum.
    let meters: [Meter]
}

extension Recommendation {
    fileprivate init(_ topic: Topic, _ finding: Finding, unverified: Bool) {
        self.topic = topic
        title = finding.title
        saving = finding.saving
        evidence = finding.evidence
        confidence = unverified ? .low : finding.confidence
        how = finding.how
    }
}

extension [Recommendation] {
    /// By money; what saves the same stays in the order of the topics.
    fileprivate var stablySorted: [Recommendation] {
        enumerated().sorted { ($1.element.saving, $0.offset) < ($0.element.saving, $1.offset) }.map(\.element)
    }
}
