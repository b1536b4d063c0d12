import Testing
import WaybillCore
import WaybillPorts

extension JobStoreConformance {
    static let standingOrders: [Case] = [
        Case("A worker hears with its renewal that it is to drain, and others do not") { subject async throws in
            let asked = try await subject.makeWorker(1)
            let other = try await subject.makeWorker(2)
            #expect(try await subject.renew(asked) == WorkerOrders())
            try await subject.requests.drain(asked)
            #expect(try await subject.renew(asked) == WorkerOrders(isToDrain: true))
            #expect(try await subject.renew(asked) == WorkerOrders(isToDrain: true))
            #expect(try await subject.renew(other) == WorkerOrders())
            // A registration whose answer was lost comes again, and forgets nothing.
            _ = try await subject.makeWorker(1)
            #expect(try await subject.renew(asked) == WorkerOrders(isToDrain: true))
            let drains = try await subject.workers.live().map(\.drain)
            #expect(drains.map { $0?.reason } == ["maintenance", nil])
            #expect(drains.first??.by?.isEmpty == false)
            let drain = try #require(drains.first ?? nil)
            #expect(try await drain.since <= subject.jobs.now())
        },
        Case("A renewal says which workers are there, lost ones until reaped") { subject async throws in
            let one = try await subject.makeWorker(1)
            let other = try await subject.makeWorker(2)
            let heard = { try await subject.workers.renew(one, lease: .seconds(10), jobsInHand: 0)?.workers }
            #expect(try await heard() == [one, other])
            try await subject.workers.deregister(other)
            #expect(try await heard() == [one, other])
            _ = try await subject.workers.reap()
            #expect(try await heard() == [one])
        },
        Case("Every worker hears that ingest is paused and that it goes on") { subject async throws in
            let worker = try await subject.makeWorker()
            #expect(try await subject.workers.ingestPause() == nil)
            try await subject.requests.setIngest(true)
            let pause = try #require(try await subject.workers.ingestPause())
            #expect(pause.reason == "maintenance")
            #expect(pause.by?.isEmpty == false)
            #expect(try await pause.since <= subject.jobs.now())
            #expect(try await subject.renew(worker) == WorkerOrders(isIngestPaused: true))
            try await subject.requests.setIngest(false)
            #expect(try await subject.renew(worker) == WorkerOrders())
            #expect(try await subject.workers.ingestPause() == nil)
        },
        Case("What a worker has in hand is known from its renewal on") { subject async throws in
            let worker = try await subject.makeWorker()
            #expect(try await subject.workers.live().map(\.jobsInHand) == [nil])
            _ = try await subject.workers.renew(worker, lease: .seconds(10), jobsInHand: 32)
            #expect(try await subject.workers.live().map(\.jobsInHand) == [32])
            _ = try await subject.makeWorker()
            #expect(try await subject.workers.live().map(\.jobsInHand) == [32])
        },
    ]

    static let requeueing: [Case] = [
        Case("A message leaves the quarantine with the end of its request") { subject async throws in
            let worker = try await subject.makeWorker()
            let entry = try await subject.keptForRequeue(1)
            let other = try await subject.keptForRequeue(2)
            let id = try await subject.requests.askToRequeue(entry.id, "the template is mended")
            let taken = try await subject.operators.takeRequests(worker: worker, limit: 9)
            guard case .requeue(let asked, let origin) = taken.first else {
                Issue.record("expected a requeue, found \(taken)")
                return
            }
            #expect((taken.count, asked, origin.id) == (1, entry.id, id))
            #expect(origin.reason == "the template is mended")
            #expect(try await subject.quarantine.entry(entry.id) == entry)
            #expect(try await subject.requests.result(id) == nil)
            let done = OperatorResult.done("a job now")
            #expect(try await subject.operators.finishRequest(id, worker: worker, result: done))
            #expect(try await subject.requests.result(id) == done)
            #expect(try await subject.quarantine.entry(entry.id) == nil)
            #expect(try await subject.quarantine.list(queue: nil, limit: 9).map(\.id) == [other.id])
            #expect(try await subject.operators.finishRequest(id, worker: worker, result: done) == false)
            // It may come again.
            #expect(try await subject.keptForRequeue(1).id != entry.id)
        },
        Case("A message that is still bad stays in quarantine as it was") { subject async throws in
            let worker = try await subject.makeWorker()
            let entry = try await subject.keptForRequeue(1)
            let id = try await subject.requests.askToRequeue(entry.id, "again")
            #expect(try await subject.operators.takeRequests(worker: worker, limit: 9).map(\.id) == [id])
            let refused = OperatorResult.refused("it is still bad")
            #expect(try await subject.operators.finishRequest(id, worker: worker, result: refused))
            #expect(try await subject.requests.result(id) == refused)
            #expect(try await subject.quarantine.entry(entry.id) == entry)
        },
        Case("A requeue is given to one worker, and again when nothing was heard of it") { subject async throws in
            let first = try await subject.makeWorker(1)
            let second = try await subject.makeWorker(2)
            let entry = try await subject.keptForRequeue(1)
            let other = try await subject.requests.ask(.retry, .sample(1), "another request")
            let id = try await subject.requests.askToRequeue(entry.id, "again")
            #expect(id != other)
            #expect(try await subject.operators.takeRequests(worker: first, limit: 9).map(\.id) == [other, id])
            #expect(try await subject.operators.takeRequests(worker: second, limit: 9).isEmpty)
            try await subject.pass(.seconds(31))
            #expect(try await subject.operators.takeRequests(worker: second, limit: 9).map(\.id) == [other, id])
            let done = OperatorResult.done("a job now")
            #expect(try await subject.operators.finishRequest(id, worker: first, result: done) == false)
            #expect(try await subject.quarantine.entry(entry.id)?.message == entry.message)
            #expect(try await subject.operators.finishRequest(id, worker: second, result: done))
        },
    ]
}

extension JobStoreSubject {
    /// A message of its own in quarantine.
    fileprivate func keptForRequeue(_ number: UInt8) async throws -> QuarantineEntry {
        let message = QuarantinedMessage(
            queue: "orders",
            body: [number],
            bodyHash: .sample(number),
            code: "invalid-order",
            reason: "$.total: missing",
            delivery: .sample(Int(number))
        )
        try await quarantine.keep([message])
        return try #require(try await quarantine.about(.sample(Int(number)), limit: 1).first)
    }
}
