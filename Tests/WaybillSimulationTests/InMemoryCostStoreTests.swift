import Synchronization
import Testing
import WaybillConformance
import WaybillCore
import WaybillSimulation

@Suite struct InMemoryCostStoreTests {
    @Test(arguments: CostStoreConformance.cases)
    func conforms(to demand: CostStoreConformance.Case) async throws {
        let ticks = Mutex<Int64>(0)
        let fence = LeaderFence(role: "leader", holder: WorkerID(high: 1, low: 1), term: Term(1))
        let store = InMemoryCostStore(leads: { $0 == fence }) {
            ticks.withLock { ticks in
                ticks += 1
                return Timestamp(seconds: 1_800_000_000 + ticks)
            }
        }
        try await demand.check(CostStoreSubject(store: store, fence: fence))
    }
}
