import Testing
import WaybillConformance
import WaybillCore
import WaybillPorts

@testable import WaybillPostgres

extension PostgreSQL {
    @Suite struct CostStoreTests {
        @Test(arguments: CostStoreConformance.cases)
        func conforms(to demand: CostStoreConformance.Case) async throws {
            try await withStore { _, store, fence in
                try await demand.check(CostStoreSubject(store: store, fence: fence))
            }
        }

        @Test func manyProcessesAddToTheSameHourAtOnce() async throws {
            try await withStore { _, store, _ in
                let hour = BillingHour(number: 500_000)
                let meters = [Meter.sqsRequests, .snsRequests, .sesRecipients, .dynamoDBWriteUnits]
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<8 {
                        group.addTask {
                            for flush in 1...20 as ClosedRange<Int64> {
                                // Each in another order: it is the store that avoids deadlocks.
                                let own = meters[(number % 4)...] + meters[..<(number % 4)]
                                let rows = own.map { UsageRow(hour: hour, meter: $0, thousandths: 1000) }
                                _ = try await store.add(rows, source: "p\(number)", flush: flush)
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                let usage = try await store.usage(hour..<hour.advanced(by: 1))
                #expect(usage.map(\.thousandths) == [160_000, 160_000, 160_000, 160_000])
            }
        }

        @Test func theViewsShowWhatWasReckoned() async throws {
            try await withStore { database, store, fence in
                let hour = BillingHour(Timestamp(seconds: 1_795_392_000))
                let emails = HourCost(
                    hour: hour,
                    meter: .sesRecipients,
                    thousandths: 2_000_000,
                    cost: Money(dollars: 2)
                )
                let keys = HourCost(hour: hour, meter: .kmsKeyHours, thousandths: 1000, cost: Money(dollars: 1))
                try await store.write([emails, keys], pricesAsOf: hour.day, fence: fence)
                let days =
                    "SELECT day || ' ' || service || ' ' || dollars || ' ' || fixed FROM admin.cost_days ORDER BY 1"
                #expect(
                    try await database.admin.texts(days) == [
                        "2026-11-23 KMS 1.0000 1.0000", "2026-11-23 SES 2.0000 0.0000",
                    ]
                )
                let months = "SELECT service || ' ' || per_thousand FROM admin.cost_months ORDER BY 1"
                #expect(try await database.admin.texts(months) == ["KMS 0.5000", "SES 1.0000"])
                let now = "SELECT coalesce(month::text, 'never') FROM admin.cost_now"
                #expect(try await database.admin.texts(now) == ["never"])
            }
        }

        @Test func processesThatAreLongGoneAreForgottenAndTheirUseIsNot() async throws {
            try await withStore { database, store, fence in
                let hour = BillingHour(number: 500_000)
                let row = UsageRow(hour: hour, meter: .sqsRequests, thousandths: 1000)
                for source in ["old", "new"] { #expect(try await store.add([row], source: source, flush: 1)) }
                try await database.admin.run(
                    script: "UPDATE waybill.usage_sources SET at = at - interval '31 days' WHERE source = 'old'",
                    timeout: .seconds(10)
                )
                let jobs = PostgresJobStore(pool: store.pool)
                #expect(try await jobs.forgetOld(.seconds(30 * 86_400), fence: fence) == 1)
                #expect(try await store.lastFlush(of: "old") == nil)
                #expect(try await store.lastFlush(of: "new") == 1)
                #expect(try await store.usage(hour..<hour.advanced(by: 1)).map(\.thousandths) == [2000])
            }
        }

        private func withStore(
            _ body: (TestDatabase, PostgresCostStore, LeaderFence) async throws -> Void
        ) async throws {
            try await TestDatabase.with { database async throws in
                try await database.withPool { pool async throws in
                    let holder = WorkerID(high: 1, low: 1)
                    let jobs = PostgresJobStore(pool: pool)
                    let fence = try await jobs.campaign(role: "leader", holder: holder, lease: .seconds(60))
                    try await body(database, PostgresCostStore(pool: pool), try #require(fence))
                }
            }
        }
    }
}
