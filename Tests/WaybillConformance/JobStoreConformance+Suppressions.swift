import Testing
import WaybillCore
import WaybillPorts

extension JobStoreConformance {
    static let suppressing: [Case] = [
        Case("An address keeps its first reason and collects its sources") { subject async throws in
            try await subject.bounced("Ann@Example.com")
            try await subject.complained("ann@example.com")
            try await subject.bounced("ann@example.com")
            try await subject.requests.suppress("ANN@example.com", "she asked")
            let found = try await subject.suppressions.suppression(of: "ann@EXAMPLE.com")
            let sources: [SuppressionSource] = [.bounce, .complaint, .operator]
            #expect(found == SuppressedAddress(email: "ann@example.com", reason: "BOUNCE", sources: sources))
            #expect(try await subject.suppressions.suppression(of: "bob@example.com") == nil)
        },
        Case("What an operator suppresses is told with the next claim") { subject async throws in
            try await subject.requests.suppress("CUSTOMER1@Example.com", "she asked")
            let worker = try await subject.makeWorker()
            let job = try #require(try await subject.claimed(1, by: worker).first)
            #expect(job.suppression?.hasSuffix(": she asked") == true)
        },
        Case("A domain in Unicode and in Punycode is the same address") { subject async throws in
            try await subject.bounced("Ann@B\u{DC}CHER.example")
            try await subject.bounced("bob@xn--caf-dma.example")
            var jobs = [NewJob.sample(1), .sample(2), .sample(3)]
            jobs[0].email = "ann@xn--bcher-kva.example"
            jobs[1].email = "Bob@cafe\u{301}.example"
            jobs[2].email = "ann@bucher.example"
            #expect(try await subject.jobs.enqueue(jobs) == [.inserted, .inserted, .inserted])
            let worker = try await subject.makeWorker()
            let claimed = try await subject.jobs.claim(worker: worker, limit: 9, watermark: nil)
            let suppressed = claimed.filter { $0.suppression != nil }.map(\.delivery)
            #expect(Set(suppressed) == [.sample(1), .sample(2)])
        },
        Case("Every claim asks, not only the first") { subject async throws in
            let worker = try await subject.makeWorker()
            let job = try #require(try await subject.claimed(1, by: worker).first)
            #expect(job.suppression == nil)
            #expect(
                try await subject.settle([(job, .released(after: .zero, reason: "throttled"))], by: worker) == [true]
            )
            try await subject.complained("customer1@example.com")
            let again = try #require(try await subject.jobs.claim(worker: worker, limit: 1, watermark: nil).first)
            #expect(again.suppression == "COMPLAINT")
            #expect(try await subject.settle([(again, .held(reason: "old"))], by: worker) == [true])
            let named = try #require(try await subject.operators.claim(.sample(1), worker: worker))
            #expect(named.suppression == "COMPLAINT")
        },
        Case("What is older than a removal does not bring an address back") { subject async throws in
            let before = try await subject.jobs.now()
            try await subject.bounced("ann@example.com")
            #expect(try await subject.suppressions.unsuppress("ANN@example.com"))
            #expect(try await subject.suppressions.suppression(of: "ann@example.com") == nil)
            #expect(try await subject.suppressions.unsuppress("ann@example.com") == false)
            let old = Suppression(email: "ann@example.com", reason: .bounce)
            try await subject.suppressions.suppress(old, at: before)
            #expect(try await subject.suppressions.suppression(of: "ann@example.com") == nil)
            let later = try await subject.jobs.now() + .seconds(1)
            try await subject.suppressions.suppress(old, at: later)
            #expect(try await subject.suppressions.suppression(of: "ann@example.com")?.sources == [.bounce])
        },
        Case("An order that an operator wants sent is not told to be suppressed, until its end") {
            subject async throws in
            try await subject.bounced("customer1@example.com")
            let worker = try await subject.makeWorker()
            let job = try #require(try await subject.claimed(1, by: worker).first)
            #expect(job.suppression == "BOUNCE")
            // A worker has it in hand, and has asked.
            #expect(try await subject.sendAnyway() == false)
            #expect(
                try await subject.settle([(job, .released(after: .seconds(60), reason: "x"))], by: worker) == [true]
            )
            #expect(try await subject.sendAnyway())
            let marked = try #require(try await subject.jobs.claim(worker: worker, limit: 1, watermark: nil).first)
            #expect(marked.suppression == nil)
            #expect(marked.approvedAt != nil)
            #expect(try await subject.settle([(marked, .released(after: .zero, reason: "x"))], by: worker) == [true])
            let again = try #require(try await subject.jobs.claim(worker: worker, limit: 1, watermark: nil).first)
            #expect(again.suppression == nil, "the mark stays with the job")
            #expect(try await subject.finish(again, by: worker))
            #expect(try await subject.operators.makeReady(.sample(1), reason: "retry"))
            let retried = try #require(try await subject.jobs.claim(worker: worker, limit: 1, watermark: nil).first)
            #expect(retried.suppression == "BOUNCE", "and ends with it")
            #expect(try await subject.finish(retried, by: worker))
            #expect(try await subject.sendAnyway())
            let opened = try #require(try await subject.jobs.claim(worker: worker, limit: 1, watermark: nil).first)
            #expect(opened.suppression == nil)
        },
        Case("A request to unsuppress is given to one worker, and again when nothing was heard of it") {
            subject async throws in
            let first = try await subject.makeWorker(1)
            let second = try await subject.makeWorker(2)
            let id = try await subject.requests.askForRemoval("Ann@Example.com", "a new mailbox")
            let other = try await subject.requests.ask(.retry, .sample(1), "the shop asked")
            let taken = try await subject.operators.takeRequests(worker: first, limit: 9)
            #expect(taken.map(\.id) == [id, other])
            guard case .unsuppress(let email, let origin) = taken.first else {
                Issue.record("expected an address, found \(taken)")
                return
            }
            #expect((email, origin.reason) == ("Ann@Example.com", "a new mailbox"))
            #expect(try await subject.operators.takeRequests(worker: second, limit: 9).isEmpty)
            try await subject.pass(.seconds(31))
            #expect(try await subject.operators.takeRequests(worker: second, limit: 9).map(\.id) == [id, other])
            #expect(try await subject.operators.finishRequest(id, worker: first, result: .done("x")) == false)
            #expect(try await subject.operators.finishRequest(id, worker: second, result: .done("it is off")))
            #expect(try await subject.requests.result(id) == .done("it is off"))
            try await subject.pass(.seconds(31))
            #expect(try await subject.operators.takeRequests(worker: first, limit: 9).map(\.id) == [other])
        },
    ]

    static let mirroring: [Case] = [
        Case("A full read goes on where it ended, and what it did not find goes") { subject async throws in
            let fence = try #require(try await subject.campaign(WorkerID(high: 1, low: 1)))
            #expect(try await subject.mirror.mirror() == SuppressionMirror())
            try await subject.read(["old@example.com", "both@example.com", "Kept@Example.com"], fence)
            try await subject.bounced("both@example.com")
            try await subject.bounced("bounced@example.com")
            try await subject.requests.suppress("asked@example.com", "no")
            #expect(try await subject.mirror.beginMirrorRead(.full, since: nil, tick: 7, fence: fence))
            let first = AccountSuppressionPage(entries: [.sample("kept@example.com")], next: "page 2")
            try await subject.mirror.keepMirrorPage(first, fence: fence)
            let half = try #require(try await subject.mirror.mirror().read)
            #expect(half.token == "page 2")
            #expect(!half.isDropping)
            // Another leader goes on.
            try await subject.pass(.seconds(11))
            let next = try #require(try await subject.campaign(WorkerID(high: 2, low: 2)))
            let second = AccountSuppressionPage(entries: [.sample("new@example.com")], next: nil)
            try await subject.mirror.keepMirrorPage(second, fence: next)
            #expect(try await subject.mirror.mirror().read?.isDropping == true)
            #expect(try await subject.mirror.dropUnseen(limit: 1, fence: next) == 1)
            #expect(try await subject.mirror.dropUnseen(limit: 1, fence: next) == 1)
            #expect(try await subject.mirror.mirror().read?.isDropping == true)
            #expect(try await subject.mirror.dropUnseen(limit: 1, fence: next) == 0)
            let done = try await subject.mirror.mirror()
            #expect(done.read == nil)
            #expect(done.lastFull != nil)
            #expect(done.lastRead == done.lastFull)
            #expect(try await subject.sources("old@example.com") == nil)
            #expect(try await subject.sources("both@example.com") == [.bounce])
            #expect(try await subject.sources("kept@example.com") == [.account])
            #expect(try await subject.sources("new@example.com") == [.account])
            #expect(try await subject.sources("bounced@example.com") == [.bounce])
            #expect(try await subject.sources("asked@example.com") == [.operator])
        },
        Case("The account's spelling and reason are kept") { subject async throws in
            let fence = try #require(try await subject.campaign(WorkerID(high: 1, low: 1)))
            try await subject.read(["Ann@Example.com"], fence)
            let found = try #require(try await subject.suppressions.suppression(of: "ann@example.com"))
            #expect(found.accountEmail == "Ann@Example.com")
            #expect(found.reason == "on the SES account's list: BOUNCE")
        },
        Case("The whole list is begun once a tick, and what changed without one") { subject async throws in
            let fence = try #require(try await subject.campaign(WorkerID(high: 1, low: 1)))
            #expect(try await subject.mirror.beginMirrorRead(.full, since: nil, tick: 7, fence: fence))
            #expect(try await subject.mirror.beginMirrorRead(.full, since: nil, tick: 7, fence: fence) == false)
            #expect(try await subject.mirror.beginMirrorRead(.full, since: nil, tick: 8, fence: fence))
            let since = Timestamp(seconds: 1_800_000_000)
            #expect(try await subject.mirror.beginMirrorRead(.recent, since: since, tick: nil, fence: fence))
            let read = try #require(try await subject.mirror.mirror().read)
            #expect(read.kind == .recent)
            #expect(read.since == since)
            try await subject.mirror.noteMirrorTrouble("AccessDenied", fence: fence)
            #expect(try await subject.mirror.mirror().trouble == "AccessDenied")
            try await subject.mirror.keepMirrorPage(AccountSuppressionPage(entries: [], next: nil), fence: fence)
            let done = try await subject.mirror.mirror()
            #expect(done.read == nil)
            #expect(done.lastRead == read.startedAt)
            #expect(done.lastFull == nil)
            #expect(done.trouble == nil)
            #expect(try await subject.mirror.dropUnseen(limit: 9, fence: fence) == 0)
        },
        Case("A page brings back what an operator took off only when it is newer") { subject async throws in
            let fence = try #require(try await subject.campaign(WorkerID(high: 1, low: 1)))
            let before = try await subject.jobs.now() - .seconds(1)
            _ = try await subject.suppressions.unsuppress("old@example.com")
            _ = try await subject.suppressions.unsuppress("new@example.com")
            let after = try await subject.jobs.now() + .seconds(1)
            let entries: [AccountSuppressionPage.Entry] = [
                .sample("Old@example.com", at: before), .sample("New@example.com", at: after),
            ]
            try await subject.mirror.keepMirrorPage(AccountSuppressionPage(entries: entries, next: nil), fence: fence)
            #expect(try await subject.sources("old@example.com") == nil)
            #expect(try await subject.sources("new@example.com") == [.account])
        },
        Case("What is old is forgotten: ticks, and which addresses were taken off") { subject async throws in
            let fence = try #require(try await subject.campaign(WorkerID(high: 1, low: 1)))
            let before = try await subject.jobs.now()
            #expect(try await subject.duties.begin(task: "history", tick: 1, fence: fence))
            _ = try await subject.suppressions.unsuppress("ann@example.com")
            #expect(try await subject.duties.forgetOld(.seconds(5), fence: fence) == 0)
            try await subject.pass(.seconds(6))
            #expect(try await subject.duties.forgetOld(.seconds(5), fence: fence) == 2)
            #expect(try await subject.duties.begin(task: "history", tick: 1, fence: fence))
            try await subject.suppressions.suppress(Suppression(email: "ann@example.com", reason: .bounce), at: before)
            #expect(try await subject.sources("ann@example.com") == [.bounce])
        },
    ]
}

extension JobStoreSubject {
    fileprivate func bounced(_ email: String) async throws {
        let now = try await jobs.now()
        try await suppressions.suppress(Suppression(email: email, reason: .bounce), at: now)
    }

    fileprivate func complained(_ email: String) async throws {
        let now = try await jobs.now()
        try await suppressions.suppress(Suppression(email: email, reason: .complaint), at: now)
    }

    fileprivate func sources(_ email: String) async throws -> [SuppressionSource]? {
        try await suppressions.suppression(of: email)?.sources
    }

    fileprivate func sendAnyway() async throws -> Bool {
        try await operators.makeReady(.sample(1), reason: "ann: send it", anyway: "ann: send it", fence: nil)
    }

    /// A full read of one page.
    fileprivate func read(_ emails: [String], _ fence: LeaderFence) async throws {
        #expect(try await mirror.beginMirrorRead(.full, since: nil, tick: 1, fence: fence))
        let page = AccountSuppressionPage(entries: emails.map { .sample($0) }, next: nil)
        try await mirror.keepMirrorPage(page, fence: fence)
        #expect(try await mirror.dropUnseen(limit: 9, fence: fence) == 0)
        #expect(try await mirror.mirror().read == nil)
    }
}
