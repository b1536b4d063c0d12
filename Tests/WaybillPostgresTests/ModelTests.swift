import Testing
import WaybillConformance
import WaybillCore
import WaybillPorts
import WaybillPostgres
import WaybillSimulation

extension PostgreSQL {
    /// The stores in memory, on which the simulation rests, answer as PostgreSQL does, to the microsecond.
    @Suite struct ModelTests {
        private static let operationsPerSeed = 300

        @Test func theJobStoreInMemoryAnswersAsPostgreSQL() async throws {
            try await TestDatabase.withVirtualClock { database async throws in
                try await database.withPool { pool async throws in
                    let comparison = ModelComparison<JobModel> {
                        try await database.empty()
                        let real = database.subject(PostgresJobStore(pool: pool, notesStatuses: true)) {
                            try await database.passVirtually($0)
                        }
                        return (JobModel(Self.jobStoreInMemory()), JobModel(real))
                    }
                    try await comparison.run(
                        seeds: ModelSeeds.chosen(or: 1...16),
                        operations: Self.operationsPerSeed,
                        generator: { SplitMix64(state: $0) }
                    )
                }
            }
        }

        @Test func theSendRateInMemoryAnswersAsPostgreSQL() async throws {
            try await TestDatabase.withVirtualClock { database async throws in
                try await database.withPool { pool async throws in
                    let comparison = ModelComparison<SendRateModel> {
                        try await database.empty()
                        let rate = PostgresSendRate(pool: pool, region: "eu-north-1")
                        let real = SendRateSubject(
                            rate: rate,
                            pass: { try await database.passVirtually($0) },
                            setCeiling: { try await database.setCeiling($0) }
                        )
                        return (SendRateModel(Self.sendRateInMemory()), SendRateModel(real))
                    }
                    try await comparison.run(
                        seeds: ModelSeeds.chosen(or: 1...12),
                        operations: Self.operationsPerSeed,
                        generator: { SplitMix64(state: $0) }
                    )
                }
            }
        }

        private static func jobStoreInMemory() -> JobStoreSubject {
            let clock = VirtualClock()
            let store = InMemoryJobStore(notesStatuses: true) { clock.now }
            let requests = JobStoreSubject.Requests(
                ask: { action, delivery, reason in store.request(action, delivery, reason: reason) },
                askForCopy: { store.request(.copy, $0, reason: $2, to: $1) },
                askForRemoval: { store.requestRemoval(of: $0, reason: $1) },
                suppress: { store.suppressForOperator($0, reason: "operator: \($1)") },
                result: { store.result(ofRequest: $0) },
                askToRequeue: { store.requestRequeue(of: $0, reason: $1) },
                drain: { store.requestDrain(of: $0) },
                setIngest: { store.setIngest(paused: $0) }
            )
            let rate = InMemorySendRate(nil, leads: { store.isInForce($0) }) { clock.now }
            return JobStoreSubject(store, rate: rate, requests: requests) { clock.pass($0) }
        }

        private static func sendRateInMemory() -> SendRateSubject {
            let clock = VirtualClock()
            let rate = InMemorySendRate(nil) { clock.now }
            return SendRateSubject(rate: rate, pass: { clock.pass($0) }, setCeiling: { rate.set(ceiling: $0) })
        }
    }
}
