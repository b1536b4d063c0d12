package import WaybillCluster

/// What became of one seed.
package struct RunReport: Hashable, Sendable {
    package var seed: UInt64
    package var violations: [Violation]
    package var digest: RunDigest
    /// Scheduling decisions.
    package var steps: Int
    /// Virtual time.
    package var elapsed: Duration
    package var nodes: Int
    package var kills: Int
    package var pauses: Int
    package var acceptances: Int
    package var deliveries: Int
    package var rare: [RarePath: Int]
    package var outcomes: [Outcome: Int64]
    package var trace: [String]
}
