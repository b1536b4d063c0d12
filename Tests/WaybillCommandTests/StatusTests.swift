import Testing
import WaybillCore
import WaybillPorts
import WaybillSimulation

@testable import waybill

@Suite struct StatusTests {
    @Test func everythingIsAskedAndCounted() async throws {
        let ledger = InMemoryDeliveryLedger()
        for order in 1...5 { try await ledger.deliver("d\(order)", at: Sample.start, .sent, .delivered) }
        for order in 1...2 { try await ledger.deliver("b\(order)", at: Sample.start, .sent, .bouncedHard) }
        try await ledger.deliver("s", at: Sample.start, .sent, .bouncedSoft)
        try await ledger.deliver("sending", at: Sample.start)
        let report = await gathered(ledger)
        #expect(report.exit == .ok)
        let json = report.json
        #expect(json["deliveries"]?["DELIVERED"]?.integer == 5)
        #expect(json["deliveries"]?["BOUNCED"]?.integer == 3)
        #expect(json["deliveries"]?["COMPLAINT"]?.integer == 0)
        #expect(json["deliveriesAtLeast"]?.elements?.isEmpty == true)
        #expect(json["queues"]?["feedbackDeadLetter"]?["visible"]?.integer == 7)
        #expect(json["workers"]?.elements?.first?["processId"]?.integer == 42)
        #expect(json["jobs"]?["ready"]?.integer == 0)
        #expect(report.lines(.plain).contains("DELIVERED       5"))
        #expect(report.lines(.plain).contains("BOUNCED         3"))
    }

    @Test func countingStopsAtItsBoundAndSaysSo() async throws {
        let ledger = InMemoryDeliveryLedger()
        for order in 1...5 { try await ledger.deliver("d\(order)", at: Sample.start, .sent) }
        let counts = try await StatusCounting.counts(ledger: ledger, bound: 3, now: Sample.start)
        #expect(counts.first { $0.status == "SENT" } == .init(status: "SENT", count: 3, isExact: false))
        let exact = try await StatusCounting.counts(ledger: ledger, bound: 5, now: Sample.start)
        #expect(exact.first { $0.status == "SENT" } == .init(status: "SENT", count: 5, isExact: true))
        let report = await gathered(ledger, countUpTo: 3)
        #expect(report.json["deliveriesAtLeast"]?.elements == [.string("SENT")])
        #expect(report.lines(.plain).contains("SENT           3+"))
    }

    @Test func whatDoesNotAnswerIsNamedAndTheRestIsShown() async {
        let ledger = InMemoryDeliveryLedger(fault: { _ in .before(LedgerError(.unavailable, "throttled")) })
        let report = await gathered(ledger) { role throws in
            if role == .orders { throw SettingsError("the queue is not there") }
            return QueueDepth(visible: 0, inFlight: 0, delayed: 0)
        }
        #expect(report.exit == .usage)
        #expect(Set(report.problems.map(\.part)) == ["queue orders", "deliveries"])
        #expect(report.json["deliveries"] == .null)
        #expect(report.json["queues"]?["orders"] == .null)
        #expect(report.json["queues"]?["feedback"]?["visible"]?.integer == 0)
        #expect(report.json["workers"]?.elements?.count == 1)
    }

    @Test func theKeysAreTheSameWhateverIsKnown() async {
        let names = [
            "environment", "at", "workers", "wantedWorkers", "wantedBecause", "ingest", "sending", "jobs",
            "quarantined", "queues", "deliveries", "deliveriesAtLeast", "problems",
        ]
        let empty = StatusReport(environment: "test", at: Sample.start)
        #expect(empty.json.members?.map(\.name) == names)
        #expect(await gathered(InMemoryDeliveryLedger()).json.members?.map(\.name) == names)
        #expect(empty.lines(.plain) == ["Waybill test, 2026-11-23T21:04:05.000Z"])
    }

    @Test func withoutAWorkerAPersonIsTold() {
        var report = StatusReport(environment: "test", at: Sample.start)
        report.workers = []
        #expect(report.lines(.plain).contains("No worker is running."))
    }

    @Test func theGuardOfTheWorkersIsTold() {
        var report = StatusReport(environment: "test", at: Sample.start)
        report.workers = (1...3).map { number in
            let about = WorkerDescription(
                host: "h",
                processID: number,
                version: "1",
                roles: [],
                guardSummary: number == 1 ? nil : "dry run"
            )
            let id = WorkerID(high: 1, low: UInt64(number))
            return LiveWorker(id: id, about: about, startedAt: Sample.start, expiresAt: Sample.start)
        }
        #expect(report.lines(.plain).contains("Guard of 2 of 3 workers: dry run"))
        let guards = report.json["workers"]?.elements?.map { $0["guard"]?.text }
        #expect(guards == [nil, "dry run", "dry run"])
        report.workers?.removeFirst()
        #expect(report.lines(.plain).contains("Guard of every worker: dry run"))
    }

    @Test func aWorkerThatDrainsIsNamedWithWhoAskedAndWhy() async throws {
        let store = InMemoryJobStore { Sample.start }
        try store.register(Sample.worker, about: Self.about, lease: .seconds(10))
        _ = try store.renew(Sample.worker, lease: .seconds(10), jobsInHand: 3)
        let before = await gathered(InMemoryDeliveryLedger(), store: store)
        #expect(before.json["workers"]?.elements?.first?["drain"] == .null)
        #expect(!before.lines(.plain).contains { $0.contains("drains") })
        store.requestDrain(of: Sample.worker, by: "ann", reason: "a new kernel")
        let report = await gathered(InMemoryDeliveryLedger(), store: store)
        let told =
            "Worker \(Sample.worker) drains since 2026-11-23T21:04:05.000Z (ann: a new kernel), 3 jobs in hand"
        #expect(report.lines(.plain).contains(told))
        let drain = report.json["workers"]?.elements?.first?["drain"]
        #expect(drain?["since"] == .string("2026-11-23T21:04:05.000Z"))
        #expect(drain?["by"] == .string("ann"))
        #expect(drain?["reason"] == .string("a new kernel"))
    }

    @Test func aPauseOfIngestIsToldWithWhoPausedItAndWhy() async throws {
        let store = InMemoryJobStore { Sample.start }
        let before = await gathered(InMemoryDeliveryLedger(), store: store)
        #expect(before.json["ingest"]?["paused"] == .bool(false))
        #expect(before.json["ingest"]?["since"] == .null)
        #expect(!before.lines(.plain).contains { $0.contains("Ingest") })
        store.setIngest(paused: true, by: "ann", reason: "fire drill")
        let report = await gathered(InMemoryDeliveryLedger(), store: store)
        let told = "Ingest is paused since 2026-11-23T21:04:05.000Z (ann: fire drill): orders stay in SQS"
        #expect(report.lines(.plain).contains(told))
        #expect(report.json["ingest"]?["paused"] == .bool(true))
        #expect(report.json["ingest"]?["since"] == .string("2026-11-23T21:04:05.000Z"))
        #expect(report.json["ingest"]?["by"] == .string("ann"))
        #expect(report.json["ingest"]?["reason"] == .string("fire drill"))
    }

    @Test func whatHoldsSendingBackIsTold() async {
        var report = await gathered(InMemoryDeliveryLedger())
        #expect(report.lines(.plain).contains("Sends 13.500 of 13.500 emails a second at most."))
        #expect(report.json["sending"]?["limitMilli"]?.integer == 13_500)
        #expect(report.json["sending"]?["hold"] == .null)
        report.sending?.hold = SendHold(.paused, detail: "ann: fire drill")
        report.sending?.heldSince = Sample.start
        let told = "Sending is held back since 2026-11-23T21:04:05.000Z: paused, ann: fire drill"
        #expect(report.lines(.plain).contains(told))
        #expect(report.json["sending"]?["hold"] == .string("paused"))
    }

    @Test func theWantedNumberCountsWhatWaitsInSQSToo() async {
        let report = await gathered(InMemoryDeliveryLedger())
        #expect(report.json["wantedWorkers"]?.integer == 2)
        #expect(report.json["wantedBecause"] == .string("backlog"))
        #expect(report.lines(.plain).contains("Wanted workers: 2. So many send what waits within a minute."))
        let idle = await gathered(InMemoryDeliveryLedger(), facts: .success(DemandFacts())) { _ in
            QueueDepth(visible: 0, inFlight: 0, delayed: 0)
        }
        #expect(idle.json["wantedWorkers"]?.integer == 0)
    }

    @Test func theWantedNumberIsUnknownWhileAnythingThatItRestsOnIs() async {
        let withoutQueue = await gathered(InMemoryDeliveryLedger()) { role throws in
            if role == .feedback { throw SettingsError("the queue is not there") }
            return QueueDepth(visible: 9, inFlight: 0, delayed: 0)
        }
        #expect(withoutQueue.json["wantedWorkers"] == .null)
        let withoutStore = await gathered(
            InMemoryDeliveryLedger(),
            facts: .failure(StoreError(.unavailable, "no connection"))
        )
        #expect(withoutStore.json["wantedWorkers"] == .null)
        #expect(withoutStore.problems.map(\.part) == ["demand"])
    }

    @Test func deliveriesMayBeLeftOut() async {
        let ledger = InMemoryDeliveryLedger(fault: { _ in .before(LedgerError(.unavailable, "throttled")) })
        let report = await gathered(ledger, countUpTo: nil)
        #expect(report.exit == .ok)
        #expect(report.json["deliveries"] == .null)
    }

    @Test func theGravestProblemDecidesTheExit() {
        var report = StatusReport(environment: "test", at: Sample.start)
        report.problems = [.init(part: "a", error: CommandFailure(.unreachable, ""))]
        #expect(report.exit == .unreachable)
        report.problems.append(.init(part: "b", error: CommandFailure(.failed, "")))
        #expect(report.exit == .failed)
    }

    @Test func onlyIndexedStatusesAreCounted() {
        #expect(!IndexedStatus.names.contains("SENDING"))
        #expect(IndexedStatus.names.count { $0 == "BOUNCED" } == 1)
        #expect(IndexedStatus.names.count == 10)
    }

    private static let about = WorkerDescription(host: "host-1", processID: 42, version: "1", roles: ["send"])

    private func gathered(
        _ ledger: InMemoryDeliveryLedger,
        store: InMemoryJobStore = InMemoryJobStore { Sample.start },
        countUpTo bound: Int? = 100,
        facts: Result<DemandFacts, StoreError> = .success(DemandFacts(ready: 3840, milliRate: 900_000)),
        depth: @escaping @Sendable (StatusReport.QueueRole) async throws -> QueueDepth = { role in
            QueueDepth(visible: role == .feedbackDeadLetter ? 7 : 0, inFlight: 1, delayed: 0)
        }
    ) async -> StatusReport {
        do throws(StoreError) {
            try store.register(Sample.worker, about: Self.about, lease: .seconds(10))
        } catch {
            Issue.record(error)
        }
        let rate = InMemorySendRate(SendLimits(milliRate: 13_500, burst: 1), clock: { Sample.start })
        let sources = StatusReport.Sources(
            jobs: store,
            workers: store,
            rate: rate,
            ledger: ledger,
            facts: { try facts.get() },
            bounds: WorkerDemand.Bounds(minimum: 0, maximum: 9, concurrency: 32),
            depth: depth
        )
        return await StatusReport.gather(environment: "test", at: Sample.start, from: sources, countUpTo: bound)
    }
}
