import Testing
import WaybillCore
import WaybillPorts

extension JobStoreConformance {
    static let operators: [Case] = [
        Case("A request is given to one worker, and again when nothing was heard of it") { subject async throws in
            let first = try await subject.makeWorker(1)
            let second = try await subject.makeWorker(2)
            let id = try await subject.requests.ask(.retry, .sample(1), "the shop asked")
            let other = try await subject.requests.ask(.cancel, .sample(2), "a test order")
            let taken = try await subject.operators.takeRequests(worker: first, limit: 1)
            #expect(taken.map(\.id) == [id])
            #expect(taken.first?.operatorRequest?.action == .retry)
            #expect(taken.first?.operatorRequest?.delivery == .sample(1))
            #expect(taken.first?.origin.reason == "the shop asked")
            #expect(try await subject.operators.takeRequests(worker: second, limit: 9).map(\.id) == [other])
            try await subject.pass(.seconds(31))
            #expect(try await subject.operators.takeRequests(worker: second, limit: 1).map(\.id) == [id])
            let done = OperatorResult.done("it will be sent now")
            #expect(try await subject.operators.finishRequest(id, worker: first, result: done) == false)
            #expect(try await subject.requests.result(id) == nil)
            #expect(try await subject.operators.finishRequest(id, worker: second, result: done))
            #expect(try await subject.requests.result(id) == done)
            #expect(try await subject.operators.finishRequest(id, worker: second, result: .refused("no")) == false)
            try await subject.pass(.seconds(31))
            #expect(try await subject.operators.takeRequests(worker: first, limit: 9).map(\.id) == [other])
        },
        Case("A fresh request does not wait behind ones that were taken and not finished") { subject async throws in
            let worker = try await subject.makeWorker()
            let stuck = try await subject.requests.ask(.retry, .sample(1), "its worker died")
            #expect(try await subject.operators.takeRequests(worker: worker, limit: 1).map(\.id) == [stuck])
            let second = try await subject.requests.ask(.retry, .sample(2), "fresh")
            try await subject.pass(.seconds(31))
            #expect(try await subject.operators.takeRequests(worker: worker, limit: 1).map(\.id) == [second])
            try await subject.pass(.seconds(1))
            let third = try await subject.requests.ask(.retry, .sample(3), "fresh")
            // Returned by id, whatever came first.
            #expect(try await subject.operators.takeRequests(worker: worker, limit: 2).map(\.id) == [stuck, third])
            try await subject.pass(.seconds(31))
            // Of those that were taken the one that was longest ago.
            #expect(try await subject.operators.takeRequests(worker: worker, limit: 1).map(\.id) == [second])
            #expect(try await subject.operators.takeRequests(worker: worker, limit: 9).map(\.id) == [stuck, third])
        },
        Case("A finished job is put back with its order, once, and is approved") { subject async throws in
            let worker = try await subject.makeWorker()
            let job = try #require(try await subject.claimed(1, by: worker).first)
            #expect(try await subject.finish(job, by: worker))
            #expect(try await subject.operators.makeReady(.sample(1), reason: "again"))
            #expect(try await subject.operators.makeReady(.sample(1), reason: "again"))
            #expect(try await subject.jobs.counts().ready == 1)
            let again = try #require(try await subject.jobs.claim(worker: worker, limit: 9, watermark: nil).first)
            #expect(again.payload == job.payload)
            #expect(again.payloadHash == job.payloadHash)
            #expect(again.receivedAt == job.receivedAt)
            #expect(again.epoch > job.epoch)
            #expect(again.approvedAt != nil)
            #expect(job.approvedAt == nil)
            #expect(try await subject.operators.makeReady(.sample(2), reason: "again") == false)
        },
        Case("An unconfirmed job becomes ready or ends, a leased one stays") { subject async throws in
            let seen = try await subject.inDoubt()
            let lookAgain = try await subject.jobs.now() + .seconds(600)
            let verdict = InDoubtVerdict(job: seen, verdict: .unconfirmed(reason: "silence", lookAgain: lookAgain))
            #expect(try await subject.jobs.settleInDoubt([verdict], fence: nil) == [true])
            #expect(try await subject.operators.makeReady(.sample(1), reason: "ann: again"))
            #expect(try await subject.jobs.snapshot(.sample(1))?.state == .ready)
            let worker = try await subject.makeWorker(2)
            #expect(try await subject.jobs.claim(worker: worker, limit: 1, watermark: nil).count == 1)
            #expect(try await subject.operators.makeReady(.sample(1), reason: "ann: again"))
            #expect(try await subject.jobs.snapshot(.sample(1))?.state == .leased)
            let ended = try await subject.operators.finishUndecided(.sample(1), status: "CLOSED", reason: "x")
            #expect(ended == false)
        },
        Case("An undecided job ends as the operator says") { subject async throws in
            let seen = try await subject.inDoubt()
            let lookAgain = try await subject.jobs.now() + .seconds(600)
            let verdict = InDoubtVerdict(job: seen, verdict: .unconfirmed(reason: "silence", lookAgain: lookAgain))
            #expect(try await subject.jobs.settleInDoubt([verdict], fence: nil) == [true])
            #expect(try await subject.operators.finishUndecided(.sample(1), status: "CLOSED", reason: "ann: no"))
            let job = try await subject.jobs.snapshot(.sample(1))
            #expect(job?.state == .finished)
            #expect(job?.status == "CLOSED")
            #expect(try await subject.operators.finishUndecided(.sample(1), status: "CLOSED", reason: "x") == false)
        },
        Case("A held job is claimed by nobody but by its name") { subject async throws in
            let worker = try await subject.makeWorker()
            let job = try #require(try await subject.claimed(1, by: worker).first)
            #expect(try await subject.settle([(job, .held(reason: "two days old"))], by: worker) == [true])
            #expect(try await subject.jobs.counts().held == 1)
            #expect(try await subject.jobs.snapshot(.sample(1))?.reason == "two days old")
            try await subject.pass(.seconds(1))
            #expect(try await subject.jobs.claim(worker: worker, limit: 9, watermark: nil).isEmpty)
            let gone = WorkerID(high: 9, low: 9)
            #expect(try await subject.operators.claim(.sample(1), worker: gone) == nil)
            let claimed = try #require(try await subject.operators.claim(.sample(1), worker: worker))
            #expect(claimed.epoch > job.epoch)
            #expect(try await subject.operators.claim(.sample(1), worker: worker) == nil)
            #expect(try await subject.finish(claimed, by: worker))
        },
        Case("A held job that is released is ready and approved") { subject async throws in
            let worker = try await subject.makeWorker()
            let job = try #require(try await subject.claimed(1, by: worker).first)
            #expect(try await subject.settle([(job, .held(reason: "old"))], by: worker) == [true])
            #expect(try await subject.operators.makeReady(.sample(1), reason: "ann: send it"))
            let again = try #require(try await subject.jobs.claim(worker: worker, limit: 9, watermark: nil).first)
            #expect(again.approvedAt != nil)
            #expect(again.waitingSince == again.approvedAt)
        },
        Case("A lost job comes back in doubt, due when it is told") { subject async throws in
            let worker = try await subject.makeWorker()
            let job = try #require(try await subject.claimed(1, by: worker).first)
            let attempt = AttemptID(high: 1, low: 2)
            let until = try await subject.jobs.now() + .seconds(60)
            let early = try await subject.operators.restoreInDoubt(.sample(1), attempt: attempt, until: until)
            #expect(early == false)
            #expect(try await subject.finish(job, by: worker))
            #expect(try await subject.operators.restoreInDoubt(.sample(1), attempt: attempt, until: until))
            #expect(try await subject.jobs.dueInDoubt(limit: 9).isEmpty)
            try await subject.pass(.seconds(60))
            #expect(try await subject.jobs.dueInDoubt(limit: 9).map(\.delivery) == [.sample(1)])
        },
    ]

    static let leading: [Case] = [
        Case("One leads at a time, and each change of leader is a new term") { subject async throws in
            let one = WorkerID(high: 1, low: 1)
            let two = WorkerID(high: 2, low: 2)
            let first = try #require(try await subject.campaign(one))
            #expect(try await subject.campaign(two) == nil)
            #expect(try await subject.campaign(one) == first)
            try await subject.pass(.seconds(11))
            let second = try #require(try await subject.campaign(two))
            #expect(second.term > first.term)
            #expect(try await subject.campaign(one) == nil)
            try await subject.leadership.resign(first)
            #expect(try await subject.campaign(one) == nil)
            try await subject.leadership.resign(second)
            let third = try #require(try await subject.campaign(one))
            #expect(third.term > second.term)
            try await subject.pass(.seconds(11))
            #expect(try #require(try await subject.campaign(one)).term > third.term)
        },
        Case("What a leader does after its term is refused and nothing happens") { subject async throws in
            let old = try #require(try await subject.campaign(WorkerID(high: 1, low: 1)))
            let seen = try await subject.inDoubt()
            try await subject.pass(.seconds(61))
            let verdict = InDoubtVerdict(job: seen, verdict: .ready)
            await subject.expectDeposed { _ = try await subject.jobs.settleInDoubt([verdict], fence: old) }
            await subject.expectDeposed {
                try await subject.feed.noteRead(trouble: nil, gap: .seconds(30), fence: old)
            }
            await subject.expectDeposed { _ = try await subject.duties.begin(task: "t", tick: 1, fence: old) }
            #expect(try await subject.jobs.snapshot(.sample(1))?.state == .inDoubt)
            #expect(try await subject.feed.feed() == FeedState())
            let new = try #require(try await subject.campaign(WorkerID(high: 2, low: 2)))
            #expect(try await subject.jobs.settleInDoubt([verdict], fence: new) == [true])
        },
        Case("A task begins once a tick") { subject async throws in
            let fence = try #require(try await subject.campaign(WorkerID(high: 1, low: 1)))
            #expect(try await subject.duties.begin(task: "scan", tick: 7, fence: fence))
            #expect(try await subject.duties.begin(task: "scan", tick: 7, fence: fence) == false)
            #expect(try await subject.duties.begin(task: "scan", tick: 8, fence: fence))
            #expect(try await subject.duties.begin(task: "other", tick: 7, fence: fence))
        },
        Case("The feed remembers its newest acceptance and its row of empty reads") { subject async throws in
            let fence = try #require(try await subject.campaign(WorkerID(high: 1, low: 1)))
            let sent = Timestamp(seconds: 1_800_000_000)
            try await subject.feed.noteSend(acceptedAt: sent)
            try await subject.feed.noteSend(acceptedAt: sent - .seconds(9))
            let gap = Duration.seconds(5)
            try await subject.feed.noteRead(trouble: nil, gap: gap, fence: fence)
            try await subject.feed.noteRead(trouble: nil, gap: gap, fence: fence)
            let two = try await subject.feed.feed()
            #expect(two.lastSend == sent)
            #expect(two.emptyReads == 2)
            #expect(try #require(two.emptySince) < #require(two.lastRead))
            try await subject.feed.noteRead(trouble: "1 messages", gap: gap, fence: fence)
            let found = try await subject.feed.feed()
            #expect(found.trouble == "1 messages")
            #expect(found.emptySince == nil)
            #expect(found.emptyReads == 0)
            try await subject.feed.noteRead(trouble: nil, gap: gap, fence: fence)
            try await subject.pass(.seconds(6))
            try await subject.feed.noteRead(trouble: nil, gap: gap, fence: fence)
            #expect(try await subject.feed.feed().emptyReads == 1)
        },
        Case("Quarantined messages are counted by queue") { subject async throws in
            let message = QuarantinedMessage(
                queue: "feedback",
                body: [1],
                bodyHash: .sample(1),
                code: "c",
                reason: "r",
                delivery: nil
            )
            try await subject.quarantine.keep([message])
            #expect(try await subject.feed.quarantined(queue: "feedback") == 1)
            #expect(try await subject.feed.quarantined(queue: "orders") == 0)
        },
    ]
}

extension JobStoreSubject {
    func campaign(_ holder: WorkerID) async throws -> LeaderFence? {
        try await leadership.campaign(role: "leader", holder: holder, lease: .seconds(10))
    }

    func expectDeposed(_ body: () async throws -> Void) async {
        do {
            try await body()
            Issue.record("the term is over")
        } catch let error as StoreError {
            #expect(error.code == .deposed)
        } catch {
            Issue.record(error)
        }
    }
}
