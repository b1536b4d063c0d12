package import WaybillCore
package import WaybillPorts

/// What advice rests on, beside the meters.
extension PostgresCostStore {
    package func facts(_ hours: Range<BillingHour>) async throws(StoreError) -> [FactSum] {
        let statement = PostgresStatement(
            """
            SELECT fact, resource, sum(amount)::bigint FROM waybill.facts_hourly
            WHERE hour >= $1 AND hour < $2 GROUP BY fact, resource ORDER BY fact, resource
            """
        ).bind(hours)
        return try await pool.perform([statement]) { results throws(StoreError) in
            let rows = try results.map { row throws(StoreError) -> FactSum? in
                guard let fact = UseFact(rawValue: try row.text()), !fact.isOfProcess else { return nil }
                return FactSum(fact: fact, resource: try row.text(), amount: try row.int64())
            }
            return rows.compactMap { $0 }
        }
    }

    package func processFacts(_ hours: Range<BillingHour>) async throws(StoreError) -> [ProcessFact] {
        let statement = PostgresStatement(
            """
            SELECT fact, hour, sum(amount)::bigint, max(amount) FROM waybill.facts_hourly
            WHERE hour >= $1 AND hour < $2 GROUP BY hour, fact ORDER BY hour, fact
            """
        ).bind(hours)
        return try await pool.perform([statement]) { results throws(StoreError) in
            let rows = try results.map { row throws(StoreError) -> ProcessFact? in
                guard let fact = UseFact(rawValue: try row.text()), fact.isOfProcess else { return nil }
                return ProcessFact(
                    hour: BillingHour(try row.timestamp()),
                    fact: fact,
                    amount: try row.int64(),
                    largest: try row.int64()
                )
            }
            return rows.compactMap { $0 }
        }
    }

    package func forget(
        costsBefore: BillingHour,
        factsBefore: BillingHour,
        fence: LeaderFence
    ) async throws(StoreError) {
        let statements = ["usage_hourly", "costs_hourly"].map {
            PostgresStatement("DELETE FROM waybill.\($0) WHERE hour < $1").bind(costsBefore.start)
        }
        let facts = [
            PostgresStatement("DELETE FROM waybill.facts_hourly WHERE hour < $1").bind(factsBefore.start),
            // A command tells once, within seconds.
            PostgresStatement(
                """
                DELETE FROM waybill.usage_sources
                WHERE at < $1 OR starts_with(source, 'command-') AND at < clock_timestamp() - interval '1 day'
                """
            ).bind(factsBefore.start),
        ]
        try await pool.perform([.lead(fence)] + statements + facts) { _ in }
    }
}
