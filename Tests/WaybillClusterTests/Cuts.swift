import Synchronization
import WaybillCore
import WaybillPorts
import WaybillSimulation

/// The election as a worker sees it that may be cut off from the database.
struct CutLeadership: LeadershipStore {
    let store: InMemoryJobStore
    let isCut: Switch

    func campaign(role: String, holder: WorkerID, lease: Duration) async throws(StoreError) -> LeaderFence? {
        if isCut.isOn { throw StoreError(.unavailable, "no route") }
        return try store.campaign(role: role, holder: holder, lease: lease)
    }

    func resign(_ fence: LeaderFence) async throws(StoreError) {
        if isCut.isOn { throw StoreError(.unavailable, "no route") }
        try store.resign(fence)
    }
}

/// The send rate, with a note of what was asked and told, and a fault for what a leader writes.
final class NotedRate: SendRateSource {
    enum Note: Hashable, Sendable {
        case probe(at: Duration)
        case news(SendNews, at: Duration)
    }

    let failsUpdates = Switch(false)
    private let rate: InMemorySendRate
    private let loop: SimulatedLoop
    private let state = Mutex<[Note]>([])

    init(_ world: TestWorld) {
        rate = world.rate
        loop = world.loop
    }

    var notes: [Note] { state.withLock { $0 } }

    var probes: [Duration] {
        notes.compactMap { if case .probe(let time) = $0 { time } else { nil } }
    }

    private func add(_ note: Note) { state.withLock { $0.append(note) } }

    func slots(_ count: Int, for worker: WorkerID) async throws(StoreError) -> SendSlots {
        let slots = try rate.slots(count, for: worker)
        if case .granted(_, let isProbe) = slots, isProbe { add(.probe(at: loop.monotonicNow())) }
        return slots
    }

    func hear(_ news: SendNews, from worker: WorkerID) async throws(StoreError) {
        add(.news(news, at: loop.monotonicNow()))
        try rate.hear(news, from: worker)
    }

    func update(_ limits: SendLimits, fence: LeaderFence?) async throws(StoreError) {
        if failsUpdates.isOn { throw StoreError(.unavailable, "the connection broke") }
        try rate.update(limits, fence: fence)
    }

    func begin(_ limits: SendLimits) async throws(StoreError) { try rate.begin(limits) }
    func pause(by name: String, reason: String, askedAt: Timestamp?) async throws(StoreError) -> Bool {
        try rate.pause(by: name, reason: reason, askedAt: askedAt)
    }
    func resume() async throws(StoreError) { try rate.resume() }
    func state() async throws(StoreError) -> SendControlState? { try rate.state() }
}

/// SES GetAccount, with a note of when it was asked.
final class NotedQuota: QuotaSource {
    static let account = SendingAccount(
        sendingEnabled: true,
        productionAccess: true,
        enforcement: "HEALTHY",
        maxSendRate: 100,
        max24HourSend: 50_000,
        sentLast24Hours: 0
    )

    let isUnreached = Switch(false)
    private let loop: SimulatedLoop
    private let times = Mutex<[Timestamp]>([])

    init(_ world: TestWorld) { loop = world.loop }

    var asked: [Timestamp] { times.withLock { $0 } }

    func account() async throws(QuotaError) -> SendingAccount {
        times.withLock { $0.append(loop.wallNow()) }
        if isUnreached.isOn { throw QuotaError("no route to SES") }
        return Self.account
    }
}

/// DynamoDB as a worker sees it that may be cut off from it: a call ends after a while, and not one byte was written.
struct CutLedger: DeliveryLedger {
    let world: TestWorld
    let isCut: Switch

    private func cross() async throws(LedgerError) {
        guard isCut.isOn else { return }
        do {
            try await world.loop.sleep(for: .milliseconds(300))
        } catch {
            throw LedgerError(.cancelled, "cancelled")
        }
        throw LedgerError(.unavailable, "no route to DynamoDB")
    }

    func apply(
        _ transition: DeliveryTransition,
        to id: DeliveryID,
        now: Timestamp,
        signedAt: Timestamp?
    ) async throws(LedgerError) -> LedgerOutcome {
        try await cross()
        return try world.ledger.apply(transition, to: id, now: now, signedAt: signedAt)
    }

    func read(_ id: DeliveryID, now: Timestamp) async throws(LedgerError) -> DeliveryRecord? {
        try await cross()
        return try world.ledger.read(id, now: now)
    }

    func query(_ query: LedgerQuery) async throws(LedgerError) -> LedgerPage {
        try await cross()
        return try world.ledger.query(query)
    }

    func scan(_ scan: LedgerScan) async throws(LedgerError) -> LedgerPage {
        try await cross()
        return try world.ledger.scan(scan)
    }
}

/// SES as a worker sees it that has no connection to it.
struct CutMailer: Mailer {
    let mailer: InMemoryMailer
    let isCut: Switch

    func send(_ email: OutgoingEmail) async -> MailerOutcome {
        isCut.isOn ? .notWritten("no route") : await mailer.send(email)
    }
}
