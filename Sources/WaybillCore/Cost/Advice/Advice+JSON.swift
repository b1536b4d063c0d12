extension Advice {
    /// For programs: money in dollars with six digits, as a string.
    package var json: JSON {
        [
            "pricesAsOf": .string(pricesAsOf.description),
            "recommendations": .array(recommendations.map(\.json)),
            "silences": .array(silences.map { ["key": .string($0.topic.rawValue), "reason": .string($0.reason)] }),
        ]
    }
}

extension Recommendation {
    fileprivate var json: JSON {
        [
            "key": .string(key), "title": .string(title), "dollarsPerMonth": .string(saving.decimal),
            "evidence": .string(evidence), "confidence": .string(confidence.rawValue), "how": .string(how),
        ]
    }
}
