import Foundation
import Testing

/// How much a run tests. `ops/test --full` asks for all; the usual run has a short variant of each kind.
enum Extent {
    static let isFull = ProcessInfo.processInfo.environment["WAYBILL_TEST_FULL"] != nil

    /// How often a worker is killed at each point.
    static var kills: Int { isFull ? 20 : 3 }

    /// How long an outage lasts.
    static var outage: Duration { isFull ? .seconds(60) : .seconds(6) }
}

extension Trait where Self == ConditionTrait {
    /// For what takes long and has a shorter relative in the usual run.
    static var onlyInFullRuns: ConditionTrait {
        .enabled(if: Extent.isFull, "only in ops/test --full")
    }
}
