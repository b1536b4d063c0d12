import Synchronization
import WaybillCore
import WaybillPorts

/// DynamoDB as a process sees it.
struct WiredLedger: DeliveryLedger {
    let link: ServiceLink
    let ledger: InMemoryDeliveryLedger
    let weather: LedgerWeather
    /// Nil in a world without meters.
    var meter: LedgerMeter?
    /// It is the feedback processor that writes.
    let isFeedback: Bool
    /// Attempts of this process whose T1 has left it: a repeat uses no slot.
    let claims = ClaimsLeft()

    func apply(
        _ transition: DeliveryTransition,
        to id: DeliveryID,
        now: Timestamp,
        signedAt: Timestamp?
    ) async throws(LedgerError) -> LedgerOutcome {
        let (ledger, weather, machine, isFeedback) = (ledger, weather, link.machine, isFeedback)
        if case .claim(let claim) = transition, claims.isFirst(claim.attempt) {
            machine.witness.claimLeft(id, from: machine.slot)
        }
        let said = meter?.call()
        return try await call(said) { () throws(LedgerError) in
            let fault = weather.next()
            if fault == .before { throw LedgerError(.unavailable, "simulated: throttled") }
            let (before, item) = (ledger.record(id), ledger.attributes(of: id))
            defer {
                if item == nil, ledger.attributes(of: id) != nil { machine.witness.created(id, by: transition) }
            }
            let outcome = try ledger.apply(transition, to: id, now: now, signedAt: signedAt)
            machine.witness.wrote(transition, id, outcome)
            machine.witness.judge(transition, id, outcome, before: before, isFeedback: isFeedback)
            said?.wrote(id, outcome, before: item, after: ledger.attributes(of: id))
            if fault == .after { throw LedgerError(.unanswered, "simulated: 500 after the write") }
            return outcome
        }
    }

    func read(_ id: DeliveryID, now: Timestamp) async throws(LedgerError) -> DeliveryRecord? {
        try await reading { ledger, said throws(LedgerError) in
            said?.read(id, in: ledger)
            return try ledger.read(id, now: now)
        }
    }

    func query(_ query: LedgerQuery) async throws(LedgerError) -> LedgerPage {
        try await reading { ledger, said throws(LedgerError) in
            let page = try ledger.query(query)
            said?.queried(query, page, in: ledger)
            return page
        }
    }

    func scan(_ scan: LedgerScan) async throws(LedgerError) -> LedgerPage {
        try await reading { ledger, said throws(LedgerError) in
            said?.scanned(scan, in: ledger)
            return try ledger.scan(scan)
        }
    }

    private func reading<Value: Sendable>(
        _ body: @escaping @Sendable (InMemoryDeliveryLedger, MeteredCall?) throws(LedgerError) -> Value
    ) async throws(LedgerError) -> Value {
        let (ledger, weather, said) = (ledger, weather, meter?.call())
        return try await call(said) { () throws(LedgerError) in
            if weather.next() != nil { throw LedgerError(.unavailable, "simulated: throttled") }
            return try body(ledger, said)
        }
    }

    private func call<Value: Sendable>(
        _ said: MeteredCall?,
        _ effect: @escaping @Sendable () throws(LedgerError) -> Value
    ) async throws(LedgerError) -> Value {
        try await link.call(effect, used: { _ in said?.uses ?? [] }) { fault in
            switch fault {
            case .notReached: LedgerError(.unavailable, "simulated: no connection")
            case .unanswered: LedgerError(.unanswered, "simulated: no answer")
            case .cancelled: LedgerError(.cancelled, "simulated: cancelled")
            }
        }
    }
}

/// Throttles and errors of DynamoDB, for all processes alike. Chances are per 1,000 calls.
final class LedgerWeather: Sendable {
    enum Fault {
        /// Refused, and nothing was written.
        case before
        /// Written, and answered with an error.
        case after
    }

    private struct State {
        var throttled: UInt64 = 0
        var errors: UInt64 = 0
        var generator: SplitMix64
    }

    private let state: Mutex<State>

    init(seed: UInt64) {
        state = Mutex(State(generator: Simulator.generator(seed, .network, index: 1)))
    }

    func set(throttled: UInt64, errors: UInt64) {
        state.withLock { ($0.throttled, $0.errors) = (throttled, errors) }
    }

    func next() -> Fault? {
        state.withLock { state in
            guard state.throttled + state.errors > 0 else { return nil }
            let draw = state.generator.next() % 1000
            if draw < state.throttled { return .before }
            return draw < state.throttled + state.errors ? .after : nil
        }
    }
}

final class ClaimsLeft: Sendable {
    private let attempts = Mutex<Set<AttemptID>>([])

    func isFirst(_ attempt: AttemptID) -> Bool {
        attempts.withLock { $0.insert(attempt).inserted }
    }
}
