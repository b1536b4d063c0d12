import WaybillCore
import WaybillPorts

extension JobTables {
    func isLive(_ worker: WorkerID, now: Timestamp) -> Bool {
        workers[worker].map { $0.expiresAt > now } ?? false
    }

    mutating func register(_ worker: WorkerID, about: WorkerDescription, lease: Duration, now: Timestamp) {
        // A repeat, after an answer that was lost, is the same incarnation.
        let startedAt = workers[worker]?.startedAt ?? now
        workers[worker] = LiveWorker(
            id: worker,
            about: about,
            startedAt: startedAt,
            expiresAt: now + lease,
            jobsInHand: workers[worker]?.jobsInHand,
            drain: workers[worker]?.drain
        )
    }

    mutating func renew(_ worker: WorkerID, lease: Duration, jobsInHand: Int, now: Timestamp) -> WorkerOrders? {
        guard isLive(worker, now: now), var row = workers[worker] else { return nil }
        row.expiresAt = now + lease
        row.jobsInHand = jobsInHand
        workers[worker] = row
        return WorkerOrders(
            isToDrain: row.isDraining,
            isIngestPaused: ingestPause != nil,
            workers: Set(workers.keys)
        )
    }

    /// The row expires instead of going, so that the reaper is the only one that deletes.
    mutating func deregister(_ worker: WorkerID) {
        workers[worker]?.expiresAt = Timestamp(microseconds: .min)
    }

    /// `seen`, which is a mistake, are the only jobs that are freed: those of the statement's own snapshot.
    mutating func reap(now: Timestamp, seen: Set<Int64>? = nil) -> Int {
        let deleted = Set(workers.filter { $0.value.expiresAt <= now }.keys)
        workers = workers.filter { $0.value.expiresAt > now }
        var freed = 0
        for var row in hot.values where row.state == .leased {
            if let worker = row.worker, workers[worker] != nil { continue }
            if let seen, !seen.contains(row.id) || row.worker.map({ !deleted.contains($0) }) ?? true { continue }
            row.state = .ready
            row.worker = nil
            hot[row.id] = row
            freed += 1
        }
        return freed
    }

    mutating func recall(worker: WorkerID, except held: Set<Int64>) -> Int {
        var freed = 0
        for var row in hot.values where row.state == .leased && row.worker == worker && !held.contains(row.id) {
            row.state = .ready
            row.worker = nil
            hot[row.id] = row
            freed += 1
        }
        return freed
    }

    /// In the order of their identifiers, so that the answer does not depend on a hash seed.
    func liveWorkers(now: Timestamp) -> [LiveWorker] {
        workers.values.filter { $0.expiresAt > now }
            .sorted { ($0.startedAt, $0.id.high, $0.id.low) < ($1.startedAt, $1.id.high, $1.id.low) }
    }
}
