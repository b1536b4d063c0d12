import WaybillCore
import WaybillPorts

extension WiredJobStore: OperatorStore {
    func takeRequests(worker: WorkerID, limit: Int) async throws(StoreError) -> [TakenRequest] {
        let store = store
        return try await call { () throws(StoreError) in try store.takeRequests(worker: worker, limit: limit) }
    }

    func finishRequest(_ id: Int64, worker: WorkerID, result: OperatorResult) async throws(StoreError) -> Bool {
        let store = store
        return try await call { () throws(StoreError) in try store.finishRequest(id, worker: worker, result: result) }
    }

    func makeReady(
        _ delivery: DeliveryID,
        reason: String,
        anyway: String?,
        fence: LeaderFence?
    ) async throws(StoreError) -> Bool {
        let store = store
        return try await call { () throws(StoreError) in
            try store.makeReady(delivery, reason: reason, anyway: anyway, fence: fence)
        }
    }

    func finishUndecided(_ delivery: DeliveryID, status: String, reason: String) async throws(StoreError) -> Bool {
        let wired = self
        return try await call { () throws(StoreError) in
            let isFinished = try wired.store.finishUndecided(delivery, status: status, reason: reason)
            if isFinished { wired.finished(delivery) }
            return isFinished
        }
    }

    func claim(_ delivery: DeliveryID, worker: WorkerID) async throws(StoreError) -> ClaimedJob? {
        let (store, witness) = (store, witness)
        return try await call { () throws(StoreError) in
            let job = try store.claim(delivery, worker: worker)
            if let job { witness.claimed([job]) }
            return job
        }
    }

    func restoreInDoubt(
        _ delivery: DeliveryID,
        attempt: AttemptID,
        until: Timestamp,
        fence: LeaderFence?
    ) async throws(StoreError) -> Bool {
        let store = store
        return try await call { () throws(StoreError) in
            try store.restoreInDoubt(delivery, attempt: attempt, until: until, fence: fence)
        }
    }
}

extension WiredJobStore: CopyStore {
    func payload(of delivery: DeliveryID) async throws(StoreError) -> String? {
        let store = store
        return try await call { () throws(StoreError) in try store.payload(of: delivery) }
    }

    func makeCopy(_ copy: NewCopy, leastNumber: Int) async throws(StoreError) -> CopyOutcome {
        let store = store
        return try await call { () throws(StoreError) in try store.makeCopy(copy, leastNumber: leastNumber) }
    }

    func copies(of confirmation: DeliveryID) async throws(StoreError) -> [DeliveryID] {
        let store = store
        return try await call { () throws(StoreError) in try store.copies(of: confirmation) }
    }
}

extension WiredJobStore: LeadershipStore {
    func campaign(role: String, holder: WorkerID, lease: Duration) async throws(StoreError) -> LeaderFence? {
        let (store, witness) = (store, witness)
        return try await call { () throws(StoreError) in
            let fence = try store.campaign(role: role, holder: holder, lease: lease)
            if let fence { witness.elected(fence) }
            return fence
        }
    }

    func resign(_ fence: LeaderFence) async throws(StoreError) {
        let store = store
        try await call { () throws(StoreError) in try store.resign(fence) }
    }
}
