import Testing
import WaybillAWS
import WaybillCore

@Suite struct DynamoDBExpressionTests {
    @Test func conditionsAreRenderedWithAliases() {
        let rows: [(RecordCondition, String)] = [
            (.itemAbsent, "attribute_not_exists(pk)"),
            (.itemExists, "attribute_exists(pk)"),
            (.attributeAbsent(.fact(.sent)), "attribute_not_exists(sentAt)"),
            (.equal(.status, .text("SENDING")), "status = 'SENDING'"),
            (.less(.epoch, .number(7)), "epoch < 7"),
            (.greater(.fact(.delivered), .number(9)), "deliveredAt > 9"),
            (.oneOf(.status, [.text("A"), .text("B")]), "status IN ('A', 'B')"),
            (
                .any([.itemAbsent, .all([.equal(.rank, .number(1)), .less(.rank, .number(2))])]),
                "(attribute_not_exists(pk) OR (rank = 1 AND rank < 2))"
            ),
        ]
        for (condition, expected) in rows {
            var expression = DynamoDBExpression()
            let text = expression.condition(condition)
            #expect(resolve(text, expression) == expected)
            #expect(!text.contains("status"))
        }
    }

    @Test func changesAreRenderedInOneClauseOfEachKind() {
        var expression = DynamoDBExpression()
        let text = expression.update([
            .set(.updatedAt, .number(5)), .add(.version, 1), .remove(.statusShard), .set(.status, .text("SENT")),
            .setIfAbsent(.messageID, .text("m")), .remove(.reason), .setIfAbsent(.fact(.sent), .number(5)),
        ])
        #expect(
            resolve(text, expression)
                == "SET updatedAt = 5, status = 'SENT', messageId = if_not_exists(messageId, 'm'), "
                + "sentAt = if_not_exists(sentAt, 5) REMOVE statusShard, reason ADD version 1"
        )
    }

    @Test func aNameAndAValueHaveOneAliasEach() {
        var expression = DynamoDBExpression()
        let text = expression.condition(.all([.equal(.rank, .number(1)), .equal(.epoch, .number(1)), .itemExists]))
        #expect(text == "(#n0 = :v0 AND #n1 = :v0 AND attribute_exists(#n2))")
        #expect(expression.attributeNames == ["#n0": "rank", "#n1": "epoch", "#n2": "pk"])
        #expect(expression.attributeValues == [":v0": ["N": "1"]])
    }

    @Test func aConditionWithoutValuesHasNone() {
        var expression = DynamoDBExpression()
        _ = expression.condition(.itemExists)
        #expect(expression.attributeValues == nil)
    }

    @Test func everyAttributeThatATransitionTouchesIsKnown() throws {
        let sample = try SampleTransitions()
        for transition in sample.all {
            for change in transition.changes(id: sample.id, now: Timestamp(seconds: 1)) {
                switch change {
                case .set(let attribute, _), .setIfAbsent(let attribute, _), .remove(let attribute),
                    .add(let attribute, _):
                    #expect(RecordAttribute.all.contains(attribute))
                }
            }
        }
        let names = RecordAttribute.all.map(\.name)
        #expect(Set(names).count == names.count)
    }

    /// The text with its aliases replaced by what they stand for.
    private func resolve(_ text: String, _ expression: DynamoDBExpression) -> String {
        var text = text
        for member in (expression.attributeNames.members ?? []).reversed() {
            text = text.replacing(member.name, with: member.value.text ?? "?")
        }
        for member in (expression.attributeValues?.members ?? []).reversed() {
            let value = member.value["S"]?.text.map { "'\($0)'" } ?? member.value["N"]?.text ?? "?"
            text = text.replacing(member.name, with: value)
        }
        return text
    }
}

/// One transition of each kind.
struct SampleTransitions {
    let id: DeliveryID
    let all: [DeliveryTransition]

    init() throws {
        id = DeliveryID(order: try #require(OrderID("order-1")))
        let hash = try #require(PayloadHash(Array(repeating: 1, count: 32)))
        let subject = DeliverySubject(email: "jo@example.net", payloadHash: hash, retention: .seconds(86_400))
        let attempt = AttemptID(high: 1, low: 2)
        let claim = DeliveryClaim(
            subject: subject,
            attempt: attempt,
            owner: WorkerID(high: 3, low: 4),
            epoch: Epoch(7),
            signedAt: Timestamp(seconds: 1_700_000_000),
            template: "order-confirmation@1"
        )
        let time = Timestamp(seconds: 1_700_000_001)
        let facts = DeliveryFact.allCases.map {
            DeliveryEvidence(fact: $0, at: time, sentAt: time, messageID: "0100-1")
        }
        let decision = DeliveryDecision(subject: subject, verdict: .closed, reason: "cancelled", epoch: Epoch(8))
        all =
            [
                .claim(claim), .withdraw(claim), .fail(attempt, reason: "bad"), .release(attempt, reason: "throttled"),
                .doubt(attempt, reason: "no evidence"), .resend(attempt), .decide(decision),
                .resolve(seenVersion: 3, .resend, reason: "asked"), .resolve(seenVersion: 3, .close, reason: "asked"),
                .reopen(seenVersion: 3, reason: "corrected"),
            ] + facts.flatMap { [.record($0), .refine($0)] }
    }
}
