import Testing
import WaybillCore
import WaybillPorts

extension JobStoreConformance {
    static let workers: [Case] = [
        Case("A worker lives as long as it renews") { subject async throws in
            let worker = try await subject.makeWorker()
            let live = try #require(try await subject.workers.live().first)
            #expect(live.id == worker)
            #expect(live.about == .sample)
            #expect(live.expiresAt - live.startedAt <= .seconds(11))
            for _ in 1...3 {
                try await subject.pass(.seconds(6))
                #expect(try await subject.renew(worker) == WorkerOrders())
            }
            try await subject.pass(.seconds(11))
            #expect(try await subject.workers.live().isEmpty)
            #expect(try await subject.renew(worker) == nil)
            #expect(try await subject.renew(WorkerID(high: 9, low: 9)) == nil)
        },
        Case("Registering again extends the lease of the same incarnation") { subject async throws in
            _ = try await subject.makeWorker()
            try await subject.pass(.seconds(8))
            let worker = try await subject.makeWorker()
            try await subject.pass(.seconds(8))
            let live = try #require(try await subject.workers.live().first)
            #expect(live.id == worker)
            #expect(live.expiresAt - live.startedAt > .seconds(15))
        },
        Case("The reaper frees the jobs of an expired worker, and no others") { subject async throws in
            let dead = try await subject.makeWorker(1)
            let jobs = try await subject.claimed(3, by: dead)
            try await subject.pass(.seconds(5))
            let alive = try await subject.makeWorker(2)
            _ = try await subject.jobs.enqueue([.sample(4)])
            #expect(try await subject.jobs.claim(worker: alive, limit: 9, watermark: nil).count == 1)
            #expect(try await subject.workers.reap() == 0)
            try await subject.pass(.seconds(6))
            #expect(try await subject.workers.reap() == 3)
            #expect(try await subject.workers.reap() == 0)
            let counts = try await subject.jobs.counts()
            #expect((counts.ready, counts.leased, counts.workers) == (3, 1, 1))
            let taken = try await subject.jobs.claim(worker: alive, limit: 9, watermark: nil)
            #expect(taken.map(\.delivery) == jobs.map(\.delivery))
            #expect(taken.map(\.attempts) == [2, 2, 2])
        },
        Case("A late completion is refused once the job was reclaimed") { subject async throws in
            let late = try await subject.makeWorker(1)
            let job = try #require(try await subject.claimed(1, by: late).first)
            try await subject.pass(.seconds(11))
            #expect(try await subject.workers.reap() == 1)
            #expect(try await subject.finish(job, by: late) == false)
            let next = try await subject.makeWorker(2)
            let reclaimed = try #require(try await subject.jobs.claim(worker: next, limit: 1, watermark: nil).first)
            #expect(try await subject.finish(job, by: late) == false)
            #expect(try await subject.finish(job, by: next) == false)
            #expect(try await subject.finish(reclaimed, by: next))
        },
        Case("Jobs whose claim was not answered are recalled, and no others") { subject async throws in
            let worker = try await subject.makeWorker(1)
            let known = try await subject.claimed(2, by: worker)
            let other = try await subject.makeWorker(2)
            _ = try await subject.jobs.enqueue([.sample(3), .sample(4), .sample(5)])
            #expect(try await subject.jobs.claim(worker: other, limit: 1, watermark: nil).count == 1)
            let lost = try await subject.jobs.claim(worker: worker, limit: 9, watermark: nil)
            #expect(lost.count == 2)
            #expect(try await subject.jobs.recall(worker: worker, except: known.map(\.id)) == 2)
            #expect(try await subject.jobs.recall(worker: worker, except: known.map(\.id)) == 0)
            let counts = try await subject.jobs.counts()
            #expect((counts.ready, counts.leased) == (2, 3))
            // Who settles under the lost claim is late; the jobs that are held are not touched.
            #expect(try await subject.finish(lost[0], by: worker) == false)
            #expect(try await subject.finish(known[0], by: worker))
            #expect(try await subject.jobs.recall(worker: worker, except: []) == 1)
        },
        Case("A completion before the reaper came is accepted") { subject async throws in
            let late = try await subject.makeWorker()
            let job = try #require(try await subject.claimed(1, by: late).first)
            try await subject.pass(.seconds(11))
            #expect(try await subject.finish(job, by: late))
        },
        Case("The jobs of a worker that said good-bye are freed by the reaper") { subject async throws in
            let worker = try await subject.makeWorker()
            _ = try await subject.claimed(2, by: worker)
            try await subject.workers.deregister(worker)
            #expect(try await subject.workers.live().isEmpty)
            #expect(try await subject.renew(worker) == nil)
            #expect(try await subject.workers.reap() == 2)
            try await subject.workers.deregister(worker)
        },
    ]

    static let quarantine: [Case] = [
        Case("A message that comes again counts up") { subject async throws in
            let first = QuarantinedMessage.sample(1)
            try await subject.quarantine.keep([])
            try await subject.quarantine.keep([first, .sample(2), first])
            try await subject.pass(.seconds(5))
            try await subject.quarantine.keep([first])
            let kept = try await subject.quarantine.list(queue: nil, limit: 10)
            #expect(kept.map(\.message) == [first, .sample(2)])
            #expect(kept.map(\.count) == [3, 1])
            #expect(kept[0].lastSeen - kept[0].firstSeen >= .seconds(5))
            #expect(kept[0].id != kept[1].id)
            #expect(try await subject.jobs.counts().quarantined == 2)
        },
        Case("Each queue has messages of its own") { subject async throws in
            var other = QuarantinedMessage.sample(1)
            other.queue = "feedback"
            other.delivery = .sample(1)
            try await subject.quarantine.keep([.sample(1), other])
            #expect(try await subject.quarantine.list(queue: "feedback", limit: 10).map(\.message) == [other])
            #expect(try await subject.quarantine.list(queue: "orders", limit: 10).map(\.message) == [.sample(1)])
            #expect(try await subject.quarantine.list(queue: "none", limit: 10).isEmpty)
            #expect(try await subject.quarantine.list(queue: nil, limit: 1).count == 1)
        },
        Case("What is known about one delivery is found, last seen first") { subject async throws in
            var mine = QuarantinedMessage.sample(1)
            mine.delivery = .sample(1)
            var mineToo = QuarantinedMessage.sample(2)
            mineToo.delivery = .sample(1)
            var another = QuarantinedMessage.sample(3)
            another.delivery = .sample(2)
            try await subject.quarantine.keep([mine, another, .sample(4)])
            try await subject.pass(.seconds(1))
            try await subject.quarantine.keep([mineToo])
            let about = try await subject.quarantine.about(.sample(1), limit: 10)
            #expect(about.map(\.message) == [mineToo, mine])
            #expect(try await subject.quarantine.about(.sample(1), limit: 1).map(\.message) == [mineToo])
            #expect(try await subject.quarantine.about(.sample(3), limit: 10).isEmpty)
        },
        Case("Every body is kept byte for byte, also what is no text") { subject async throws in
            var message = QuarantinedMessage.sample(1)
            message.body = Array(0...255)
            var empty = QuarantinedMessage.sample(2)
            empty.body = []
            empty.reason = "a NUL\u{0} in what was wrong"
            try await subject.quarantine.keep([message, empty])
            let kept = try await subject.quarantine.list(queue: nil, limit: 10)
            #expect(Set(kept.map(\.message.body)) == [Array(0...255), []])
        },
    ]
}

extension QuarantinedMessage {
    fileprivate static func sample(_ number: UInt8) -> QuarantinedMessage {
        QuarantinedMessage(
            queue: "orders",
            body: Array("{\(number)".utf8),
            bodyHash: .sample(number),
            code: "invalid-order",
            reason: "$: not JSON\n$.email: missing",
            delivery: nil
        )
    }
}
