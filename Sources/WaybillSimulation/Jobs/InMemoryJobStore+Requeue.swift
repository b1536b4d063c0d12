import Synchronization
package import WaybillCore
package import WaybillPorts

extension InMemoryJobStore: RequeueStore {
    /// What admin.requeue_quarantined writes; returns the request's number.
    package func requestRequeue(of entry: Int64, by name: String = "operator", reason: String) -> Int64 {
        tables.withLock { tables in
            let id = tables.nextRequest()
            let request = RequeueRequest(id: id, entry: entry, name: name, reason: reason)
            tables.requeues.append(JobTables.RequeueRow(request: request))
            return id
        }
    }

    /// What admin.drain writes.
    package func requestDrain(of worker: WorkerID) {
        tables.withLock { $0.workers[worker]?.isDraining = true }
    }

    /// What admin.pause('ingest') and admin.resume('ingest') write.
    package func setIngest(paused: Bool) {
        tables.withLock { $0.isIngestPaused = paused }
    }

    package func takeRequeues(worker: WorkerID, limit: Int) throws(StoreError) -> [RequeueRequest] {
        let now = clock()
        return tables.withLock { $0.takeRequeues(worker: worker, limit: limit, now: now) }
    }

    package func quarantined(_ id: Int64) throws(StoreError) -> QuarantineEntry? {
        tables.withLock { tables in tables.quarantine.values.first { $0.id == id } }
    }

    package func finishRequeue(
        _ request: RequeueRequest,
        worker: WorkerID,
        result: OperatorResult
    ) throws(StoreError) -> Bool {
        tables.withLock { $0.finishRequeue(request, worker: worker, result: result) }
    }
}

extension JobTables {
    /// A row of `admin_requests` about a message of the quarantine.
    struct RequeueRow {
        let request: RequeueRequest
        var worker: WorkerID?
        var takenAt: Timestamp?
        var result: OperatorResult?
    }

    mutating func takeRequeues(worker: WorkerID, limit: Int, now: Timestamp) -> [RequeueRequest] {
        let free = requeues.indices.filter { index in
            let row = requeues[index]
            return row.result == nil && row.takenAt.map { now - $0 > .seconds(30) } ?? true
        }
        return free.prefix(max(0, limit)).map { index in
            requeues[index].worker = worker
            requeues[index].takenAt = now
            return requeues[index].request
        }
    }

    mutating func finishRequeue(_ request: RequeueRequest, worker: WorkerID, result: OperatorResult) -> Bool {
        guard let index = requeues.firstIndex(where: { $0.request.id == request.id }),
            requeues[index].worker == worker, requeues[index].result == nil
        else { return false }
        requeues[index].result = OperatorResult(isDone: result.isDone, result.outcome.withoutNUL)
        if result.isDone { quarantine = quarantine.filter { $0.value.id != request.entry } }
        return true
    }
}
