import WaybillCore
import WaybillPorts

extension OperatorActor {
    /// Makes the copy's job. The same request performed again, by whomever, finds the copy that it made.
    func makeCopy(_ request: OperatorRequest, to address: String) async throws -> OperatorResult {
        guard let payload = try await store.payload(of: request.delivery) else {
            return .refused("its order is not kept here any more: publish the order again, then ask for the copy")
        }
        switch OrderCopy.make(of: payload, to: address) {
        case .failure(let violations):
            return .refused("the order cannot be sent so: \(violations)")
        case .success(let copy):
            let new = NewCopy(
                request: request.id,
                confirmation: request.delivery,
                payload: copy.payload,
                payloadHash: .sha256(copy.order.canonical),
                email: copy.order.customer.email,
                note: request.note
            )
            return try await make(new)
        }
    }

    private func make(_ copy: NewCopy) async throws -> OperatorResult {
        switch try await store.makeCopy(copy, leastNumber: try await leastNumber(copy.confirmation.order)) {
        case .made(let delivery):
            jobsReady.wake()
            return .done("\(delivery) will be sent")
        case .busy(let other):
            return .refused("\(other) has not ended yet: one copy after the other")
        case .full:
            return .refused("there are \(MessageKind.mostCopies) copies of it already")
        case .gone:
            return .refused("another worker has ended the request")
        }
    }

    /// Past the copies in the record: a database taken back to a backup has forgotten their numbers, and a number that
    /// was used names an email that was sent.
    private func leastNumber(_ order: OrderID) async throws -> Int {
        let query = LedgerQuery(key: .order(order), limit: Self.mostKinds, now: clock.now())
        let records = try await ledger.query(query).records
        return (records.compactMap(\.id.kind.copyNumber).max() ?? 1) + 1
    }

    /// An order has its confirmation and at most so many copies.
    private static let mostKinds = 2 * MessageKind.mostCopies
}
