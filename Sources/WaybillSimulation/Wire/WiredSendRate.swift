import WaybillCore
import WaybillPorts

/// The cluster's send rate as a process sees it.
struct WiredSendRate: SendRateSource {
    let link: ServiceLink
    let rate: InMemorySendRate

    func slots(_ count: Int, for worker: WorkerID) async throws(StoreError) -> SendSlots {
        let rate = rate
        let slots = try await call { () throws(StoreError) in try rate.slots(count, for: worker) }
        // Offsets count from the receipt of the answer.
        if case .granted(let offsets, let isProbe) = slots {
            link.machine.witness.granted(offsets, isProbe: isProbe, to: link.machine.slot)
        }
        return slots
    }

    func hear(_ news: SendNews, from worker: WorkerID) async throws(StoreError) {
        let rate = rate
        try await call { () throws(StoreError) in try rate.hear(news, from: worker) }
    }

    func begin(_ limits: SendLimits) async throws(StoreError) {
        let rate = rate
        try await call { () throws(StoreError) in try rate.begin(limits) }
    }

    func update(_ limits: SendLimits, fence: LeaderFence?) async throws(StoreError) {
        let rate = rate
        try await call { () throws(StoreError) in try rate.update(limits, fence: fence) }
    }

    func pause(by name: String, reason: String, askedAt: Timestamp?) async throws(StoreError) -> Bool {
        let rate = rate
        let askedAt = link.machine.node.mutation == .latePause ? nil : askedAt
        return try await call { () throws(StoreError) in
            try rate.pause(by: name, reason: reason, askedAt: askedAt)
        }
    }

    func resume() async throws(StoreError) {
        let rate = rate
        try await call { () throws(StoreError) in try rate.resume() }
    }

    func state() async throws(StoreError) -> SendControlState? {
        let rate = rate
        return try await call { () throws(StoreError) in try rate.state() }
    }

    private func call<Value: Sendable>(
        _ effect: @escaping @Sendable () throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        try await link.call(effect) { StoreError($0) }
    }
}
