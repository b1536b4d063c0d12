package import WaybillCore
package import WaybillPorts

extension PostgresJobStore: OperatorStore {
    package func takeRequests(worker: WorkerID, limit: Int) async throws(StoreError) -> [TakenRequest] {
        let statement = PostgresStatement(OperatorSQL.take).bind(worker).bind(Int64(max(0, limit)))
        let taken = try await pool.perform([statement]) { results throws(StoreError) in
            try results.map { row throws(StoreError) in try row.takenRequest() }
        }
        var requests: [TakenRequest] = []
        for (id, request) in taken {
            switch request {
            case .success(let request): requests.append(request)
            case .failure(let refusal): _ = try await finishRequest(id, worker: worker, result: .refused(refusal.why))
            }
        }
        return requests.sorted { $0.id < $1.id }
    }

    package func finishRequest(
        _ id: Int64,
        worker: WorkerID,
        result: OperatorResult
    ) async throws(StoreError) -> Bool {
        let statement = PostgresStatement(OperatorSQL.finish).bind(id).bind(worker)
            .bind(result.isDone ? "done" : "refused").bind(result.outcome.withoutNUL)
        return try await hasRows(statement)
    }

    package func makeReady(
        _ delivery: DeliveryID,
        reason: String,
        anyway: String?,
        fence: LeaderFence?
    ) async throws(StoreError) -> Bool {
        let anyway = anyway?.withoutNUL
        let hot = PostgresStatement(OperatorSQL.makeReady)
            .bind(delivery.description).bind(reason.withoutNUL).bind(anyway)
        if try await hasRows(hot, fence) { return true }
        return try await putBack(PutBack(delivery, state: "ready", reason: reason, anyway: anyway), fence)
    }

    package func finishUndecided(
        _ delivery: DeliveryID,
        status: String,
        reason: String
    ) async throws(StoreError) -> Bool {
        let find = PostgresStatement(OperatorSQL.undecided).bind(delivery.description)
        let job = try await pool.perform([find]) { results throws(StoreError) in
            try results.map { row throws(StoreError) in
                InDoubtJob(id: try row.int64(), delivery: delivery, epoch: Epoch(try row.int64()))
            }.first
        }
        guard let job else { return false }
        let verdict = InDoubtVerdict(job: job, verdict: .finished(status: status, messageID: nil))
        return try await settleInDoubt([verdict], fence: nil) == [true]
    }

    package func claim(_ delivery: DeliveryID, worker: WorkerID) async throws(StoreError) -> ClaimedJob? {
        let statement = PostgresStatement(OperatorSQL.claim).bind(worker).bind(delivery.description)
        return try await pool.perform([statement]) { results throws(StoreError) in
            try results.map { row throws(StoreError) in try row.claimedJob() }.first
        }
    }

    package func restoreInDoubt(
        _ delivery: DeliveryID,
        attempt: AttemptID,
        until: Timestamp,
        fence: LeaderFence?
    ) async throws(StoreError) -> Bool {
        var lost = PutBack(delivery, state: "in_doubt", reason: "the job was lost and put back")
        (lost.attempt, lost.until) = (attempt, until)
        return try await putBack(lost, fence)
    }

    private func putBack(_ job: PutBack, _ fence: LeaderFence?) async throws(StoreError) -> Bool {
        let statement = PostgresStatement(OperatorSQL.putBack).bind(job.delivery.description).bind(job.state)
            .bind(job.reason.withoutNUL).bind(job.attempt).bind(job.until).bind(job.anyway)
        return try await hasRows(statement, fence)
    }

    private func hasRows(
        _ statement: PostgresStatement,
        _ fence: LeaderFence? = nil
    ) async throws(StoreError) -> Bool {
        let statements = statement.fenced(by: fence)
        return try await pool.perform(statements) { results throws(StoreError) in
            results.count(statement: statements.count - 1) > 0
        }
    }
}

/// What becomes of the newest row of a delivery's history.
private struct PutBack: Sendable {
    var delivery: DeliveryID
    var state: String
    var reason: String
    var attempt: AttemptID?
    var until: Timestamp?
    var anyway: String?

    init(_ delivery: DeliveryID, state: String, reason: String, anyway: String? = nil) {
        self.delivery = delivery
        self.state = state
        self.reason = reason
        self.anyway = anyway
    }
}

extension PostgresRow {
    /// Operators type deliveries, and a newer database knows actions that this program does not.
    fileprivate mutating func takenRequest() throws(StoreError) -> (Int64, Result<TakenRequest, Unreadable>) {
        let origin = TakenRequest.Origin(id: try int64(), name: try text(), reason: try text())
        let action = try text()
        let delivery = try text()
        let address = try optionalText()
        let entry = try optionalInt64()
        switch (action, address, entry) {
        case (Self.requeue, _, let entry?): return (origin.id, .success(.requeue(entry: entry, origin)))
        case (Self.unsuppress, let email?, _): return (origin.id, .success(.unsuppress(email: email, origin)))
        default: return (origin.id, Self.request(action, delivery, address: address, origin).map { .delivery($0) })
        }
    }

    private static let requeue = "requeue"
    private static let unsuppress = "unsuppress"

    private static func request(
        _ action: String,
        _ delivery: String,
        address: String?,
        _ origin: TakenRequest.Origin
    ) -> Result<OperatorRequest, Unreadable> {
        guard let action = OperatorAction(rawValue: action) else {
            let known = (OperatorAction.allCases.map(\.rawValue) + [requeue, unsuppress]).joined(separator: ", ")
            return .failure(Unreadable(why: "the worker that took it knows \(known), and not \(action)"))
        }
        guard let delivery = DeliveryID(delivery) else {
            return .failure(Unreadable(why: "that is no delivery: an order id, or kind/order, is expected"))
        }
        let request = OperatorRequest(
            id: origin.id,
            action: action,
            delivery: delivery,
            name: origin.name,
            reason: origin.reason,
            address: address
        )
        return .success(request)
    }
}

/// A request that no worker of this version can perform.
private struct Unreadable: Error {
    let why: String
}
