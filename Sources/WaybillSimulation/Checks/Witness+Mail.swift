import Synchronization
import WaybillCore
import WaybillPorts

extension Witness {
    /// T2: a request leaves a process.
    func requestLeft(_ email: OutgoingEmail, from slot: Int) {
        let (isClaimed, count) = state.withLock { state in
            state.requests[email.attempt, default: 0] += 1
            state.onWire[slot, default: []].insert(email.delivery)
            return (state.claims.contains(email.attempt), state.requests[email.attempt, default: 0])
        }
        require(isClaimed, .I4, "a request for \(email.delivery) left before attempt \(email.attempt) was durable")
        require(count == 1, .I4, "attempt \(email.attempt) of \(email.delivery) was put on the wire \(count) times")
        departed(email, from: slot)
    }

    /// Its answer came, or it was given up.
    func requestEnded(_ email: OutgoingEmail, on slot: Int) {
        state.withLock { _ = $0.onWire[slot]?.remove(email.delivery) }
    }

    func machineDied(_ slot: Int) {
        state.withLock { state in
            state.onWire[slot] = nil
            state.slots[slot] = nil
        }
    }

    func isSending(_ slot: Int) -> Bool { state.withLock { !($0.onWire[slot] ?? []).isEmpty } }

    func isSending(_ deliveries: Set<DeliveryID>) -> Bool {
        state.withLock { $0.onWire.values.contains { !$0.isDisjoint(with: deliveries) } }
    }

    func accepted(_ email: OutgoingEmail, messageID: String) {
        let (count, allowed) = state.withLock { state in
            state.acceptances[email.delivery, default: []].append(messageID)
            return (state.acceptances[email.delivery, default: []].count, 1 + state.resends[email.delivery, default: 0])
        }
        require(count <= allowed, .I1, "SES accepted \(email.delivery) \(count) times, \(allowed) allowed")
    }

    func published(_ fact: DeliveryFact, of delivery: DeliveryID) {
        state.withLock { _ = $0.published[delivery, default: []].insert(fact) }
    }

    func published(_ delivery: DeliveryID) -> Set<DeliveryFact> {
        state.withLock { $0.published[delivery] ?? [] }
    }

    // MARK: The send rate

    /// The rate set, and how much late a slot may be used: the product's limit and some jobs' time.
    private static let slotTolerance = SendSlots.latestUse + .milliseconds(20)
    private static let departureTolerance = SendSlots.latestDeparture + .milliseconds(20)
    private static let window = Duration.seconds(10)

    func granted(_ offsets: [Duration], isProbe: Bool, to slot: Int) {
        let now = simulator.elapsed
        state.withLock { $0.slots[slot, default: []] += offsets.map { Slot(due: now + $0, isProbe: isProbe) } }
    }

    /// The first T1 of an attempt leaves a process: that is when its slot is used.
    func slotUsed(on slot: Int, by attempt: AttemptID, of delivery: DeliveryID) {
        let turn = takeSlot(of: slot)
        // Which of several slots an email has only its process knows, so lateness counts from the use.
        let now = simulator.elapsed
        state.withLock { $0.turns[attempt] = turn.map { Slot(due: now, isProbe: $0.isProbe) } }
        require(turn != nil, .I10, "\(delivery) was claimed without a send slot of this moment")
    }

    /// The request leaves for SES: soon after its slot, else in another. A probe is alone.
    private func departed(_ email: OutgoingEmail, from slot: Int) {
        let (now, turn) = (simulator.elapsed, state.withLock { $0.turns[email.attempt] })
        if let turn, !turn.isProbe, now - turn.due > Self.departureTolerance {
            require(takeSlot(of: slot) != nil, .I10, "\(email.delivery) left without a send slot of this moment")
        }
        checkRate()
    }

    /// The slot that is used now; nil when the machine has none.
    private func takeSlot(of slot: Int) -> Slot? {
        let now = simulator.elapsed
        return state.withLock { state in
            state.slots[slot]?.removeAll { $0.due + Self.slotTolerance < now }
            let index = state.slots[slot]?.firstIndex { $0.due <= now + .milliseconds(1) }
            return index.flatMap { state.slots[slot]?.remove(at: $0) }
        }
    }

    /// At most the rate's worth of emails in ten seconds, and the burst: where they leave for SES, so later by what the claim
    /// may take.
    private func checkRate() {
        let now = simulator.elapsed
        let count = state.withLock { state in
            state.uses.append(now)
            state.uses.removeAll { $0 + Self.window <= now }
            return state.uses.count
        }
        let longest = Self.window + Self.departureTolerance
        let most = Int(rate * longest.wholeMilliseconds / 1000) + 1
        require(count <= most, .I10, "\(count) emails in 10 s, \(most) allowed")
    }
}
