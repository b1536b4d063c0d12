import Synchronization
package import WaybillCore
package import WaybillPorts

/// The delivery record in memory, with DynamoDB's rules: conditional writes, a strongly consistent read, and items that
/// stay writable after their time to live while reads no longer show them.
package final class InMemoryDeliveryLedger: DeliveryLedger {
    /// What goes wrong with a call that a test or the simulation picked.
    package enum Fault: Hashable, Sendable {
        /// The call fails and nothing was written.
        case before(LedgerError)
        /// The write is performed (or refused) and its answer is lost.
        case after(LedgerError)
    }

    /// A call as a fault plan sees it.
    package enum Call: Hashable, Sendable {
        case apply(DeliveryTransition, DeliveryID)
        case read(DeliveryID)
        case query(LedgerQuery)
        case scan(LedgerScan)
    }

    /// AWS refuses a signature that is more than about five minutes off (SigV4, "RequestExpired").
    package static let signatureAge = Duration.seconds(300)

    /// An item, and what it says, read when it was written.
    private struct Item {
        let attributes: RecordAttributes
        let record: Result<DeliveryRecord, LedgerError>

        init(_ id: DeliveryID, _ attributes: RecordAttributes) {
            self.attributes = attributes
            do throws(DeliveryRecordError) {
                record = .success(try DeliveryRecord(id: id, attributes: attributes))
            } catch {
                record = .failure(LedgerError(.malformedRecord, error.description))
            }
        }
    }

    private let items = Mutex<[DeliveryID: Item]>([:])
    private let serviceClock: (@Sendable () -> Timestamp)?
    private let acceptedAge: Duration
    private let fault: @Sendable (Call) -> Fault?
    private let condition: @Sendable (DeliveryTransition) -> RecordCondition

    /// `serviceClock` is the service's own wall clock, by which it judges `signedAt`; nil judges nothing. `fault` is
    /// asked once a call. `condition` is under what a write happens; another than the transition's own is a mistake.
    package init(
        serviceClock: (@Sendable () -> Timestamp)? = nil,
        signatureAge: Duration = InMemoryDeliveryLedger.signatureAge,
        condition: @escaping @Sendable (DeliveryTransition) -> RecordCondition = { $0.condition },
        fault: @escaping @Sendable (Call) -> Fault? = { _ in nil }
    ) {
        self.serviceClock = serviceClock
        self.condition = condition
        acceptedAge = signatureAge
        self.fault = fault
    }

    package func apply(
        _ transition: DeliveryTransition,
        to id: DeliveryID,
        now: Timestamp,
        signedAt: Timestamp?
    ) throws(LedgerError) -> LedgerOutcome {
        try checkSignature(signedAt)
        switch fault(.apply(transition, id)) {
        case nil: return try write(transition, to: id, now: now)
        case .before(let error): throw error
        case .after(let error):
            _ = try write(transition, to: id, now: now)
            throw error
        }
    }

    package func read(_ id: DeliveryID, now: Timestamp) throws(LedgerError) -> DeliveryRecord? {
        try failIfPlanned(.read(id))
        guard let record = try items.withLock({ $0[id] })?.record.get() else { return nil }
        return record.expiresAt > now ? record : nil
    }

    package func query(_ query: LedgerQuery) throws(LedgerError) -> LedgerPage {
        try failIfPlanned(.query(query))
        return try LedgerListing(query).page(of: try records())
    }

    package func scan(_ scan: LedgerScan) throws(LedgerError) -> LedgerPage {
        try failIfPlanned(.scan(scan))
        guard (1...1000).contains(scan.limit) else {
            throw LedgerError(.rejected, "a page holds 1 to 1,000 records, not \(scan.limit)")
        }
        let (page, isLast) = identities(of: scan)
        var records: [DeliveryRecord] = []
        for id in page {
            guard let record = try items.withLock({ $0[id] })?.record.get() else { continue }
            if !scan.openOnly || record.status.rank <= DeliveryStatus.sending.rank { records.append(record) }
        }
        return LedgerPage(records: records, next: isLast ? nil : page.last?.description)
    }

    /// Whose items a page of a scan looks at, and whether no others come after.
    func identities(of scan: LedgerScan) -> (page: [DeliveryID], isLast: Bool) {
        let after = scan.after.flatMap { DeliveryID($0) }
        let rest = items.withLock { $0.keys.filter { id in after.map { $0 < id } ?? true } }.sorted()
        return (Array(rest.prefix(scan.limit)), rest.count <= scan.limit)
    }

    /// The stored item, expired or not, as a test looks at it.
    package func attributes(of id: DeliveryID) -> RecordAttributes? {
        items.withLock { $0[id]?.attributes }
    }

    /// The stored record, expired or not; nil when there is none, or it cannot be read.
    func record(_ id: DeliveryID) -> DeliveryRecord? {
        guard case .success(let record) = items.withLock({ $0[id] })?.record else { return nil }
        return record
    }

    /// Every record, expired or not, in order of its identity.
    package func records() throws(LedgerError) -> [DeliveryRecord] {
        var records: [DeliveryRecord] = []
        for item in items.withLock({ $0.values }) { records.append(try item.record.get()) }
        return records.sorted { $0.id < $1.id }
    }

    /// What DynamoDB does some time, up to days, after an item's time to live.
    package func deleteExpired(now: Timestamp) {
        items.withLock { items in
            items = items.filter { _, item in
                guard case .number(let seconds) = item.attributes[.expiresAt] else { return true }
                return Timestamp(seconds: seconds) > now
            }
        }
    }

    private func write(
        _ transition: DeliveryTransition,
        to id: DeliveryID,
        now: Timestamp
    ) throws(LedgerError) -> LedgerOutcome {
        let (before, after) = items.withLock { items -> (Item?, Item?) in
            let before = items[id]
            guard condition(transition).holds(for: before?.attributes) else { return (before, nil) }
            let after = Item(id, transition.changes(id: id, now: now).applied(to: before?.attributes))
            items[id] = after
            return (before, after)
        }
        let recordBefore = try before?.record.get()
        guard let after else { return .refused(recordBefore) }
        return .applied(before: recordBefore, after: try after.record.get())
    }

    private func checkSignature(_ signedAt: Timestamp?) throws(LedgerError) {
        guard let signedAt, let now = serviceClock?() else { return }
        let distance = signedAt > now ? signedAt - now : now - signedAt
        guard distance <= acceptedAge else {
            throw LedgerError(.signatureExpired, "signed at \(signedAt.rfc3339), the service has \(now.rfc3339)")
        }
    }

    private func failIfPlanned(_ call: Call) throws(LedgerError) {
        switch fault(call) {
        case nil: return
        case .before(let error), .after(let error): throw error
        }
    }
}
