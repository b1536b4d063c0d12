import Testing
import WaybillCore
import WaybillPorts

/// Everything that a leader's duty does to the stores: a row each, and each must be refused after the term.
private struct LeaderEffect: Sendable {
    let name: String
    let perform: @Sendable (JobStoreSubject, InDoubtJob, LeaderFence) async throws -> Void

    init(
        _ name: String,
        _ perform: @escaping @Sendable (JobStoreSubject, InDoubtJob, LeaderFence) async throws -> Void
    ) {
        self.name = name
        self.perform = perform
    }

    static let all = [
        LeaderEffect("quota: the rate") { subject, _, fence in
            try await subject.rate.update(SendLimits(milliRate: 1000, burst: 1), fence: fence)
        },
        LeaderEffect("feed: a look at the queues") { subject, _, fence in
            try await subject.feed.noteRead(trouble: nil, gap: .seconds(30), fence: fence)
        },
        LeaderEffect("sweep: a verdict") { subject, job, fence in
            _ = try await subject.jobs.settleInDoubt([InDoubtVerdict(job: job, verdict: .ready)], fence: fence)
        },
        LeaderEffect("daily: a tick") { subject, _, fence in
            _ = try await subject.duties.begin(task: "history", tick: 7, fence: fence)
        },
        LeaderEffect("daily: the history") { subject, _, fence in
            _ = try await subject.duties.maintainHistory(keepDays: 1, fence: fence)
        },
        LeaderEffect("daily: what is old") { subject, _, fence in
            _ = try await subject.duties.forgetOld(.zero, fence: fence)
        },
        LeaderEffect("daily: a job that is PENDING put back") { subject, job, fence in
            _ = try await subject.operators.makeReady(job.delivery, reason: "lost", anyway: nil, fence: fence)
        },
        LeaderEffect("daily: a job that is SENDING put back") { subject, _, fence in
            let attempt = AttemptID(high: 1, low: 1)
            let until = try await subject.jobs.now()
            _ = try await subject.operators.restoreInDoubt(.sample(2), attempt: attempt, until: until, fence: fence)
        },
        LeaderEffect("suppressions: the begin of a read") { subject, _, fence in
            _ = try await subject.mirror.beginMirrorRead(.full, since: nil, tick: 1, fence: fence)
        },
        LeaderEffect("suppressions: a page") { subject, _, fence in
            let page = AccountSuppressionPage(entries: [.sample("ann@example.com")], next: nil)
            try await subject.mirror.keepMirrorPage(page, fence: fence)
        },
        LeaderEffect("suppressions: the removal of what the list lost") { subject, _, fence in
            _ = try await subject.mirror.dropUnseen(limit: 1, fence: fence)
        },
        LeaderEffect("suppressions: a trouble") { subject, _, fence in
            try await subject.mirror.noteMirrorTrouble("refused", fence: fence)
        },
    ]
}

extension JobStoreConformance {
    /// An effect for a term that is over, and one for a term that somebody else has won meanwhile.
    static let fenced: [Case] = LeaderEffect.all.flatMap { effect in
        [false, true].map { isReplaced in
            Case("After the term nothing happens\(isReplaced ? " under another leader" : ""): \(effect.name)") {
                subject async throws in
                let old = try #require(try await subject.campaign(WorkerID(high: 1, low: 1)))
                let job = try await subject.inDoubt()
                let worker = try await subject.makeWorker(2)
                _ = try await subject.jobs.enqueue([.sample(2)])
                let second = try #require(try await subject.jobs.claim(worker: worker, limit: 1, watermark: nil).first)
                #expect(try await subject.finish(second, by: worker))
                try await subject.pass(.seconds(11))
                if isReplaced { _ = try #require(try await subject.campaign(WorkerID(high: 2, low: 2))) }
                let before = try await Aftermath(subject)
                await subject.expectDeposed { try await effect.perform(subject, job, old) }
                #expect(try await Aftermath(subject) == before)
                // The same is done in a term that is in force, so that the refusal was the term's.
                let holder = WorkerID(high: 2, low: 2)
                let fence = try #require(try await subject.campaign(holder))
                try await effect.perform(subject, job, fence)
            }
        }
    }

    /// What a leader's effects change.
    private struct Aftermath: Equatable {
        let jobs: [JobSnapshot?]
        let counts: JobCounts
        let feed: FeedState
        let mirror: SuppressionMirror
        let suppressed: SuppressedAddress?
        let rate: SendControlState?

        init(_ subject: JobStoreSubject) async throws {
            jobs = [try await subject.jobs.snapshot(.sample(1)), try await subject.jobs.snapshot(.sample(2))]
            var counts = try await subject.jobs.counts()
            counts.workers = 0
            self.counts = counts
            feed = try await subject.feed.feed()
            mirror = try await subject.mirror.mirror()
            suppressed = try await subject.suppressions.suppression(of: "ann@example.com")
            rate = try await subject.rate.state()
        }
    }
}

extension AccountSuppressionPage.Entry {
    static func sample(_ email: String, at time: Timestamp = Timestamp(seconds: 1_800_000_000)) -> Self {
        AccountSuppressionPage.Entry(email: email, reason: "BOUNCE", updatedAt: time)
    }
}
