import WaybillCore
import WaybillPorts

/// PostgreSQL as a process sees it: the store in memory behind the network, and the witness beside the store.
struct WiredJobStore: Sendable {
    let link: ServiceLink
    let store: InMemoryJobStore
    let server: SimulatedLocks
    /// For what must be true of the record when a job ends.
    let ledger: InMemoryDeliveryLedger
    let mutation: Mutation?
    /// The sender's shutdown has begun.
    let isDraining: @Sendable () -> Bool

    var witness: Witness { link.machine.witness }

    func call<Value: Sendable>(
        _ effect: @escaping @Sendable () throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        try await link.call(effect) { StoreError($0) }
    }

    /// For a statement that waits for a lock.
    func callLater<Value: Sendable>(
        _ effect: @escaping @Sendable (@escaping @Sendable (Value) -> Void) -> Void
    ) async throws(StoreError) -> Value {
        try await link.callLater(timeout: link.timeout, fault: { StoreError($0) }) { answer in
            effect { answer(.success($0)) }
        }
    }

    func finished(_ delivery: DeliveryID) {
        witness.finished(delivery, ledger.record(delivery))
    }
}

extension StoreError {
    init(_ fault: WireFault) {
        switch fault {
        case .notReached: self.init(.unavailable, "simulated: no connection")
        case .unanswered: self.init(.unavailable, "simulated: the connection broke")
        case .cancelled: self.init(.cancelled, "simulated: cancelled")
        }
    }
}

extension WiredJobStore: JobStore {
    func enqueue(_ jobs: [NewJob]) async throws(StoreError) -> [EnqueueOutcome] {
        let store = store
        return try await call { () throws(StoreError) in try store.enqueue(jobs) }
    }

    func claim(worker: WorkerID, limit: Int, watermark: JobWatermark?) async throws(StoreError) -> [ClaimedJob] {
        let (store, witness, server) = (store, witness, server)
        witness.require(!isDraining(), .I11, "worker \(worker) claims although it is shutting down")
        return try await callLater { answer in
            let begun = store.clock()
            server.claim(of: worker) {
                let jobs = store.claim(worker: worker, limit: limit, watermark: watermark, liveAt: begun)
                witness.claimed(jobs)
                answer(jobs)
            }
        }
    }

    func recall(worker: WorkerID, except held: [Int64]) async throws(StoreError) -> Int {
        if mutation == .lostClaimsNotRecalled { return 0 }
        let store = store
        return try await call { () throws(StoreError) in try store.recall(worker: worker, except: held) }
    }

    func settle(_ settlements: [JobSettlement], worker: WorkerID) async throws(StoreError) -> [Bool] {
        let wired = self
        return try await call { () throws(StoreError) in
            let isFenced = wired.mutation != .completionNotFenced
            let settled = wired.store.settle(settlements, worker: worker, isFenced: isFenced)
            for (settlement, isSettled) in zip(settlements, settled) where isSettled {
                wired.witness.settled(settlement)
                guard case .finished = settlement.verdict else { continue }
                if let delivery = wired.witness.delivery(ofJob: settlement.job) { wired.finished(delivery) }
            }
            return settled
        }
    }

    func hint(_ deliveries: [DeliveryID]) async throws(StoreError) {
        let store = store
        try await call { () throws(StoreError) in try store.hint(deliveries) }
    }

    func dueInDoubt(limit: Int) async throws(StoreError) -> [InDoubtJob] {
        let (store, mutation) = (store, mutation)
        return try await call { () throws(StoreError) in
            let due = try store.dueInDoubt(limit: limit)
            return mutation == .unconfirmedNotLookedAt ? due.filter { !$0.isUnconfirmed } : due
        }
    }

    func settleInDoubt(_ verdicts: [InDoubtVerdict], fence: LeaderFence?) async throws(StoreError) -> [Bool] {
        let wired = self
        return try await call { () throws(StoreError) in
            let leads = fence.map { wired.store.leads($0) } ?? false
            let settled: [Bool]
            do throws(StoreError) {
                let asked = wired.mutation == .effectWithoutTerm ? nil : fence
                settled = try wired.store.settleInDoubt(verdicts, fence: asked)
            } catch {
                if error.code == .deposed { wired.witness.reached(.leaderChangedDuringSweep) }
                throw error
            }
            let hasEffect = settled.contains(true)
            wired.witness.require(leads || !hasEffect, .I7, "a sweep was settled after its term")
            for (verdict, isSettled) in zip(verdicts, settled) where isSettled {
                if case .finished = verdict.verdict { wired.finished(verdict.job.delivery) }
            }
            return settled
        }
    }

    func snapshot(_ delivery: DeliveryID) async throws(StoreError) -> JobSnapshot? {
        let store = store
        return try await call { () throws(StoreError) in try store.snapshot(delivery) }
    }

    func counts() async throws(StoreError) -> JobCounts {
        let store = store
        return try await call { () throws(StoreError) in try store.counts() }
    }

    func raiseEpochs(past epoch: Epoch) async throws(StoreError) {
        let store = store
        try await call { () throws(StoreError) in try store.raiseEpochs(past: epoch) }
    }

    func now() async throws(StoreError) -> Timestamp {
        let store = store
        return try await call { () throws(StoreError) in try store.now() }
    }
}

extension WiredJobStore: WorkerRegistry {
    func register(_ worker: WorkerID, about: WorkerDescription, lease: Duration) async throws(StoreError) {
        let store = store
        try await call { () throws(StoreError) in try store.register(worker, about: about, lease: lease) }
    }

    func renew(_ worker: WorkerID, lease: Duration, jobsInHand: Int) async throws(StoreError) -> WorkerOrders? {
        let (store, server) = (store, server)
        return try await callLater { answer in
            server.after(claimsOf: [worker]) {
                answer(store.extend(worker, lease: lease, jobsInHand: jobsInHand))
            }
        }
    }

    func reap() async throws(StoreError) -> Int {
        let (store, witness, server, mutation) = (store, witness, server, mutation)
        return try await callLater { answer in
            let seen = mutation == .reaperInOneStatement ? store.leasedJobs() : nil
            server.after(claimsOf: store.expiredWorkers()) {
                let before = store.leasedDeliveries()
                let freed = store.reap(seen: seen)
                if freed > 0, witness.isSending(before.subtracting(store.leasedDeliveries())) {
                    witness.reached(.leaseStolenWhileSending)
                }
                answer(freed)
            }
        }
    }

    func deregister(_ worker: WorkerID) async throws(StoreError) {
        let store = store
        try await call { () throws(StoreError) in try store.deregister(worker) }
    }

    func live() async throws(StoreError) -> [LiveWorker] {
        let store = store
        return try await call { () throws(StoreError) in try store.live() }
    }

    func ingestPause() async throws(StoreError) -> StandingOrder? {
        let store = store
        return try await call { () throws(StoreError) in try store.ingestPause() }
    }
}
