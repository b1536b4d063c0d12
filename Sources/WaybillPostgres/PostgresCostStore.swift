package import WaybillCore
package import WaybillPorts

/// Use and costs in PostgreSQL (`migrations/0014_costs.sql`, `0016_facts.sql`).
package struct PostgresCostStore: Sendable {
    let pool: PostgresPool

    package init(pool: PostgresPool) {
        self.pool = pool
    }
}

extension PostgresCostStore: UsageStore {
    package func add(
        _ rows: [UsageRow],
        facts: [FactRow],
        source: String,
        flush: Int64
    ) async throws(StoreError) -> Bool {
        let statement = PostgresStatement("SELECT waybill.add_usage($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)")
            .bind(source).bind(flush)
            .bind(array: rows.map { Optional($0.hour.start) })
            .bind(array: rows.map { Optional($0.meter.rawValue) })
            .bind(array: rows.map { Optional($0.resource.withoutNUL) })
            .bind(array: rows.map { Optional($0.thousandths) })
            .bind(array: facts.map { Optional($0.hour.start) })
            .bind(array: facts.map { Optional($0.fact.rawValue) })
            .bind(array: facts.map { Optional($0.resource.withoutNUL) })
            .bind(array: facts.map { Optional($0.amount) })
            .bind(array: facts.map { Optional($0.fact.isPeak) })
        return try await pool.perform([statement]) { results throws(StoreError) in
            try results.one { row throws(StoreError) in try row.bool() }
        }
    }
}

extension PostgresCostStore: CostStore {
    package func lastFlush(of source: String) async throws(StoreError) -> Int64? {
        let statement = PostgresStatement("SELECT flush FROM waybill.usage_sources WHERE source = $1").bind(source)
        return try await pool.perform([statement]) { results throws(StoreError) in
            try results.map { row throws(StoreError) in try row.int64() }.first
        }
    }

    package func usage(_ hours: Range<BillingHour>) async throws(StoreError) -> [NamedUse] {
        let statement = PostgresStatement(
            """
            SELECT hour, meter, sum(thousandths)::bigint FROM waybill.usage_hourly
            WHERE hour >= $1 AND hour < $2 GROUP BY hour, meter ORDER BY hour, meter
            """
        ).bind(hours)
        return try await pool.perform([statement]) { results throws(StoreError) in
            try results.map { row throws(StoreError) in
                let hour = BillingHour(try row.timestamp())
                return NamedUse(hour: hour, meter: try row.text(), thousandths: try row.int64())
            }
        }
    }

    package func resources(_ hours: Range<BillingHour>) async throws(StoreError) -> [ResourceUse] {
        let statement = PostgresStatement(
            """
            SELECT meter, resource, sum(thousandths)::bigint, count(*) FROM waybill.usage_hourly
            WHERE hour >= $1 AND hour < $2 GROUP BY meter, resource ORDER BY meter, resource
            """
        ).bind(hours)
        return try await pool.perform([statement]) { results throws(StoreError) in
            try results.map { row throws(StoreError) in
                ResourceUse(
                    meter: try row.text(),
                    resource: try row.text(),
                    thousandths: try row.int64(),
                    hours: Int(try row.int64())
                )
            }
        }
    }

    package func write(
        _ costs: [HourCost],
        pricesAsOf: BillingDay,
        fence: LeaderFence
    ) async throws(StoreError) {
        let definitions = costs.map(\.meter.definition)
        let statement = PostgresStatement(
            """
            INSERT INTO waybill.costs_hourly AS c
                (hour, meter, service, unit, is_fixed, is_by_hour, thousandths, microdollars, prices_as_of)
            SELECT d.*, ($9::text)::date FROM unnest($1, $2, $3, $4, $5, $6, $7, $8)
                AS d(hour, meter, service, unit, is_fixed, is_by_hour, thousandths, microdollars)
            ON CONFLICT (hour, meter) DO UPDATE
            SET thousandths = excluded.thousandths, microdollars = excluded.microdollars,
                prices_as_of = excluded.prices_as_of
            """
        )
        .bind(array: costs.map { Optional($0.hour.start) })
        .bind(array: costs.map { Optional($0.meter.rawValue) })
        .bind(array: definitions.map { Optional($0.service.rawValue) })
        .bind(array: definitions.map { Optional($0.unit) })
        .bind(array: definitions.map { Optional($0.nature == .fixed) })
        .bind(array: definitions.map { Optional($0.counting == .byHour) })
        .bind(array: costs.map { Optional($0.thousandths) })
        .bind(array: costs.map { Optional($0.cost.microdollars) })
        .bind(pricesAsOf.description)
        try await pool.perform([.lead(fence), statement]) { _ in }
    }

    package func costs(_ hours: Range<BillingHour>) async throws(StoreError) -> [HourCost] {
        let statement = PostgresStatement(
            """
            SELECT meter, hour, thousandths, microdollars FROM waybill.costs_hourly
            WHERE hour >= $1 AND hour < $2 ORDER BY hour, meter
            """
        ).bind(hours)
        return try await pool.perform([statement]) { results throws(StoreError) in
            let rows = try results.map { row throws(StoreError) -> HourCost? in
                guard let meter = Meter(rawValue: try row.text()) else { return nil }
                return HourCost(
                    hour: BillingHour(try row.timestamp()),
                    meter: meter,
                    thousandths: try row.int64(),
                    cost: Money(microdollars: try row.int64())
                )
            }
            return rows.compactMap { $0 }
        }
    }

    package func pricesAsOf(_ hours: Range<BillingHour>) async throws(StoreError) -> BillingDay? {
        let statement = PostgresStatement(
            "SELECT max(prices_as_of)::text FROM waybill.costs_hourly WHERE hour >= $1 AND hour < $2"
        ).bind(hours)
        return try await pool.perform([statement]) { results throws(StoreError) in
            try results.one { row throws(StoreError) in try row.optionalText().flatMap { BillingDay($0) } }
        }
    }

    package func totals(_ hours: Range<BillingHour>) async throws(StoreError) -> [BillingHour: Money] {
        let statement = PostgresStatement(
            """
            SELECT hour, sum(microdollars)::bigint FROM waybill.costs_hourly WHERE hour >= $1 AND hour < $2 GROUP BY hour
            """
        ).bind(hours)
        let rows = try await pool.perform([statement]) { results throws(StoreError) in
            try results.map { row throws(StoreError) in
                (BillingHour(try row.timestamp()), Money(microdollars: try row.int64()))
            }
        }
        return Dictionary(uniqueKeysWithValues: rows)
    }

    package func days(from first: BillingDay) async throws(StoreError) -> [DayCost] {
        let statement = PostgresStatement(
            """
            SELECT min(hour), coalesce(sum(microdollars) FILTER (WHERE NOT is_by_hour), 0)::bigint,
                count(DISTINCT hour)
            FROM waybill.costs_hourly WHERE hour >= $1
            GROUP BY date_trunc('day', hour, 'UTC') ORDER BY 1
            """
        ).bind(first.start)
        return try await pool.perform([statement]) { results throws(StoreError) in
            try results.map { row throws(StoreError) in
                let day = BillingDay(try row.timestamp())
                return DayCost(day: day, cost: Money(microdollars: try row.int64()), hours: Int(try row.int64()))
            }
        }
    }
}

extension PostgresStatement {
    /// From the first hour's beginning, before the last's end.
    consuming func bind(_ hours: Range<BillingHour>) -> PostgresStatement {
        bind(hours.lowerBound.start).bind(hours.upperBound.start)
    }
}
