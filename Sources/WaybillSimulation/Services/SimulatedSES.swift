import Synchronization
import WaybillCore
import WaybillPorts

/// SES of the simulated world: judges the signature's age and the rate by true time, accepts, and publishes events. It is the
/// witness of promise P1.
final class SimulatedSES: Sendable {
    /// Chances are per 1,000 requests or acceptances.
    struct Behaviour: Hashable, Sendable {
        /// 503 although nothing was accepted.
        var errorBefore: UInt64 = 0
        /// 503 although it was accepted.
        var errorAfter: UInt64 = 0
        /// 429 below the rate.
        var throttled: UInt64 = 0
        /// Emails that SES refuses for their content.
        var refusedMessages: UInt64 = 0
        /// A definite refusal of everything, as long as it lasts.
        var account: MailerRefusal.Reason?
        var lostEvents: UInt64 = 0
        var repeatedEvents: UInt64 = 0
        /// How late an event may be.
        var eventLateness = Duration.seconds(2)

        static let calm = Behaviour()
    }

    fileprivate struct State {
        var generator: SplitMix64
        var behaviour: Behaviour
        var accepted = 0
        /// When the bucket was full last: GCRA with a burst of one second.
        var arrival = Timestamp(microseconds: 0)
    }

    /// Where events are published, and through it to the feedback queue.
    static let topic = "ses-feedback"

    let signatureAge: Duration
    /// Emails a second.
    let rate: Int64
    private let simulator: Simulator
    private let feedback: SimulatedQueue
    private let suppressions: InMemorySuppressionList
    private let witness: Witness
    private let book: ServiceBook?
    private let state: Mutex<State>

    init(
        rate: Int64,
        signatureAge: Duration,
        behaviour: Behaviour,
        feedback: SimulatedQueue,
        suppressions: InMemorySuppressionList,
        witness: Witness,
        book: ServiceBook? = nil,
        simulator: Simulator
    ) {
        self.book = book
        self.rate = rate
        self.signatureAge = signatureAge
        self.feedback = feedback
        self.suppressions = suppressions
        self.witness = witness
        self.simulator = simulator
        let generator = Simulator.generator(simulator.seed, .mail)
        state = Mutex(State(generator: generator, behaviour: behaviour))
    }

    func set(_ behaviour: Behaviour) {
        state.withLock { $0.behaviour = behaviour }
    }

    func change(_ body: (inout Behaviour) -> Void) {
        state.withLock { body(&$0.behaviour) }
    }

    /// GetAccount.
    func account() -> SendingAccount {
        let reason = state.withLock { $0.behaviour.account }
        return SendingAccount(
            sendingEnabled: reason != .sendingPaused,
            productionAccess: true,
            enforcement: reason == .accountSuspended ? "SHUTDOWN" : "HEALTHY",
            maxSendRate: Double(rate),
            max24HourSend: 100_000,
            sentLast24Hours: reason == .quotaExceeded ? 100_000 : 0,
            plan: .essentials
        )
    }

    /// SendEmail, as it arrives.
    func receive(_ email: OutgoingEmail) -> MailerOutcome {
        let now = simulator.epoch + simulator.elapsed
        let verdict = state.withLock { $0.judge(email, now: now, ses: self) }
        switch verdict {
        case .refused(let refusal):
            if refusal.reason == .signatureExpired { witness.reached(.lateSignatureAtSES) }
            return .refused(refusal)
        case .error: return .unknown("503 Service Unavailable")
        case .accepted(let number, let isAnswered):
            let messageID = "0100-\(number)"
            simulator.record("SES accepted \(email.delivery) as \(messageID), attempt \(email.attempt)")
            witness.accepted(email, messageID: messageID)
            // A recipient is billed once accepted, whatever becomes of the answer.
            book?.did(.sendEmail, 1)
            publishEvents(email, messageID: messageID, at: now)
            return isAnswered ? .accepted(messageID: messageID) : .unknown("503 Service Unavailable")
        }
    }

    fileprivate enum Verdict {
        case refused(MailerRefusal)
        case error
        case accepted(number: Int, isAnswered: Bool)
    }

    private func publishEvents(_ email: OutgoingEmail, messageID: String, at now: Timestamp) {
        let events = state.withLock { $0.plannedEvents() }
        for event in events {
            suppress(email.recipient, after: event)
            let text = SimulatedEvent(kind: event.kind, email: email, messageID: messageID, sentAt: now)
                .json(at: now + event.delay)
            if event.isLost {
                witness.reached(.eventLost)
                simulator.record("event \(event.kind.rawValue) of \(email.delivery) is lost")
                continue
            }
            witness.published(event.kind.fact, of: email.delivery)
            publish(text, after: event.delay + event.lateness)
            if event.isRepeated { publish(text, after: event.delay + event.lateness + .seconds(3)) }
        }
    }

    /// An event is far below the 64 KiB of a request. It is booked when it is planned, seconds before it goes out: no timer is
    /// worth that.
    private func publish(_ text: String, after delay: Duration) {
        book?.did(.publish, of: Self.topic, 1)
        feedback.publish(text, after: delay)
    }
}

extension SimulatedSES {
    /// SES puts an address onto the account's list whether or not its event gets through.
    private func suppress(_ address: String, after event: PlannedEvent) {
        let reason: String
        switch event.kind {
        case .hardBounce: reason = "BOUNCE"
        case .complaint: reason = "COMPLAINT"
        case .send, .delivery, .delay, .softBounce, .notSpam, .reject: return
        }
        simulator.after(event.delay) { [suppressions] in suppressions.add(address, reason: reason) }
    }
}

/// What SES tells of one email.
struct PlannedEvent {
    var kind: SimulatedEvent.Kind
    /// When it happens, from the acceptance on.
    var delay: Duration
    /// From when it happens to when it is published.
    var lateness: Duration
    var isLost: Bool
    var isRepeated: Bool
}

extension SimulatedSES.State {
    fileprivate mutating func judge(
        _ email: OutgoingEmail,
        now: Timestamp,
        ses: SimulatedSES
    ) -> SimulatedSES.Verdict {
        if generator.chance(perThousand: behaviour.errorBefore) { return .error }
        let distance = email.signedAt > now ? email.signedAt - now : now - email.signedAt
        if distance > ses.signatureAge { return .refused(Self.refusal(.signatureExpired)) }
        if let reason = behaviour.account { return .refused(Self.refusal(reason)) }
        guard takeSlot(now: now, rate: ses.rate), !generator.chance(perThousand: behaviour.throttled) else {
            return .refused(Self.refusal(.throttled))
        }
        if generator.chance(perThousand: behaviour.refusedMessages) { return .refused(Self.refusal(.message)) }
        accepted += 1
        return .accepted(number: accepted, isAnswered: !generator.chance(perThousand: behaviour.errorAfter))
    }

    /// SES allows more than the rate for a short time.
    private mutating func takeSlot(now: Timestamp, rate: Int64) -> Bool {
        let first = max(arrival, now - .seconds(2))
        guard first <= now else { return false }
        arrival = first + .microseconds(1_000_000 / rate)
        return true
    }

    private static func refusal(_ reason: MailerRefusal.Reason) -> MailerRefusal {
        MailerRefusal(reason: reason, type: "Simulated", message: reason.rawValue, requestID: "simulated")
    }

    /// Most are delivered; some are put off, bounce before or after, are complained about, or refused for a virus.
    fileprivate mutating func plannedEvents() -> [PlannedEvent] {
        var kinds: [SimulatedEvent.Kind] = [.send]
        switch generator.below(100) {
        case 0..<4: kinds.append(.hardBounce)
        case 4..<8: kinds.append(.softBounce)
        case 8..<10: kinds.append(.reject)
        case 10..<14: kinds += [.delay, .delivery]
        case 14..<18: kinds += [.delivery, .complaint]
        case 18..<22: kinds += [.delivery, .softBounce]
        case 22..<24: kinds += [.delivery, .hardBounce]
        case 24..<26: kinds += [.delivery, .notSpam]
        default: kinds.append(.delivery)
        }
        // What is late is late for all that SES tells of an email.
        let late =
            generator.chance(perThousand: 100)
            ? generator.below(UInt64(behaviour.eventLateness.wholeMicroseconds) + 1) : 0
        var delay = Duration.zero
        return kinds.map { kind in
            if kind != .send { delay += .milliseconds(Int64(generator.below(8000))) }
            return plan(kind, delay, late: late)
        }
    }

    private mutating func plan(_ kind: SimulatedEvent.Kind, _ delay: Duration, late: UInt64) -> PlannedEvent {
        let lateness = late + generator.below(500_000)
        return PlannedEvent(
            kind: kind,
            delay: delay,
            lateness: .microseconds(Int64(lateness)),
            isLost: generator.chance(perThousand: behaviour.lostEvents),
            isRepeated: generator.chance(perThousand: behaviour.repeatedEvents)
        )
    }
}
