import WaybillCore
import WaybillPorts

extension OrderTrace {
    /// An order has few kinds of message; so many are shown.
    private static let mostKinds = 100
    private static let mostQuarantined = 50

    /// Asks the ledger, the jobs and the quarantine about one order.
    static func gather(
        _ order: OrderID,
        ledger: any DeliveryLedger,
        jobs: any JobStore & CopyStore,
        quarantine: any QuarantineStore,
        now: Timestamp
    ) async throws -> OrderTrace {
        let page = try await ledger.query(LedgerQuery(key: .order(order), limit: mostKinds, now: now))
        var trace = OrderTrace(order: order, deliveries: [], quarantine: [])
        // The confirmation and its copies may be owed without a record: a job exists before its first claim.
        let confirmation = DeliveryID(order: order)
        let owed = [confirmation] + (try await jobs.copies(of: confirmation))
        for id in Set(page.records.map(\.id) + owed).sorted() {
            let record = page.records.first { $0.id == id }
            trace.deliveries.append(Delivery(id: id, record: record, job: try await jobs.snapshot(id)))
            trace.quarantine += try await quarantine.about(id, limit: mostQuarantined)
        }
        return trace
    }
}
