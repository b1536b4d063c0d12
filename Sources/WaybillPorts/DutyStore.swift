package import WaybillCore

/// What the leader does at certain times, once for the cluster.
package protocol DutyStore: Sendable {
    /// True for the one who is to do a task for this tick: the first that asks, in a term that is in force.
    func begin(task: String, tick: Int64, fence: LeaderFence) async throws(StoreError) -> Bool

    /// Makes room ahead and drops finished jobs older than so many days; says what was made and dropped.
    func maintainHistory(keepDays: Int) async throws(StoreError) -> [String]
}
