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
            state.probes[slot] = nil
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

    /// How late a slot may be used: the product's limit and some jobs' time.
    private static let slotTolerance = SendSlots.latestUse + .milliseconds(20)
    private static let window = Duration.seconds(10)

    func granted(_ offsets: [Duration], isProbe: Bool, to slot: Int) {
        let now = simulator.elapsed
        state.withLock { state in
            if isProbe {
                state.probes[slot, default: 0] += 1
            } else {
                state.slots[slot, default: []] += offsets.map { now + $0 }
            }
        }
    }

    /// The first T1 of an attempt leaves a process: it has a slot, whose time may still lie ahead, or is the probe.
    func claimLeft(_ delivery: DeliveryID, from slot: Int) {
        dropSlots(of: slot)
        let isGranted = state.withLock { !($0.slots[slot] ?? []).isEmpty || $0.probes[slot, default: 0] > 0 }
        require(isGranted, .I10, "\(delivery) was claimed without a send slot of this moment")
    }

    /// The request leaves for SES in its slot. A probe is alone, and may come late.
    private func departed(_ email: OutgoingEmail, from slot: Int) {
        dropSlots(of: slot)
        let now = simulator.elapsed
        let isGranted = state.withLock { state in
            guard let index = state.slots[slot]?.firstIndex(where: { $0 <= now + .milliseconds(1) }) else {
                state.probes[slot, default: 0] -= 1
                return state.probes[slot, default: 0] >= 0
            }
            state.slots[slot]?.remove(at: index)
            return true
        }
        require(isGranted, .I10, "\(email.delivery) left without a send slot of this moment")
        checkRate()
    }

    /// Those whose time is over. Which of several an email has only its process knows; the earliest is as good as any.
    private func dropSlots(of slot: Int) {
        let now = simulator.elapsed
        state.withLock { $0.slots[slot]?.removeAll { $0 + Self.slotTolerance < now } }
    }

    /// At most the rate's worth of emails in ten seconds, and the burst, where they leave for SES.
    private func checkRate() {
        let now = simulator.elapsed
        let count = state.withLock { state in
            state.uses.append(now)
            state.uses.removeAll { $0 + Self.window <= now }
            return state.uses.count
        }
        let most = Int(rate * Self.window.wholeSeconds) + 1
        require(count <= most, .I10, "\(count) emails in 10 s, \(most) allowed")
    }
}
