import Testing
import WaybillCore
import WaybillPorts

extension JobStoreConformance {
    static let noticing: [Case] = [
        Case("The end of a job is noted with it, once") { subject async throws in
            let worker = try await subject.makeWorker()
            let jobs = try await subject.claimed(4, by: worker)
            let ends = ["SENT", "FAILED", "DELIVERED", "SUPPRESSED"]
            let verdicts = zip(jobs, ends).map { job, end in
                (job: job, verdict: JobSettlement.Verdict.finished(status: end, messageID: end == "SENT" ? "m" : nil))
            }
            #expect(try await subject.settle(verdicts, by: worker) == [true, true, true, true])
            #expect(try await subject.settle(verdicts, by: worker) == [false, false, false, false])
            let taken = try await subject.notices.takeNotices(limit: 9).map(\.notice)
            #expect(taken.map(\.delivery) == (1...4).map { .sample($0) })
            // The acceptance; that it was delivered is for the event to tell.
            #expect(taken.map(\.status) == [.sent, .failed, .sent, .suppressed])
            #expect(taken.map(\.messageID) == ["m", nil, nil, nil])
            // What is not at an end says nothing.
            let fifth = NewJob.sample(5)
            #expect(try await subject.jobs.enqueue([fifth]) == [.inserted])
            let job = try #require(try await subject.jobs.claim(worker: worker, limit: 1, watermark: nil).first)
            let release = JobSettlement.Verdict.released(after: .zero, reason: "r")
            #expect(try await subject.settle([(job: job, verdict: release)], by: worker) == [true])
            #expect(try await subject.notices.takeNotices(limit: 9).isEmpty)
        },
        Case("What the sweep ends is noted too") { subject async throws in
            let job = try await subject.inDoubt()
            let verdict = InDoubtVerdict(job: job, verdict: .finished(status: "CLOSED", messageID: nil))
            #expect(try await subject.jobs.settleInDoubt([verdict], fence: nil) == [true])
            #expect(try await subject.notices.takeNotices(limit: 9).map(\.notice.status) == [.closed])
        },
        Case("There is one notice for each delivery and rank, and the first stays") { subject async throws in
            let first = StatusNotice.sample(1, .delivered)
            var repeated = first
            repeated.at = first.at + .seconds(5)
            try await subject.notices.note([first, .sample(1, .bouncedHard), .sample(2, .delivered), first])
            try await subject.notices.note([repeated])
            try await subject.notices.note([])
            let taken = try await subject.notices.takeNotices(limit: 9).map(\.notice)
            #expect(Set(taken) == [first, .sample(1, .bouncedHard), .sample(2, .delivered)])
            #expect(taken.count == 3)
        },
        Case("A notice comes again, later every time, until it is published") { subject async throws in
            try await subject.notices.note([.sample(1, .sent), .sample(2, .sent)])
            let taken = try await subject.notices.takeNotices(limit: 1)
            #expect(taken.count == 1)
            let other = try await subject.notices.takeNotices(limit: 9)
            #expect(other.count == 1 && other != taken)
            try await subject.notices.markPublished(other.map(\.id))
            try await subject.pass(NoticeBackoff.delay(tries: 0) - .seconds(2))
            #expect(try await subject.notices.takeNotices(limit: 9).isEmpty)
            try await subject.pass(.seconds(3))
            #expect(try await subject.notices.takeNotices(limit: 9) == taken)
            try await subject.pass(NoticeBackoff.delay(tries: 0) + .seconds(1))
            #expect(try await subject.notices.takeNotices(limit: 9).isEmpty)
            try await subject.pass(NoticeBackoff.delay(tries: 1))
            #expect(try await subject.notices.takeNotices(limit: 9) == taken)
            try await subject.notices.markPublished(taken.map(\.id))
            try await subject.pass(.seconds(86_400))
            #expect(try await subject.notices.takeNotices(limit: 9).isEmpty)
        },
        Case("Notices given out at the same time are not given out twice") { subject async throws in
            try await subject.notices.note((1...60).map { .sample($0, .sent) })
            let taken = try await withThrowingTaskGroup(of: [OutgoingNotice].self) { group in
                for _ in 1...6 { group.addTask { try await subject.notices.takeNotices(limit: 10) } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(Set(taken.map(\.id)).count == taken.count)
            let rest = try await subject.notices.takeNotices(limit: 60)
            #expect(Set((taken + rest).map(\.notice.delivery)).count == 60)
        },
        Case("Old notices are dropped, and those never published are counted") { subject async throws in
            try await subject.notices.note([.sample(1, .sent), .sample(2, .sent)])
            let taken = try await subject.notices.takeNotices(limit: 1)
            try await subject.notices.markPublished(taken.map(\.id))
            #expect(try await subject.notices.dropNotices(olderThan: .seconds(60)) == 0)
            try await subject.pass(.seconds(61))
            try await subject.notices.note([.sample(3, .sent)])
            #expect(try await subject.notices.dropNotices(olderThan: .seconds(60)) == 1)
            #expect(try await subject.notices.takeNotices(limit: 9).map(\.notice.delivery) == [.sample(3)])
        },
    ]
}

extension StatusNotice {
    fileprivate static func sample(_ number: Int, _ status: DeliveryStatus) -> StatusNotice {
        StatusNotice(
            delivery: .sample(number),
            status: status,
            at: Timestamp(microseconds: 1_700_000_000_123_456),
            messageID: "m\(number)"
        )
    }
}
