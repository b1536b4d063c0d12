package import WaybillCore
package import WaybillPorts

extension PostgresJobStore: CopyStore {
    package func payload(of delivery: DeliveryID) async throws(StoreError) -> String? {
        let statement = PostgresStatement(CopySQL.payload).bind(delivery.description)
        return try await pool.perform([statement]) { results throws(StoreError) in
            try results.map { row throws(StoreError) in try row.text() }.first
        }
    }

    package func makeCopy(_ copy: NewCopy, leastNumber: Int) async throws(StoreError) -> CopyOutcome {
        let statement = PostgresStatement(CopySQL.make)
            .bind(copy.request).bind(copy.confirmation.description)
            .bind(Int32(clamping: leastNumber)).bind(Int32(clamping: MessageKind.mostCopies))
            .bind(AddressKey(copy.email).text).bind(PostgresBytes(copy.payloadHash.bytes))
            .bind(copy.payload).bind(copy.note.withoutNUL)
        return try await pool.perform([statement]) { results throws(StoreError) in
            try results.one { row throws(StoreError) in try row.copyOutcome() }
        }
    }

    package func copies(of confirmation: DeliveryID) async throws(StoreError) -> [DeliveryID] {
        let statement = PostgresStatement(CopySQL.copies).bind(confirmation.description)
        return try await pool.perform([statement]) { results throws(StoreError) in
            try results.map { row throws(StoreError) in try row.delivery() }
        }
    }

    /// Asks as an operator does, for `waybill resend-copy`; gives the request's number.
    package func askForCopy(of order: OrderID, to address: String, reason: String) async throws(StoreError) -> Int64 {
        let statement = PostgresStatement("SELECT admin.resend_copy($1, $2, $3)")
            .bind(order.text).bind(address).bind(reason.withoutNUL)
        return try await pool.perform([statement]) { results throws(StoreError) in
            try results.one { row throws(StoreError) in try row.int64() }
        }
    }

    /// What became of a request, nil while it waits.
    package func result(ofRequest id: Int64) async throws(StoreError) -> OperatorResult? {
        let statement = PostgresStatement(CopySQL.result).bind(id)
        return try await pool.perform([statement]) { results throws(StoreError) in
            try results.map { row throws(StoreError) in
                OperatorResult(isDone: try row.bool(), try row.text())
            }.first
        }
    }
}

/// The statements about copies.
private enum CopySQL {
    /// delivery.
    static let payload = """
        (SELECT payload FROM waybill.jobs WHERE delivery = $1)
        UNION ALL
        (SELECT payload FROM waybill.history WHERE delivery = $1 ORDER BY finished_at DESC, job_id DESC LIMIT 1)
        LIMIT 1
        """

    /// request, confirmation, least and most number, address, hash, payload, note.
    static let make = "SELECT outcome, made FROM waybill.make_copy($1, $2, $3, $4, $5, $6, $7, $8)"

    /// confirmation.
    static let copies = """
        SELECT copy FROM waybill.admin_requests WHERE delivery = $1 AND copy IS NOT NULL ORDER BY id
        """

    /// request.
    static let result = """
        SELECT state = 'done', coalesce(outcome, '') FROM waybill.admin_requests WHERE id = $1 AND state <> 'waiting'
        """
}

extension PostgresRow {
    fileprivate mutating func copyOutcome() throws(StoreError) -> CopyOutcome {
        let outcome = try text()
        let copy = try optionalDelivery()
        switch (outcome, copy) {
        case ("made", .some(let copy)): return .made(copy)
        case ("busy", .some(let copy)): return .busy(copy)
        case ("full", _): return .full
        case ("gone", _): return .gone
        default: throw mismatch("an unknown outcome of a copy")
        }
    }
}
