/// Something to change, and what a month would cost less for it.
package struct Recommendation: Hashable, Sendable {
    package enum Topic: String, CaseIterable, Hashable, Sendable {
        case sesPlan = "ses-plan"
        case dedicatedAddresses = "ses-dedicated-addresses"
        case emptyReceives = "empty-receives"
        case feedbackKinds = "feedback-kinds"
        case unreadIndexes = "unread-indexes"
        case recordSize = "record-size"
        case provisionedCapacity = "provisioned-capacity"
        case tableClass = "table-class"
        case logVolume = "log-volume"
        case logRetention = "log-retention"
        case metricCount = "metric-count"
        case alarmCount = "alarm-count"
        case workerCount = "worker-count"
        case workerSize = "worker-size"
        case graviton = "graviton"
        case databaseSize = "database-size"
        case networkPath = "network-path"
    }

    package enum Confidence: String, CaseIterable, Hashable, Sendable {
        /// The same use, priced in another way.
        case high
        /// It rests on a measure of what is needed, such as the busiest hour that was seen.
        case medium
        /// A price in the sum was never looked up.
        case low
    }

    package let topic: Topic
    /// What to change, in one line.
    package let title: String
    /// Of one month, the pricing's own. Two recommendations may save the same money: their sum is not a promise.
    package let saving: Money
    /// The measured numbers that it rests on.
    package let evidence: String
    package let confidence: Confidence
    /// What to do, and what to look at before.
    package let how: String

    /// For programs.
    package var key: String { topic.rawValue }
}

/// What the rules said about a month.
package struct Advice: Hashable, Sendable {
    /// A rule that could not judge, and what it would need.
    package struct Silence: Hashable, Sendable {
        package let topic: Recommendation.Topic
        package let reason: String
    }

    package let pricesAsOf: BillingDay
    /// The most money first.
    package let recommendations: [Recommendation]
    /// In the order of the topics. A rule that is in neither list has judged and found nothing worth a change.
    package let silences: [Silence]
}
