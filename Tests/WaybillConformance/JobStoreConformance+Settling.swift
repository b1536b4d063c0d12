import Testing
import WaybillCore
import WaybillPorts

extension JobStoreConformance {
    static let settling: [Case] = [
        Case("A finished job is in the history, and its order may come again") { subject async throws in
            let worker = try await subject.makeWorker()
            let first = try #require(try await subject.claimed(1, by: worker).first)
            #expect(try await subject.finish(first, by: worker))
            let finished = try #require(try await subject.jobs.snapshot(.sample(1)))
            #expect(finished.state == .finished)
            #expect(finished.status == "SENT")
            #expect(finished.worker == worker)
            #expect(finished.epoch == first.epoch)
            #expect(finished.attempts == 1)
            #expect(finished.enqueuedAt == first.enqueuedAt)
            #expect(try #require(finished.finishedAt) >= first.enqueuedAt)

            let second = try #require(try await subject.claimed(1, by: worker).first)
            #expect(try await subject.jobs.snapshot(.sample(1))?.state == .leased)
            let closed = JobSettlement.Verdict.finished(status: "CLOSED", messageID: nil)
            #expect(try await subject.settle([(second, closed)], by: worker) == [true])
            #expect(try await subject.jobs.snapshot(.sample(1))?.status == "CLOSED")
            #expect(try await subject.jobs.counts().finished == 2)
            #expect(try await subject.jobs.snapshot(.sample(2)) == nil)
        },
        Case("A lease is settled by its worker, in its epoch, once") { subject async throws in
            let worker = try await subject.makeWorker(1)
            let other = try await subject.makeWorker(2)
            var job = try #require(try await subject.claimed(1, by: worker).first)
            #expect(try await subject.finish(job, by: other) == false)
            job.epoch = Epoch(job.epoch.number + 1)
            #expect(try await subject.finish(job, by: worker) == false)
            job.epoch = Epoch(job.epoch.number - 1)
            #expect(try await subject.finish(job, by: worker))
            #expect(try await subject.finish(job, by: worker) == false)
            #expect(try await subject.jobs.counts().finished == 1)
            #expect(try await subject.jobs.settle([], worker: worker) == [])
        },
        Case("Different verdicts in one call are answered in order") { subject async throws in
            let worker = try await subject.makeWorker()
            let jobs = try await subject.claimed(5, by: worker)
            let until = try await subject.jobs.now() + .seconds(60)
            var stale = jobs[3]
            stale.epoch = Epoch(0)
            let answers = try await subject.settle(
                [
                    (jobs[4], .conflict(reason: "another order")),
                    (stale, .finished(status: "SENT", messageID: nil)),
                    (jobs[0], .inDoubt(attempt: nil, until: until, reason: "reset")),
                    (jobs[2], .released(after: .zero, reason: "throttled")),
                    (jobs[1], .finished(status: "SENT", messageID: "m")),
                    (jobs[1], .released(after: .zero, reason: "twice")),
                ],
                by: worker
            )
            #expect(answers == [true, false, true, true, true, false])
            let counts = try await subject.jobs.counts()
            let expected = JobCounts(
                ready: 1,
                leased: 1,
                inDoubt: 1,
                unconfirmed: 0,
                finished: 1,
                quarantined: 1,
                workers: 1
            )
            #expect(counts == expected)
        },
        Case("A released job waits, then is claimed under a new epoch") { subject async throws in
            let worker = try await subject.makeWorker()
            let job = try #require(try await subject.claimed(1, by: worker).first)
            let release = JobSettlement.Verdict.released(after: .seconds(5), reason: "throttled")
            #expect(try await subject.settle([(job, release)], by: worker) == [true])
            let waiting = try #require(try await subject.jobs.snapshot(.sample(1)))
            #expect(waiting.state == .ready)
            #expect(waiting.reason == "throttled")
            #expect(waiting.worker == nil)
            #expect(try await subject.jobs.claim(worker: worker, limit: 1, watermark: nil).isEmpty)
            try await subject.pass(.seconds(6))
            let again = try await subject.jobs.claim(worker: worker, limit: 1, watermark: nil)
            #expect(again.map(\.attempts) == [2])
            #expect(try #require(again.first).epoch > job.epoch)
            #expect(try await subject.finish(job, by: worker) == false)
        },
        Case("A conflict goes to the quarantine and makes room") { subject async throws in
            let worker = try await subject.makeWorker()
            let job = try #require(try await subject.claimed(1, by: worker).first)
            let reason = "hash 01 in the job, 02 in the record\u{0}"
            #expect(try await subject.settle([(job, .conflict(reason: reason))], by: worker) == [true])
            let kept = try #require(try await subject.quarantine.list(queue: nil, limit: 10).first)
            #expect(kept.message.queue == QuarantinedMessage.jobsQueue)
            #expect(kept.message.code == QuarantinedMessage.conflictCode)
            #expect(kept.message.delivery == job.delivery)
            #expect(kept.message.body == Array(job.payload.utf8))
            #expect(kept.message.reason.hasPrefix("hash 01"))
            #expect(kept.count == 1)
            #expect(try await subject.jobs.snapshot(.sample(1)) == nil)

            let second = try #require(try await subject.claimed(1, by: worker).first)
            #expect(try await subject.settle([(second, .conflict(reason: reason))], by: worker) == [true])
            let again = try await subject.quarantine.list(queue: QuarantinedMessage.jobsQueue, limit: 10)
            #expect(again.map(\.count) == [2])
            #expect(again.map(\.message.bodyHash) == [kept.message.bodyHash])
        },
    ]

    static let doubt: [Case] = [
        Case("A job in doubt is not claimed, and is due at its time") { subject async throws in
            let doubtful = try await subject.inDoubt()
            let worker = try await subject.makeWorker()
            #expect(try await subject.jobs.claim(worker: worker, limit: 1, watermark: nil).isEmpty)
            #expect(try await subject.jobs.dueInDoubt(limit: 10).isEmpty)
            let snapshot = try #require(try await subject.jobs.snapshot(.sample(1)))
            #expect(snapshot.state == .inDoubt)
            #expect(snapshot.worker == nil)
            #expect(snapshot.reason == "timeout")
            #expect(try await subject.jobs.enqueue([.sample(1)]) == [.duplicate])
            try await subject.pass(.seconds(61))
            #expect(try await subject.jobs.dueInDoubt(limit: 10) == [doubtful])
            #expect(try await subject.jobs.dueInDoubt(limit: 0).isEmpty)
            #expect(try await subject.workers.reap() == 0)
        },
        Case("A hint makes a job in doubt due, and touches nothing else") { subject async throws in
            let doubtful = try await subject.inDoubt()
            _ = try await subject.jobs.enqueue([.sample(2)])
            try await subject.jobs.hint([.sample(2), .sample(77)])
            try await subject.jobs.hint([])
            #expect(try await subject.jobs.dueInDoubt(limit: 10).isEmpty)
            #expect(try await subject.jobs.snapshot(.sample(2))?.state == .ready)
            try await subject.jobs.hint([.sample(1), .sample(1)])
            #expect(try await subject.jobs.dueInDoubt(limit: 10) == [doubtful])
        },
        Case("An unconfirmed job stays where it is until a hint or its next look") { subject async throws in
            let doubtful = try await subject.inDoubt()
            let lookAgain = try await subject.jobs.now() + .seconds(7200)
            let verdict = InDoubtVerdict(
                job: doubtful,
                verdict: .unconfirmed(reason: "no evidence", lookAgain: lookAgain)
            )
            #expect(try await subject.jobs.settleInDoubt([verdict], fence: nil) == [true])
            try await subject.pass(.seconds(3600))
            let worker = try await subject.makeWorker(2)
            #expect(try await subject.jobs.claim(worker: worker, limit: 1, watermark: nil).isEmpty)
            #expect(try await subject.jobs.dueInDoubt(limit: 10).isEmpty)
            let snapshot = try #require(try await subject.jobs.snapshot(.sample(1)))
            #expect(snapshot.state == .unconfirmed)
            #expect(snapshot.reason == "no evidence")
            #expect(try await subject.jobs.counts().unconfirmed == 1)
            try await subject.jobs.hint([.sample(1)])
            #expect(try await subject.jobs.dueInDoubt(limit: 10) == [doubtful])
            let soon = InDoubtVerdict(
                job: doubtful,
                verdict: .unconfirmed(reason: "no evidence", lookAgain: try await subject.jobs.now() + .seconds(60))
            )
            #expect(try await subject.jobs.settleInDoubt([soon], fence: nil) == [true])
            #expect(try await subject.jobs.dueInDoubt(limit: 10).isEmpty)
            try await subject.pass(.seconds(61))
            var again = doubtful
            again.isUnconfirmed = true
            #expect(try await subject.jobs.dueInDoubt(limit: 10) == [again])
            let end = InDoubtVerdict(job: again, verdict: .finished(status: "SENT", messageID: "m"))
            #expect(try await subject.jobs.settleInDoubt([end], fence: nil) == [true])
            #expect(try await subject.jobs.snapshot(.sample(1))?.status == "SENT")
        },
        Case("The sweep finishes, postpones or frees what is in doubt") { subject async throws in
            let doubtful = try await subject.inDoubt()
            let later = InDoubtVerdict(job: doubtful, verdict: .later(try await subject.jobs.now() + .seconds(600)))
            #expect(try await subject.jobs.settleInDoubt([later], fence: nil) == [true])
            try await subject.pass(.seconds(70))
            #expect(try await subject.jobs.dueInDoubt(limit: 10).isEmpty)
            let ready = InDoubtVerdict(job: doubtful, verdict: .ready)
            #expect(try await subject.jobs.settleInDoubt([ready], fence: nil) == [true])
            let worker = try await subject.makeWorker(2)
            let job = try #require(try await subject.jobs.claim(worker: worker, limit: 1, watermark: nil).first)
            #expect(job.epoch > doubtful.epoch)
            let finish = InDoubtVerdict(job: doubtful, verdict: .finished(status: "SENT", messageID: nil))
            #expect(try await subject.jobs.settleInDoubt([finish, ready], fence: nil) == [false, false])

            let until = try await subject.jobs.now()
            let doubt = JobSettlement.Verdict.inDoubt(attempt: nil, until: until, reason: "reset")
            #expect(try await subject.settle([(job, doubt)], by: worker) == [true])
            #expect(try await subject.jobs.settleInDoubt([finish], fence: nil) == [false])
            let seen = try #require(try await subject.jobs.dueInDoubt(limit: 1).first)
            let end = InDoubtVerdict(job: seen, verdict: .finished(status: "DELIVERED", messageID: "m"))
            #expect(try await subject.jobs.settleInDoubt([end, end], fence: nil) == [true, false])
            let snapshot = try #require(try await subject.jobs.snapshot(.sample(1)))
            #expect(snapshot.status == "DELIVERED")
            #expect(snapshot.worker == nil)
            #expect(try await subject.jobs.settleInDoubt([], fence: nil) == [])
        },
    ]
}
