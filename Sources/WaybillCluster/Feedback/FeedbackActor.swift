package import Logging
import WaybillCore
package import WaybillPorts

/// Takes SES events from SQS into the record: the seed's feedback processor. Everything it does is idempotent, in any
/// order of events; a message is deleted only after all of it is done, or it is in the quarantine.
package actor FeedbackActor {
    let consumer: QueueConsumer
    private let ports: FeedbackPorts
    private let outcomes: OutcomeStream
    private let shutdown: ShutdownSignal
    private let logger: Logger
    /// The newest acceptance that the store knows of.
    private var notedSend: Timestamp?
    /// So much newer must one be to be worth a write.
    private static let noteStep = Duration.seconds(5)

    /// What came of one message.
    enum Handling {
        case done
        case quarantine(code: String, reason: String, DeliveryID?)
        /// A store or the record was out of reach: the message comes again.
        case later
    }

    package init(
        queue: any MessageQueue,
        ports: FeedbackPorts,
        settings: ConsumerSettings,
        outcomes: OutcomeStream,
        shutdown: ShutdownSignal,
        logger: Logger
    ) {
        consumer = QueueConsumer(
            queue: queue,
            environment: ports.environment,
            settings: settings,
            outcomes: outcomes,
            logger: logger,
            isStoreReached: { await ports.areReached() }
        )
        self.ports = ports
        self.outcomes = outcomes
        self.shutdown = shutdown
        self.logger = logger
    }

    /// Receives until the shutdown begins. What is not applied by then stays in the queue.
    package func run() async {
        await consumer.run(until: shutdown) { await self.take($0) }
    }

    /// Returns the receipts of what is done or in the quarantine.
    private func take(_ messages: [QueueMessage]) async -> [MessageReceipt] {
        for message in messages { ports.meter?.received(message) }
        var finished: [MessageReceipt] = []
        var refused: [(MessageReceipt, QuarantinedMessage)] = []
        await withTaskGroup(of: (QueueMessage, Handling).self) { group in
            for message in messages { group.addTask { (message, await self.handle(message)) } }
            for await (message, handling) in group {
                switch handling {
                case .done: finished.append(message.receipt)
                case .later: break
                case .quarantine(let code, let reason, let delivery):
                    let kept = consumer.quarantined(message, code: code, reason: reason, delivery: delivery)
                    refused.append((message.receipt, kept))
                }
            }
        }
        if !refused.isEmpty, await keep(refused.map(\.1)) { finished += refused.map(\.0) }
        return finished
    }

    func handle(_ message: QueueMessage) async -> Handling {
        let event: SESEvent
        switch SESEventReader.read(queueBody: message.body) {
        case .success(.validationNotice): return .done
        case .success(.event(let read)):
            event = read
            ports.meter?.read(read.kind, in: message)
        case .failure(let violations):
            return .quarantine(code: violations.code.rawValue, reason: violations.description, nil)
        }
        do {
            for suppression in event.suppressions where !isMistakenForRepeat(message) {
                try await ports.suppressions.suppress(suppression, at: event.at)
            }
        } catch {
            return later(error.description)
        }
        guard !event.evidence.isEmpty else { return .done }
        let delivery = event.delivery
        for evidence in event.evidence {
            switch await apply(evidence, to: delivery) {
            case .done: continue
            case .quarantine(let code, let reason, let delivery):
                return .quarantine(code: code, reason: reason, delivery)
            case .later: return .later
            }
        }
        do {
            // On every receipt: the one before may have ended between the record and this.
            try await ports.store.note(event.evidence.map { StatusNotice($0, of: delivery) })
            try await ports.store.hint([delivery])
            try await noteSend(event.evidence)
        } catch {
            return later(error.description)
        }
        return .done
    }

    /// The mistake of taking a message that came before for done.
    private func isMistakenForRepeat(_ message: QueueMessage) -> Bool {
        ports.environment.mutation == .suppressedFirstTimeOnly && message.receiveCount > 1
    }

    /// The feed is alive: a Send event of an email accepted then was applied.
    private func noteSend(_ evidence: [DeliveryEvidence]) async throws(StoreError) {
        guard let sent = evidence.first(where: { $0.fact == .sent }) else { return }
        if let notedSend, sent.sentAt < notedSend + Self.noteStep { return }
        try await ports.store.noteSend(acceptedAt: sent.sentAt)
        notedSend = sent.sentAt
    }

    private func apply(_ evidence: DeliveryEvidence, to delivery: DeliveryID) async -> Handling {
        var machine = EvidenceMachine(evidence)
        var action = machine.begin()
        while true {
            switch action {
            case .write(let transition):
                do {
                    let now = ports.clock.now()
                    let answer = try await ports.ledger.apply(transition, to: delivery, now: now, signedAt: nil)
                    action = machine.ledgerAnswered(answer)
                } catch {
                    outcomes.add(.ledgerUnavailable)
                    return later(error.description)
                }
            case .end(.noRecord):
                let reason = "no record of the delivery \(delivery): message \(evidence.messageID)"
                return .quarantine(code: "unknown-delivery", reason: reason, delivery)
            case .end(.known(let knowledge)):
                count(evidence, knowledge, delivery)
                return .done
            }
        }
    }

    private func later(_ reason: String) -> Handling {
        logger.warning("SES event not applied, it comes again", metadata: ["error": "\(reason)"])
        return .later
    }

    /// Metrics count an event once, however often it arrives.
    private func count(_ evidence: DeliveryEvidence, _ knowledge: EvidenceMachine.Knowledge, _ delivery: DeliveryID) {
        if let other = knowledge.otherMessageID {
            outcomes.add(.duplicateSend)
            let metadata: Logger.Metadata = [
                "delivery": "\(delivery)", "ses.recorded": "\(other)", "ses.seen": "\(evidence.messageID)",
            ]
            logger.critical("a delivery was accepted twice", metadata: metadata)
        }
        if knowledge.isFirstProofOfSend { outcomes.add(.sent) }
        guard knowledge.isNew else {
            outcomes.add(.feedbackRepeated)
            return
        }
        outcomes.add(.feedbackApplied)
        switch evidence.fact {
        case .sent, .notSpam: break
        case .delivered: outcomes.add(.delivered)
        case .delayed: outcomes.add(.delayed)
        case .bouncedSoft: outcomes.add(.bouncedSoft)
        case .bouncedHard: outcomes.add(.bouncedHard)
        case .complained: outcomes.add(.complaints)
        case .rejected: outcomes.add(.rejected)
        }
    }

    /// Whether the messages are durable in the quarantine.
    private func keep(_ refused: [QuarantinedMessage]) async -> Bool {
        do {
            try await ports.quarantine.keep(refused)
        } catch {
            outcomes.add(.storeUnavailable)
            logger.warning("SES events not quarantined, they come again", metadata: ["error": "\(error)"])
            return false
        }
        outcomes.add(.feedbackQuarantined, Int64(refused.count))
        for message in refused {
            let metadata: Logger.Metadata = ["code": "\(message.code)", "body.sha256": "\(message.bodyHash)"]
            logger.error("SES event quarantined", metadata: metadata)
        }
        return true
    }
}
