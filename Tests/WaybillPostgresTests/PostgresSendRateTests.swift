import Testing
import WaybillConformance
import WaybillCore
import WaybillPorts

@testable import WaybillPostgres

extension PostgreSQL {
    @Suite struct SendRateTests {
        @Test(arguments: SendRateConformance.cases)
        func conforms(to demand: SendRateConformance.Case) async throws {
            try await TestDatabase.withVirtualClock { database async throws in
                try await database.withPool { pool async throws in
                    let subject = SendRateSubject(
                        rate: PostgresSendRate(pool: pool, region: "eu-north-1"),
                        pass: { try await database.passVirtually($0) },
                        setCeiling: { try await database.setCeiling($0) }
                    )
                    try await demand.check(subject)
                }
            }
        }

        @Test func manyWorkersTogetherAreGivenNoMoreThanTheRate() async throws {
            try await withRate { database, rate in
                try await rate.update(SendLimits(milliRate: 200_000, burst: 1))
                let began = try await database.admin.number(Self.clock)
                let total = try await withThrowingTaskGroup(of: Int.self) { group in
                    for number in 1...8 {
                        group.addTask {
                            var slots = 0
                            for _ in 0..<50 {
                                let worker = WorkerID(high: 1, low: UInt64(number))
                                if case .granted(let offsets, _) = try await rate.slots(10, for: worker) {
                                    slots += offsets.count
                                }
                            }
                            return slots
                        }
                    }
                    return try await group.reduce(0, +)
                }
                let took = try await database.admin.number(Self.clock) - began
                // What went by, the horizon of half a second, and the burst.
                #expect(total <= (took + 500_000) / 5000 + 2)
                #expect(total > 0)
            }
        }

        @Test func operatorsFunctionsLeaveAnAudit() async throws {
            try await withRate { database, rate in
                try await rate.update(SendLimits(milliRate: 10_000, burst: 1))
                try await database.admin.run(
                    script: """
                        SELECT admin.pause('sender', 'fire drill');
                        SELECT admin.set_send_rate(2.5);
                        """,
                    timeout: .seconds(10)
                )
                let state = try await rate.state()
                #expect(state?.hold?.cause == .paused)
                #expect(state?.hold?.detail.hasSuffix(": fire drill") == true)
                #expect(state?.milliRate == 2_500)
                let why = try await database.admin.texts("SELECT state || ' ' || why FROM admin.send_rate")
                #expect(why.first?.hasPrefix("paused ") == true)
                try await database.admin.run(script: "SELECT admin.resume('sender')", timeout: .seconds(10))
                #expect(try await rate.state()?.hold == nil)
                let audit = try await database.admin.texts("SELECT action FROM waybill.audit ORDER BY id")
                #expect(audit == ["pause", "set_send_rate", "resume"])
            }
        }

        @Test(
            arguments: [
                "SELECT admin.pause('sender', ' ')", "SELECT admin.pause('everything', 'x')",
                "SELECT admin.set_send_rate(0)", "SELECT admin.retry('A-1', '')",
                "SELECT admin.resolve('A-1', 'maybe', 'x')",
            ]
        )
        func whatAnOperatorGetsWrongIsRefused(call: String) async throws {
            try await TestDatabase.with { database async throws in
                await #expect(throws: StoreError.self) {
                    try await database.admin.run(script: call, timeout: .seconds(10))
                }
            }
        }

        private static let clock = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"

        private func withRate(_ body: (TestDatabase, PostgresSendRate) async throws -> Void) async throws {
            try await TestDatabase.with { database async throws in
                try await database.withPool { pool async throws in
                    try await body(database, PostgresSendRate(pool: pool, region: "eu-north-1"))
                }
            }
        }
    }
}

extension TestDatabase {
    /// As an operator does, in thousandths.
    func setCeiling(_ ceiling: Int64?) async throws {
        let number = ceiling.map { "\($0) / 1000.0" } ?? "NULL"
        try await admin.run(script: "SELECT admin.set_send_rate(\(number))", timeout: .seconds(10))
    }
}
