import WaybillCore
import WaybillPorts

/// Calls DynamoDB, reports what each call used, and tells failures in the ledger's words. A write refused by its condition
/// is billed; one that was throttled or malformed is not.
struct DynamoDBCalls: Sendable {
    private let client: AWSClient
    private let context: AWSContext

    init(context: AWSContext) {
        client = AWSClient(.dynamodb, context: context, policy: .dynamoDB)
        self.context = context
    }

    static func request(_ operation: String, _ body: JSON) -> AWSRequest {
        .json("DynamoDB_20120810", operation, body)
    }

    /// A read; its consumed capacity is read units.
    func read(_ operation: String, _ body: JSON) async throws(LedgerError) -> JSON {
        do throws(AWSError) {
            let answer = try await client.call(Self.request(operation, body)).json()
            report(.dynamoDBReadUnits, answer["ConsumedCapacity"])
            return answer
        } catch {
            throw LedgerError(reading: error)
        }
    }

    /// An UpdateItem. `Result.failure` is the item that a condition did not hold for, nil for none.
    func update(_ body: JSON, signedAt: Timestamp?) async throws(LedgerError) -> ConditionalAnswer {
        let request = Self.request("UpdateItem", body).with {
            $0.signedAt = signedAt
            $0.retry = .unlessUnanswered
        }
        do throws(AWSError) {
            let answer = try await client.call(request).json()
            report(.dynamoDBWriteUnits, answer["ConsumedCapacity"])
            measure(answer["Attributes"], of: body["TableName"]?.text ?? "")
            return .applied(before: answer["Attributes"])
        } catch {
            guard error.code == .refused, error.type == "ConditionalCheckFailedException" else {
                throw LedgerError(writing: error)
            }
            // A refused write is billed by the size of the item and does not say so; a record is under 1 KB, one unit.
            context.usage.used(Usage(.dynamoDBWriteUnits, of: body["TableName"]?.text ?? "", thousandths: 1000))
            return .refused(error.detail?["Item"])
        }
    }

    func sleep(for duration: Duration) async throws(LedgerError) {
        do throws(CancellationError) {
            try await context.environment.sleep(for: duration)
        } catch {
            throw LedgerError(.cancelled, "cancelled while waiting for DynamoDB")
        }
    }

    /// A record of an email that was sent is nearly what it is going to be: what comes then is written over what was.
    private func measure(_ item: JSON?, of table: String) {
        guard let item, DynamoDBItem.isSent(item) else { return }
        context.usage.saw(.records, of: table, 1)
        context.usage.saw(.recordBytes, of: table, DynamoDBItem.bytes(item))
    }

    /// One object, or one for each table of a batch.
    private func report(_ meter: Meter, _ capacity: JSON?) {
        for part in capacity?.elements ?? capacity.map({ [$0] }) ?? [] {
            for usage in ConsumedCapacity.usage(meter, part) { context.usage.used(usage) }
        }
    }
}

/// The answer to a conditional write.
enum ConditionalAnswer {
    /// The item as it was before, nil when the write created it.
    case applied(before: JSON?)
    /// The item that is there, nil when none is.
    case refused(JSON?)
}

extension LedgerError {
    /// A write that may have happened is `unanswered`, a cancelled one too.
    fileprivate init(writing error: AWSError) {
        if error.code == .cancelled && error.exposure == .maybeSent {
            self.init(.unanswered, error.description)
        } else {
            self.init(reading: error)
        }
    }

    fileprivate init(reading error: AWSError) {
        let code: Code =
            switch error.code {
            case .cancelled: .cancelled
            case .unanswered: .unanswered
            // Credentials that are missing or expired may be there a moment later: they are rotated from outside.
            case .notSent, .credentials: .unavailable
            case .configuration: .rejected
            case .refused: Self.code(of: error)
            }
        self.init(code, error.description)
    }

    private static func code(of refusal: AWSError) -> Code {
        switch refusal.kind {
        case .throttled, .expiredCredentials: .unavailable
        case .signatureTime: .signatureExpired
        case .accessDenied: .rejected
        case .other: passingTypes.contains(refusal.type) ? .unavailable : .rejected
        }
    }

    private static let passingTypes: Set<String> = ["TransactionConflictException", "ReplicatedWriteConflictException"]
}
