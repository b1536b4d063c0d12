import Testing
import WaybillCore
import WaybillPorts

extension JobStoreConformance {
    static let enqueueing: [Case] = [
        Case("An order that waits already is a duplicate, with another payload a conflict") { subject async throws in
            #expect(try await subject.jobs.enqueue([]) == [])
            let first = try await subject.jobs.enqueue([.sample(1), .sample(2)])
            #expect(first == [.inserted, .inserted])
            let second = try await subject.jobs.enqueue([.sample(2), .sample(3), .sample(1, hash: 9)])
            #expect(second == [.duplicate, .inserted, .conflict(.sample(1))])
            #expect(try await subject.jobs.counts().ready == 3)
        },
        Case("Within one call the first of equal orders counts") { subject async throws in
            let jobs: [NewJob] = [.sample(2), .sample(1), .sample(2), .sample(2, hash: 9)]
            let outcomes = try await subject.jobs.enqueue(jobs)
            #expect(outcomes == [.inserted, .inserted, .duplicate, .conflict(.sample(1))])
            let worker = try await subject.makeWorker()
            let claimed = try await subject.jobs.claim(worker: worker, limit: 10, watermark: nil)
            #expect(claimed.allSatisfy { $0.payloadHash == .sample(1) })
            #expect(claimed.count == 2)
        },
        Case("An order that cannot be held does not block the others") { subject async throws in
            var broken = NewJob.sample(2)
            broken.payload = "{\"name\":\"\u{0}\"}"
            let outcomes = try await subject.jobs.enqueue([.sample(1), broken, .sample(3), .sample(3)])
            try #require(outcomes.count == 4)
            guard case .rejected = outcomes[1] else {
                Issue.record("held: \(outcomes[1])")
                return
            }
            #expect([outcomes[0], outcomes[2], outcomes[3]] == [.inserted, .inserted, .duplicate])
        },
        Case("A claimed job is what was enqueued") { subject async throws in
            let before = try await subject.jobs.now()
            let worker = try await subject.makeWorker()
            let job = try #require(try await subject.claimed(1, by: worker).first)
            let order = NewJob.sample(1)
            #expect(job.payload == order.payload)
            #expect(job.payloadHash == order.payloadHash)
            #expect(job.receivedAt == order.receivedAt)
            #expect(job.attempts == 1)
            #expect(job.suppression == nil)
            #expect(job.enqueuedAt >= before)
            #expect(job.watermark.id == job.id)
            let snapshot = try #require(try await subject.jobs.snapshot(job.delivery))
            #expect(snapshot.state == .leased)
            #expect(snapshot.worker == worker)
            #expect(snapshot.epoch == job.epoch)
        },
        Case("An unknown time of receipt stays unknown") { subject async throws in
            var order = NewJob.sample(1)
            order.receivedAt = nil
            _ = try await subject.jobs.enqueue([order])
            let worker = try await subject.makeWorker()
            let job = try await subject.jobs.claim(worker: worker, limit: 1, watermark: nil).first
            #expect(job?.delivery == order.delivery)
            #expect(job?.receivedAt == nil)
        },
    ]

    static let claiming: [Case] = [
        Case("The most urgent job goes first, then the one that waits longest") { subject async throws in
            for job in [NewJob.sample(1, priority: 5), .sample(2), .sample(3, priority: -1), .sample(4)] {
                _ = try await subject.jobs.enqueue([job])
            }
            let worker = try await subject.makeWorker()
            let first = try await subject.jobs.claim(worker: worker, limit: 3, watermark: nil)
            #expect(first.map(\.delivery) == [.sample(3), .sample(2), .sample(4)])
            let second = try await subject.jobs.claim(worker: worker, limit: 3, watermark: nil)
            #expect(second.map(\.delivery) == [.sample(1)])
            #expect(try await subject.jobs.claim(worker: worker, limit: 3, watermark: nil).isEmpty)
            #expect(try await subject.jobs.claim(worker: worker, limit: 0, watermark: nil).isEmpty)
        },
        Case("Claims after a watermark leave out what sorts before it") { subject async throws in
            for number in 1...4 { _ = try await subject.jobs.enqueue([.sample(number)]) }
            let worker = try await subject.makeWorker()
            let first = try await subject.jobs.claim(worker: worker, limit: 2, watermark: nil)
            let mark = try #require(first.last?.watermark)
            let back = try await subject.settle(
                first.map { ($0, .released(after: .seconds(-3600), reason: "back")) },
                by: worker
            )
            #expect(back == [true, true])
            let after = try await subject.jobs.claim(worker: worker, limit: 9, watermark: mark)
            #expect(after.map(\.delivery) == [.sample(3), .sample(4)])
            let full = try await subject.jobs.claim(worker: worker, limit: 9, watermark: nil)
            #expect(Set(full.map(\.delivery)) == [.sample(1), .sample(2)])
        },
        Case("A worker without a live lease claims nothing") { subject async throws in
            _ = try await subject.jobs.enqueue([.sample(1)])
            let stranger = WorkerID(high: 9, low: 9)
            #expect(try await subject.jobs.claim(worker: stranger, limit: 1, watermark: nil).isEmpty)
            let worker = try await subject.makeWorker()
            try await subject.pass(.seconds(11))
            #expect(try await subject.jobs.claim(worker: worker, limit: 1, watermark: nil).isEmpty)
            #expect(try await subject.jobs.counts().ready == 1)
        },
        Case("Epochs rise with every claim, also for an order that comes again") { subject async throws in
            let worker = try await subject.makeWorker()
            var last = Epoch(0)
            for round in 1...3 {
                let jobs = try await subject.claimed(2, by: worker)
                for job in jobs {
                    #expect(job.epoch > last, "round \(round)")
                    last = max(last, job.epoch)
                    #expect(try await subject.finish(job, by: worker))
                }
            }
        },
        Case("Raised epochs never go back") { subject async throws in
            let worker = try await subject.makeWorker()
            try await subject.jobs.raiseEpochs(past: Epoch(1))
            let jobs = try await subject.claimed(1, by: worker)
            #expect(jobs[0].epoch > Epoch(1))
            try await subject.jobs.raiseEpochs(past: Epoch(5000))
            try await subject.jobs.raiseEpochs(past: Epoch(4))
            _ = try await subject.jobs.enqueue([.sample(2)])
            let next = try await subject.jobs.claim(worker: worker, limit: 1, watermark: nil)
            #expect(try #require(next.first).epoch > Epoch(5000))
        },
        Case("A suppressed address is told with the job, whatever its case") { subject async throws in
            let now = try await subject.jobs.now()
            let bounce = Suppression(email: "CUSTOMER1@example.COM", reason: .bounce)
            try await subject.suppressions.suppress(bounce, at: now)
            let complaint = Suppression(email: "customer1@example.com", reason: .complaint)
            try await subject.suppressions.suppress(complaint, at: now)
            let worker = try await subject.makeWorker()
            let jobs = try await subject.claimed(2, by: worker)
            #expect(jobs.map(\.suppression) == ["BOUNCE", nil])
        },
    ]
}
