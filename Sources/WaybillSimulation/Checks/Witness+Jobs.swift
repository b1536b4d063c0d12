import Synchronization
import WaybillCore
import WaybillPorts

extension Witness {
    func claimed(_ jobs: [ClaimedJob]) {
        for job in jobs {
            let last = state.withLock { state in
                defer { state.lastEpoch = max(state.lastEpoch, job.epoch) }
                state.jobs[job.id] = job.delivery
                state.epochs[job.id] = job.epoch
                return state.restoredAt == nil ? state.lastEpoch : Epoch(0)
            }
            require(job.epoch > last, .I7, "\(job.delivery) was claimed with epoch \(job.epoch) after \(last)")
        }
    }

    func settled(_ settlement: JobSettlement) {
        let newest = state.withLock { $0.restoredAt == nil ? $0.epochs[settlement.job] : nil }
        let isNewest = newest.map { settlement.epoch >= $0 } ?? true
        require(
            isNewest,
            .I7,
            "job \(settlement.job) was settled with epoch \(settlement.epoch) after \(newest ?? settlement.epoch)"
        )
    }

    func delivery(ofJob id: Int64) -> DeliveryID? { state.withLock { $0.jobs[id] } }

    /// T11: the record must be at its end.
    func finished(_ delivery: DeliveryID, _ record: DeliveryRecord?) {
        let status = record?.status
        require(
            status?.endsJob ?? false,
            .I6,
            "the job of \(delivery) went to the history, its record is \(status?.name ?? "not there")"
        )
    }

    func elected(_ fence: LeaderFence) {
        let last = state.withLock { state in
            defer { state.lastTerm = max(state.lastTerm, fence.term.number) }
            return state.restoredAt == nil ? state.lastTerm : 0
        }
        require(fence.term.number >= last, .I7, "term \(fence.term) after term \(last)")
    }

    func restored() {
        let now = simulator.elapsed
        state.withLock { state in
            state.restoredAt = now
            state.rare[.databaseRestored, default: 0] += 1
        }
    }

    /// Workers that believe in a lease that the database has forgotten stop within the lease's time.
    func isJustRestored(within duration: Duration) -> Bool {
        let now = simulator.elapsed
        return state.withLock { $0.restoredAt.map { now - $0 < duration } ?? false }
    }

    var isRestored: Bool { state.withLock { $0.restoredAt != nil } }
}
