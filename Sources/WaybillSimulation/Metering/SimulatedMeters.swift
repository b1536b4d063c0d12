import Synchronization
import WaybillCluster
import WaybillCore

/// What a world with its meters on has besides: the services' own book, and the database's tables of use and costs.
final class SimulatedMeters: Sendable {
    /// A worker's size, on Fargate.
    static let milliCPU: Int64 = 500
    static let milliGigabytes: Int64 = 1000
    /// As in the executable.
    static let interval = Duration.seconds(60)

    let book: ServiceBook
    let costs: InMemoryCostStore
    let settings: CostSettings
    private let repeats = Mutex(0)

    init(_ settings: CostSettings, store: InMemoryJobStore, now: @escaping @Sendable () -> Timestamp) {
        self.settings = settings
        book = ServiceBook(now: now)
        costs = InMemoryCostStore(leads: { store.isInForce($0) }, clock: now)
    }

    var size: ProcessHours.Size? {
        ProcessHours.Size(architecture: .arm, milliCPU: Self.milliCPU, milliGigabytes: Self.milliGigabytes)
    }

    /// Flushes that came again because their answer was lost.
    var repeatedFlushes: Int { repeats.withLock { $0 } }

    func flushCameAgain() { repeats.withLock { $0 += 1 } }
}
