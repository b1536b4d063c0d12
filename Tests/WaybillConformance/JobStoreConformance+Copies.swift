import Testing
import WaybillCore
import WaybillPorts

extension JobStoreConformance {
    static let copying: [Case] = [
        Case("A request makes one copy, however often it is performed") { subject async throws in
            let worker = try await subject.finished(1)
            let request = try await subject.requests.askForCopy(.sample(1), "Zoe@Example.com", "deleted")
            let taken = try await subject.operators.takeRequests(worker: worker, limit: 9).map(\.operatorRequest)
            #expect(taken.map { $0?.address } == ["Zoe@Example.com"])
            #expect(taken.map { $0?.action } == [.copy])
            #expect(taken.map { $0?.delivery } == [.sample(1)])
            let second = DeliveryID.copy(2)
            #expect(try await subject.make(request) == .made(second))
            // The worker died before it said so; another performs it.
            #expect(try await subject.make(request) == .made(second))
            let job = try #require(try await subject.jobs.claim(worker: worker, limit: 9, watermark: nil).first)
            #expect(job.delivery == second)
            #expect(job.payload == "the order to \(request)")
            #expect(job.approvedAt != nil)
            #expect(try await subject.finish(job, by: worker))
            #expect(try await subject.make(request) == .made(second))
            #expect(try await subject.jobs.counts().ready == 0)
            #expect(try await subject.copies.copies(of: .sample(1)) == [second])
            #expect(try await subject.copies.copies(of: .sample(2)).isEmpty)
        },
        Case("A second request waits for the first copy's end, and makes the next number") { subject async throws in
            let worker = try await subject.finished(1)
            let first = try await subject.requests.askForCopy(.sample(1), "a@example.com", "x")
            let second = try await subject.requests.askForCopy(.sample(1), "b@example.com", "y")
            #expect(try await subject.make(first) == .made(.copy(2)))
            #expect(try await subject.make(second) == .busy(.copy(2)))
            let job = try #require(try await subject.jobs.claim(worker: worker, limit: 9, watermark: nil).first)
            #expect(try await subject.make(second) == .busy(.copy(2)))
            #expect(try await subject.finish(job, by: worker))
            #expect(try await subject.make(second) == .made(.copy(3)))
            #expect(try await subject.copies.copies(of: .sample(1)) == [.copy(2), .copy(3)])
        },
        Case("Requests performed at the same time make one copy") { subject async throws in
            _ = try await subject.finished(1)
            let outcomes = try await withThrowingTaskGroup(of: CopyOutcome.self) { group in
                for number in 1...8 {
                    group.addTask {
                        let request = try await subject.requests.askForCopy(.sample(1), "a@example.com", "\(number)")
                        return try await subject.make(request)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.count { $0 == .made(.copy(2)) } == 1)
            #expect(outcomes.count { $0 == .busy(.copy(2)) } == 7)
            #expect(try await subject.jobs.counts().ready == 1)
        },
        Case("Numbers go past those in the record, and end") { subject async throws in
            let worker = try await subject.finished(1)
            let most = MessageKind.mostCopies
            let request = try await subject.requests.askForCopy(.sample(1), "a@example.com", "x")
            #expect(try await subject.make(request, leastNumber: most) == .made(.copy(most)))
            let job = try #require(try await subject.jobs.claim(worker: worker, limit: 9, watermark: nil).first)
            #expect(try await subject.finish(job, by: worker))
            let late = try await subject.requests.askForCopy(.sample(1), "a@example.com", "x")
            #expect(try await subject.make(late) == .full)
        },
        Case("A request that has ended, or is none for a copy, makes none") { subject async throws in
            let worker = try await subject.finished(1)
            let request = try await subject.requests.askForCopy(.sample(1), "a@example.com", "x")
            _ = try await subject.operators.takeRequests(worker: worker, limit: 9)
            #expect(try await subject.operators.finishRequest(request, worker: worker, result: .refused("no")))
            #expect(try await subject.make(request) == .gone)
            let other = try await subject.requests.ask(.retry, .sample(1), "x")
            #expect(try await subject.make(other) == .gone)
            #expect(try await subject.make(request + 1000) == .gone)
            #expect(try await subject.jobs.counts().ready == 0)
        },
        Case("The order of a delivery is read from its job or its history") { subject async throws in
            #expect(try await subject.copies.payload(of: .sample(1)) == nil)
            _ = try await subject.jobs.enqueue([.sample(1)])
            #expect(try await subject.copies.payload(of: .sample(1)) == NewJob.sample(1).payload)
            let worker = try await subject.makeWorker()
            let job = try #require(try await subject.jobs.claim(worker: worker, limit: 1, watermark: nil).first)
            #expect(try await subject.finish(job, by: worker))
            #expect(try await subject.copies.payload(of: .sample(1)) == NewJob.sample(1).payload)
        },
    ]
}

extension JobStoreSubject {
    /// An order whose confirmation has ended; gives a worker.
    fileprivate func finished(_ number: Int) async throws -> WorkerID {
        let worker = try await makeWorker()
        for job in try await claimed(number, by: worker) { #expect(try await finish(job, by: worker)) }
        return worker
    }

    fileprivate func make(_ request: Int64, leastNumber: Int = 2) async throws -> CopyOutcome {
        let copy = NewCopy(
            request: request,
            confirmation: .sample(1),
            payload: "the order to \(request)",
            payloadHash: .sample(7),
            email: "Zoe@Example.com",
            note: "ann: deleted"
        )
        return try await copies.makeCopy(copy, leastNumber: leastNumber)
    }
}

extension DeliveryID {
    /// A copy of order `o-1`.
    fileprivate static func copy(_ number: Int) -> DeliveryID {
        DeliveryID(order: sample(1).order, kind: .confirmationCopy(number))
    }
}
