import WaybillCore
import WaybillPorts

/// The job store with all its ports, under random operations. Time is the subject's: `pass` sets its clock forward, and it
/// stands still in between, so that answers are compared with their times.
package struct JobModel: ModelSubject {
    package enum Operation: Sendable {
        case pass(Duration)
        case queue(QueueOperation)
        case doubt(DoubtOperation)
        case workers(WorkerOperation)
        case operators(OperatorOperation)
        case leader(LeaderOperation)
        case notices(NoticeOperation)
        case quarantine(QuarantineOperation)
        case mirror(MirrorOperation)
    }

    let subject: JobStoreSubject
    /// Every lease, verdict and term that was given out, also those that are over.
    var claims: [(worker: WorkerID, job: ClaimedJob)] = []
    var doubts: [InDoubtJob] = []
    var fences: [LeaderFence] = []
    var requests: [Int64] = []
    var notices: [Int64] = []
    private var numbers: [Kind: [Int64: Int64]] = [:]

    /// Which job of a claim gets which of its epochs is the store's affair: they count as given out in the order of the answer.
    private var epochs: [Epoch: Epoch] = [:]

    /// What has identities from a sequence.
    enum Kind { case job, request, notice, quarantine }

    package init(_ subject: JobStoreSubject) {
        self.subject = subject
    }

    /// The place of an identity among those of its kind that appeared: a sequence has gaps.
    mutating func number(_ kind: Kind, _ id: Int64) -> Int64 {
        let next = Int64(numbers[kind]?.count ?? 0) + 1
        let number = numbers[kind]?[id] ?? next
        numbers[kind, default: [:]][id] = number
        return number
    }

    mutating func order(epochs given: [Epoch]) {
        for (epoch, place) in zip(given, given.sorted { $0.number < $1.number }) { epochs[epoch] = place }
    }

    func ordered(_ epoch: Epoch) -> Epoch { epochs[epoch] ?? epoch }

    package static func draw(_ chance: inout ModelChance) -> Operation {
        switch chance.number(1...100) {
        case 1...10: .pass(chance.happens(oneIn: 20) ? .seconds(2 * 86_400) : chance.one(of: Self.passes))
        case 11...48: .queue(.draw(&chance))
        case 49...60: .doubt(.draw(&chance))
        case 61...66: .workers(.draw(&chance))
        case 67...78: .operators(.draw(&chance))
        case 79...87: .leader(.draw(&chance))
        case 88...91: .notices(.draw(&chance))
        case 92...94: .mirror(.draw(&chance))
        default: .quarantine(.draw(&chance))
        }
    }

    package static var look: [Operation] {
        let deliveries = ModelDelivery.all.indices
        return deliveries.map { .queue(.snapshot($0)) } + deliveries.map { .operators(.payload($0)) }
            + deliveries.map { .operators(.copies($0)) }
            + ModelAddress.all.map { .quarantine(.suppression(of: $0)) } + [.mirror(.look)]
            + [
                .queue(.counts), .workers(.live), .leader(.feed), .doubt(.due(limit: 100)),
                .quarantine(.list(queue: nil, limit: 100)), .pass(.seconds(3600)),
                .notices(.take(limit: 100)), .workers(.register(0, lease: .seconds(10))), .workers(.reap),
                .queue(.claim(worker: 0, limit: 100, after: nil)), .operators(.take(worker: 0, limit: 100)),
            ]
    }

    package mutating func perform(_ operation: Operation) async throws -> ModelAnswer {
        switch operation {
        case .pass(let duration):
            try await subject.pass(duration)
            return .done
        case .queue(let operation): return try await perform(operation)
        case .doubt(let operation): return try await perform(operation)
        case .workers(let operation): return try await perform(operation)
        case .operators(let operation): return try await perform(operation)
        case .leader(let operation): return try await perform(operation)
        case .notices(let operation): return try await perform(operation)
        case .quarantine(let operation): return try await perform(operation)
        case .mirror(let operation): return try await perform(operation)
        }
    }

    /// Mostly such that times meet exactly; also the smallest step there is.
    private static let passes: [Duration] = [
        .microseconds(1), .seconds(5), .seconds(5), .seconds(10), .seconds(10), .seconds(30), .seconds(30),
        .seconds(60),
    ]

    /// Leases and delays: also none, and also what ends exactly when something is looked at.
    static let waits: [Duration] = [.zero, .microseconds(1), .seconds(5), .seconds(10), .seconds(10), .seconds(60)]
    /// Most last as long as the run, or hardly anything would be claimed.
    static let leases = waits + [Duration](repeating: .seconds(3600), count: 20)
    /// Added to an epoch, it makes one that no job has.
    static let farEpochs: Int64 = 1_000_000
    /// Texts, one of which PostgreSQL cannot hold.
    static let reasons = ["timeout", "throttled", "", "n\0l"]
}

/// The few deliveries of a run: so few that operations meet, with orders whose names have the same letters in other cases and
/// other compositions.
enum ModelDelivery {
    static let all: [DeliveryID] = confirmations + confirmations.prefix(2).map(copy)

    static let confirmations: [DeliveryID] = ["A-1", "A-10", "a-2", "B/\u{E9}", "B/e\u{301}"].map { text in
        guard let order = OrderID(text) else { preconditionFailure("\(text) is an order id") }
        return DeliveryID(order: order)
    }

    private static func copy(_ delivery: DeliveryID) -> DeliveryID {
        DeliveryID(order: delivery.order, kind: .confirmationCopy(2))
    }
}

extension ModelChance {
    /// One that an order event can name.
    mutating func confirmation() -> Int { number(0...ModelDelivery.confirmations.count - 1) }
    mutating func delivery() -> Int { number(0...ModelDelivery.all.count - 1) }
    mutating func worker() -> Int { number(0...1) }
    mutating func wait() -> Duration { one(of: JobModel.waits) }
    mutating func lease() -> Duration { one(of: JobModel.leases) }
    mutating func reason() -> String { happens(oneIn: 8) ? one(of: JobModel.reasons) : "timeout" }
    mutating func limit() -> Int { one(of: [0, 1, 1, 2, 3, 10]) }

    /// A status that ends a job.
    mutating func ending() -> String {
        one(of: ["SENT", "SENT", "DELIVERED", "FAILED", "SUPPRESSED", "CLOSED", "BOUNCED"])
    }
    mutating func messageID() -> String? { one(of: [nil, "m-1", "m-2"]) }
}

extension WorkerID {
    static func model(_ number: Int) -> WorkerID { WorkerID(high: 0xB0B0, low: UInt64(number)) }
}
