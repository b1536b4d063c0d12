import Testing
import WaybillCore
import WaybillPorts

extension JobStoreConformance {
    /// Where random sequences of operations once found the two stores to differ.
    static let found: [Case] = [
        Case("Two orders that differ in their bytes alone are two orders") { subject async throws in
            let composed = NewJob.named("caf\u{E9}", hash: 1)
            let decomposed = NewJob.named("cafe\u{301}", hash: 2)
            #expect(try await subject.jobs.enqueue([composed, decomposed]) == [.inserted, .inserted])
            #expect(try await subject.jobs.enqueue([composed, decomposed]) == [.duplicate, .duplicate])
            #expect(try await subject.jobs.counts().ready == 2)
            let notices = [composed, decomposed].map {
                StatusNotice(delivery: $0.delivery, status: .sent, at: Timestamp(seconds: 1), messageID: nil)
            }
            try await subject.notices.note(notices)
            #expect(try await subject.notices.takeNotices(limit: 9).count == 2)
        },
        Case("An order that cannot be held is rejected also when its like is there") { subject async throws in
            #expect(try await subject.jobs.enqueue([.sample(1)]) == [.inserted])
            var job = NewJob.sample(1)
            job.payload = "a\0b"
            let outcomes = try await subject.jobs.enqueue([job])
            guard case .rejected = outcomes.first else {
                Issue.record("\(outcomes)")
                return
            }
        },
        Case("Orders of one call are due in the order of their names") { subject async throws in
            let worker = try await subject.makeWorker()
            let jobs = [3, 1, 2].map { NewJob.sample($0) }
            #expect(try await subject.jobs.enqueue(jobs) == [.inserted, .inserted, .inserted])
            let claimed = try await subject.jobs.claim(worker: worker, limit: 9, watermark: nil)
            #expect(claimed.map(\.delivery) == (1...3).map { .sample($0) })
        },
        Case("Of two verdicts of the sweep about one job the first counts") { subject async throws in
            let job = try await subject.inDoubt()
            let later = InDoubtVerdict(job: job, verdict: .later(try await subject.jobs.now() + .seconds(9)))
            let ready = InDoubtVerdict(job: job, verdict: .ready)
            #expect(try await subject.jobs.settleInDoubt([later, ready], fence: nil) == [true, false])
            #expect(try await subject.jobs.snapshot(job.delivery)?.state == .inDoubt)
        },
        Case("A hint does not put off an unconfirmed job that is due") { subject async throws in
            let job = try await subject.inDoubt()
            let due = try await subject.jobs.now() - .seconds(60)
            let verdict = InDoubtVerdict.Verdict.unconfirmed(reason: "silence", lookAgain: due)
            #expect(
                try await subject.jobs.settleInDoubt([InDoubtVerdict(job: job, verdict: verdict)], fence: nil) == [true]
            )
            try await subject.jobs.hint([job.delivery])
            #expect(try await subject.jobs.snapshot(job.delivery)?.runAt == due)
        },
        Case("No verdicts need no term") { subject async throws in
            let never = LeaderFence(role: "leader", holder: WorkerID(high: 1, low: 1), term: Term(7))
            #expect(try await subject.jobs.settleInDoubt([], fence: never).isEmpty)
        },
        Case("Nobody leads in a role that there is not") { subject async throws in
            let holder = WorkerID(high: 1, low: 1)
            let fence = try await subject.leadership.campaign(role: "other", holder: holder, lease: .seconds(10))
            #expect(fence == nil)
        },
        Case("A worker that said good-bye and registers before the reaper came is the same incarnation") {
            subject async throws in
            let worker = try await subject.makeWorker()
            let started = try await subject.workers.live().first?.startedAt
            try await subject.workers.deregister(worker)
            #expect(try await subject.workers.live().isEmpty)
            try await subject.workers.register(worker, about: .sample, lease: .seconds(10))
            #expect(try await subject.workers.live().map(\.startedAt) == [try #require(started)])
        },
        Case("A NUL character never keeps anything from being kept") { subject async throws in
            let worker = try await subject.makeWorker()
            let job = try #require(try await subject.claimed(1, by: worker).first)
            #expect(try await subject.settle([(job, .held(reason: "n\0l"))], by: worker) == [true])
            #expect(try await subject.jobs.snapshot(.sample(1))?.reason == "n\u{FFFD}l")
            let leader = try await subject.leadership.campaign(role: "leader", holder: worker, lease: .seconds(10))
            try await subject.feed.noteRead(trouble: "n\0l", gap: .seconds(5), fence: try #require(leader))
            #expect(try await subject.feed.feed().trouble == "n\u{FFFD}l")
        },
    ]
}

extension NewJob {
    fileprivate static func named(_ name: String, hash: UInt8) -> NewJob {
        guard let order = OrderID(name) else { preconditionFailure("\(name) is an order id") }
        var job = NewJob.sample(1, hash: hash)
        job.delivery = DeliveryID(order: order)
        return job
    }
}
