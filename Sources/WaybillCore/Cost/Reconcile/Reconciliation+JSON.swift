extension Reconciliation {
    /// For programs: money in dollars with six digits, as a string; `null` where a side has nothing.
    package var json: JSON {
        [
            "pricesAsOf": .string(pricesAsOf.description), "estimated": .bool(isEstimated),
            "ours": .string(ours.decimal), "theirs": .string(theirs.decimal), "ownCost": .string(ownCost.decimal),
            "meters": .array(lines.map(\.json)),
            "uncounted": .array(
                uncounted.map { line in
                    [
                        "service": .string(line.service), "usageType": .string(line.usageType),
                        "theirs": .string(line.cost.decimal),
                    ]
                }
            ),
        ]
    }
}

extension Reconciliation.Line {
    fileprivate var json: JSON {
        [
            "meter": .string(meter.rawValue), "ours": Self.dollars(ours), "theirs": Self.dollars(theirs),
            "difference": .string(difference.decimal),
            "differencePercent": differencePercent.map { .number(String(($0 * 100).rounded() / 100)) } ?? .null,
        ]
    }

    private static func dollars(_ money: Money?) -> JSON { money.map { .string($0.decimal) } ?? .null }
}
