package import WaybillCore

/// What the leader does at certain times, once for the cluster.
package protocol DutyStore: Sendable {
    /// True for the one who is to do a task for this tick: the first that asks, in a term that is in force.
    func begin(task: String, tick: Int64, fence: LeaderFence) async throws(StoreError) -> Bool

    /// Makes room ahead and drops finished jobs older than so many days; says what was made and dropped. Under a fence,
    /// nothing happens and the error is `.deposed` when its term is over.
    func maintainHistory(keepDays: Int, fence: LeaderFence?) async throws(StoreError) -> [String]

    /// Forgets which ticks were begun, which addresses were taken off the suppression list, and which processes told their
    /// use, longer than `age` ago.
    /// Returns how many.
    func forgetOld(_ age: Duration, fence: LeaderFence) async throws(StoreError) -> Int
}
