import WaybillCore
import WaybillPorts
import WaybillSimulation

/// Values for tests, made where they cannot be wrong.
enum Sample {
    /// 2026-11-23T21:04:05Z
    static let start = Timestamp(seconds: 1_795_467_845)
    static let attempt = AttemptID(high: 1, low: 2)
    static let worker = WorkerID(high: 3, low: 4)
    static let retention = Duration.seconds(400 * 86_400)

    static func order(_ text: String) -> OrderID {
        guard let order = OrderID(text) else { preconditionFailure("\(text) is no order id") }
        return order
    }

    static func delivery(_ text: String) -> DeliveryID { DeliveryID(order: order(text)) }

    static func hash(_ byte: UInt8) -> PayloadHash {
        guard let hash = PayloadHash([UInt8](repeating: byte, count: 32)) else { preconditionFailure("32 bytes") }
        return hash
    }

    static func record(
        _ order: String,
        _ status: DeliveryStatus,
        facts: [DeliveryFact: Timestamp] = [:]
    ) -> DeliveryRecord {
        var attributes: RecordAttributes = [
            .status: .text(status.name), .rank: .number(Int64(status.rank)), .attemptID: .text(attempt.description),
            .owner: .text(worker.description), .epoch: .number(5), .signedAt: .number(start.seconds),
            .email: .text("ada@example.com"), .payloadHash: .text(hash(1).description),
            .template: .text("order-confirmation@12345678"),
            .createdAt: .number((start + .milliseconds(250)).microseconds),
            .updatedAt: .number((start + .seconds(4)).microseconds),
            .expiresAt: .number((start + retention).seconds), .version: .number(3),
        ]
        for (fact, at) in facts { attributes[.fact(fact)] = .number(at.microseconds) }
        if status.isAccepted { attributes[.messageID] = .text("0100-message") }
        do throws(DeliveryRecordError) {
            return try DeliveryRecord(id: delivery(order), attributes: attributes)
        } catch {
            preconditionFailure(error.description)
        }
    }

    static func job(
        _ order: String,
        _ state: JobState,
        finishedAt: Timestamp? = nil,
        status: String? = nil
    ) -> JobSnapshot {
        JobSnapshot(
            id: 9,
            delivery: delivery(order),
            state: state,
            epoch: Epoch(5),
            worker: state == .leased ? worker : nil,
            attempts: 1,
            runAt: start,
            enqueuedAt: start - .seconds(1),
            finishedAt: finishedAt,
            status: status,
            reason: nil
        )
    }

    static func quarantined(_ order: String?, body: [UInt8] = Array("{\u{1B}}".utf8)) -> QuarantinedMessage {
        QuarantinedMessage(
            queue: "orders",
            body: body,
            bodyHash: hash(body.first ?? 0),
            code: "invalid-order",
            reason: "$.total: expected 3.00, found 4.00\n$.lines: expected an array, found null",
            delivery: order.map(delivery)
        )
    }
}

extension InMemoryDeliveryLedger {
    /// Claims and sends one order at a time, and applies what SES then told.
    func deliver(
        _ order: String,
        email: String = "ada@example.com",
        at now: Timestamp,
        _ facts: DeliveryFact...
    ) async throws {
        let id = Sample.delivery(order)
        let claim = DeliveryClaim(
            subject: DeliverySubject(email: email, payloadHash: Sample.hash(1), retention: Sample.retention),
            attempt: Sample.attempt,
            owner: Sample.worker,
            epoch: Epoch(1),
            signedAt: now,
            template: "order-confirmation@12345678"
        )
        _ = try apply(.claim(claim), to: id, now: now, signedAt: nil)
        for fact in facts {
            let at = now + .seconds(1)
            let evidence = DeliveryEvidence(fact: fact, at: at, sentAt: at, messageID: "0100-\(order)")
            _ = try apply(.record(evidence), to: id, now: now + .seconds(1), signedAt: nil)
        }
    }
}
