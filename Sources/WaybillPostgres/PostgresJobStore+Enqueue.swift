import WaybillCore
package import WaybillPorts

extension PostgresJobStore {
    /// How often a delivery that was in the way and is gone when looked at is tried again.
    private static let enqueueRounds = 3

    package func enqueue(_ jobs: [NewJob]) async throws(StoreError) -> [EnqueueOutcome] {
        do throws(StoreError) {
            return try await enqueueTogether(jobs)
        } catch {
            // One row that the server cannot hold rolled the others back with it.
            guard error.concernsData else { throw error }
            if jobs.count == 1 { return [.rejected(error.message)] }
        }
        var outcomes: [EnqueueOutcome] = []
        for job in jobs { outcomes += try await enqueue([job]) }
        return outcomes
    }

    private func enqueueTogether(_ jobs: [NewJob]) async throws(StoreError) -> [EnqueueOutcome] {
        var outcomes = [EnqueueOutcome?](repeating: nil, count: jobs.count)
        for _ in 0..<Self.enqueueRounds {
            let open = outcomes.indices.filter { outcomes[$0] == nil }
            if open.isEmpty { break }
            var inserted = try await insert(open.map { jobs[$0] })
            // The first of equal deliveries is the one that was inserted; the others found it there.
            for index in open where inserted.remove(jobs[index].delivery) != nil {
                outcomes[index] = .inserted
            }
            let rest = open.filter { outcomes[$0] == nil }
            if rest.isEmpty { break }
            let hashes = try await payloadHashes(of: rest.map { jobs[$0].delivery })
            for index in rest {
                // Gone: the job that was in the way has finished meanwhile, so there is room in the next round.
                guard let hash = hashes[jobs[index].delivery] else { continue }
                outcomes[index] = hash == jobs[index].payloadHash ? .duplicate : .conflict(hash)
            }
        }
        let known = outcomes.compactMap { $0 }
        guard known.count == jobs.count else {
            throw StoreError(.transient, "a delivery's job came and went while it was enqueued")
        }
        return known
    }

    /// By deliveries, which are compared by their bytes, as the server does; texts are not.
    private func insert(_ jobs: [NewJob]) async throws(StoreError) -> Set<DeliveryID> {
        let statement = PostgresStatement(JobStoreSQL.enqueue)
            .bind(array: jobs.map { $0.delivery.description })
            .bind(array: jobs.map { $0.payload })
            .bind(array: jobs.map { PostgresBytes($0.payloadHash.bytes) })
            .bind(array: jobs.map { AddressKey($0.email).text })
            .bind(array: jobs.map { Int32(clamping: $0.priority) })
            .bind(array: jobs.map { $0.receivedAt })
        return try await pool.perform([statement]) { results throws(StoreError) in
            Set(try results.map { row throws(StoreError) in try row.delivery() })
        }
    }

    private func payloadHashes(of deliveries: [DeliveryID]) async throws(StoreError) -> [DeliveryID: PayloadHash] {
        let statement = PostgresStatement(JobStoreSQL.payloadHashes).bind(array: deliveries.map { $0.description })
        return try await pool.perform([statement]) { results throws(StoreError) in
            let pairs = try results.map { row throws(StoreError) in (try row.delivery(), try row.payloadHash()) }
            return Dictionary(pairs) { first, _ in first }
        }
    }
}
