package import WaybillCore
package import WaybillPorts

extension PostgresCostStore {
    package func raise(_ alerts: [BudgetAlert], fence: LeaderFence) async throws(StoreError) -> [BudgetAlert] {
        let statement = PostgresStatement(
            """
            INSERT INTO waybill.cost_alerts (month, threshold, amount, most, hour, term)
            SELECT d.month::date, d.threshold, d.amount, d.most, d.hour, $6
            FROM unnest($1, $2, $3, $4, $5) AS d(month, threshold, amount, most, hour)
            ON CONFLICT DO NOTHING RETURNING threshold
            """
        )
        .bind(array: alerts.map { Optional($0.month.first.description) })
        .bind(array: alerts.map { Optional($0.threshold.rawValue) })
        .bind(array: alerts.map { Optional($0.amount.microdollars) })
        .bind(array: alerts.map { Optional($0.limit.microdollars) })
        .bind(array: alerts.map { $0.hour?.start })
        .bind(fence.term.number)
        let new = try await pool.perform([.lead(fence), statement]) { results throws(StoreError) in
            try results.map(statement: 1) { row throws(StoreError) in try row.text() }
        }
        return alerts.filter { new.contains($0.threshold.rawValue) }
    }

    private static let alertColumns = "month::text, threshold, amount, most, hour, raised_at, told_at"

    package func alerts(_ month: BillingMonth) async throws(StoreError) -> [RaisedAlert] {
        let statement = PostgresStatement(
            """
            SELECT \(Self.alertColumns) FROM waybill.cost_alerts WHERE month = ($1::text)::date
            ORDER BY raised_at, threshold
            """
        ).bind(month.first.description)
        return try await readAlerts(statement)
    }

    package func untold(limit: Int) async throws(StoreError) -> [RaisedAlert] {
        let statement = PostgresStatement(
            """
            SELECT \(Self.alertColumns) FROM waybill.cost_alerts WHERE told_at IS NULL
            ORDER BY raised_at, threshold LIMIT $1
            """
        ).bind(Int64(limit))
        return try await readAlerts(statement)
    }

    private func readAlerts(_ statement: PostgresStatement) async throws(StoreError) -> [RaisedAlert] {
        try await pool.perform([statement]) { results throws(StoreError) in
            let rows = try results.map { row throws(StoreError) -> RaisedAlert? in
                let month = BillingDay(try row.text())?.month
                // A newer version may have written others.
                guard let threshold = BudgetThreshold(rawValue: try row.text()), let month else { return nil }
                let alert = BudgetAlert(
                    month: month,
                    threshold: threshold,
                    amount: Money(microdollars: try row.int64()),
                    limit: Money(microdollars: try row.int64()),
                    hour: try row.optionalTimestamp().map { BillingHour($0) }
                )
                return RaisedAlert(alert: alert, raisedAt: try row.timestamp(), toldAt: try row.optionalTimestamp())
            }
            return rows.compactMap { $0 }
        }
    }

    package func told(_ alert: BudgetAlert, fence: LeaderFence) async throws(StoreError) {
        let statement = PostgresStatement(
            """
            UPDATE waybill.cost_alerts SET told_at = clock_timestamp()
            WHERE month = ($1::text)::date AND threshold = $2 AND told_at IS NULL
            """
        ).bind(alert.month.first.description).bind(alert.threshold.rawValue)
        try await pool.perform([.lead(fence), statement]) { _ in }
    }

    package func write(_ status: CostStatus, fence: LeaderFence) async throws(StoreError) {
        let statement = PostgresStatement(
            """
            UPDATE waybill.cost_status SET at = $1, month = ($2::text)::date, to_date = $3, fixed = $4, emails = $5,
                forecast = $6, forecast_low = $7, forecast_high = $8, method = $9,
                error_percent = ($10::text)::double precision, budget = $11, region = $12, plan = $13,
                prices_as_of = ($14::text)::date, unverified = $15, trouble = NULL, trouble_at = NULL
            """
        )
        .bind(status.at).bind(status.month.first.description)
        .bind(status.toDate.microdollars).bind(status.fixed.microdollars).bind(status.emails)
        .bind(status.forecast.microdollars).bind(status.forecastLow.microdollars)
        .bind(status.forecastHigh.microdollars).bind(status.method)
        .bind(status.errorPercent.map { "\($0)" }).bind(status.budget?.microdollars)
        .bind(status.region).bind(status.plan.rawValue).bind(status.pricesAsOf.description)
        .bind(array: status.unverified.map { Optional($0) })
        try await pool.perform([.lead(fence), statement]) { _ in }
    }

    package func writeTrouble(_ reason: String, fence: LeaderFence) async throws(StoreError) {
        let statement = PostgresStatement(
            """
            UPDATE waybill.cost_status SET trouble = $1,
                trouble_at = CASE WHEN trouble IS NULL THEN clock_timestamp() ELSE trouble_at END
            """
        ).bind(reason.withoutNUL)
        try await pool.perform([.lead(fence), statement]) { _ in }
    }

    package func status() async throws(StoreError) -> CostStatus? {
        let statement = PostgresStatement(
            """
            SELECT at, month::text, to_date, fixed, emails, forecast, forecast_low, forecast_high, method,
                error_percent::text, budget, region, plan, prices_as_of::text, unverified, trouble
            FROM waybill.cost_status WHERE at IS NOT NULL
            """
        )
        return try await pool.perform([statement]) { results throws(StoreError) in
            try results.map { row throws(StoreError) in try row.costStatus() }.first
        }
    }

    package func trouble() async throws(StoreError) -> String? {
        let statement = PostgresStatement("SELECT trouble FROM waybill.cost_status")
        return try await pool.perform([statement]) { results throws(StoreError) in
            try results.one { row throws(StoreError) in try row.optionalText() }
        }
    }
}

extension PostgresRow {
    fileprivate mutating func costStatus() throws(StoreError) -> CostStatus {
        CostStatus(
            at: try timestamp(),
            month: try named { BillingDay($0)?.month },
            toDate: Money(microdollars: try int64()),
            fixed: Money(microdollars: try int64()),
            emails: try int64(),
            forecast: Money(microdollars: try int64()),
            forecastLow: Money(microdollars: try int64()),
            forecastHigh: Money(microdollars: try int64()),
            method: try text(),
            errorPercent: try optionalText().flatMap { Double($0) },
            budget: try optionalInt64().map { Money(microdollars: $0) },
            region: try text(),
            plan: try named { SESPlan(rawValue: $0) },
            pricesAsOf: try named { BillingDay($0) },
            unverified: try textArray(),
            trouble: try optionalText()
        )
    }

    private mutating func named<Value>(_ read: (String) -> Value?) throws(StoreError) -> Value {
        let text = try text()
        guard let value = read(text) else { throw mismatch("'\(text)' is not known") }
        return value
    }
}
