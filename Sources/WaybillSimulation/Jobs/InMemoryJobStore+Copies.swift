import Synchronization
package import WaybillCore
package import WaybillPorts

extension InMemoryJobStore: CopyStore {
    package func payload(of delivery: DeliveryID) throws(StoreError) -> String? {
        tables.withLock { $0.payload(of: delivery) }
    }

    package func makeCopy(_ copy: NewCopy, leastNumber: Int) throws(StoreError) -> CopyOutcome {
        let now = clock()
        return tables.withLock { $0.makeCopy(copy, leastNumber: leastNumber, now: now) }
    }

    package func copies(of confirmation: DeliveryID) throws(StoreError) -> [DeliveryID] {
        tables.withLock { $0.copies(of: confirmation) }
    }
}

extension JobTables {
    func payload(of delivery: DeliveryID) -> String? {
        if let id = idOfDelivery[delivery], let row = hot[id] { return row.job.payload }
        return historyJobs.last { $0.delivery == delivery }?.payload
    }

    func copies(of confirmation: DeliveryID) -> [DeliveryID] {
        requests.filter { $0.request.operatorRequest?.delivery == confirmation }.compactMap(\.copy)
    }

    mutating func makeCopy(_ copy: NewCopy, leastNumber: Int, now: Timestamp) -> CopyOutcome {
        let index = requests.firstIndex { row in
            guard let request = row.request.operatorRequest else { return false }
            return request.id == copy.request && request.delivery == copy.confirmation && request.action == .copy
                && row.result == nil
        }
        guard let index else { return .gone }
        if let made = requests[index].copy { return .made(made) }
        let others = copies(of: copy.confirmation)
        if let busy = others.first(where: { idOfDelivery[$0] != nil }) { return .busy(busy) }
        let number = max(leastNumber, 1 + (others.compactMap(\.kind.copyNumber).max() ?? 1))
        guard number <= MessageKind.mostCopies else { return .full }
        let delivery = DeliveryID(order: copy.confirmation.order, kind: .confirmationCopy(number))
        let job = NewJob(
            delivery: delivery,
            payload: copy.payload,
            payloadHash: copy.payloadHash,
            email: copy.email
        )
        lastID += 1
        var row = Row(id: lastID, job: job, enqueuedAt: now, state: .ready, runAt: now)
        row.reason = copy.note.withoutNUL
        row.approvedAt = now
        hot[lastID] = row
        idOfDelivery[delivery] = lastID
        requests[index].copy = delivery
        return .made(delivery)
    }
}
