import Testing
import WaybillAWS
import WaybillCore
import WaybillPorts

@Suite struct DynamoDBLedgerTests {
    private static let now = Timestamp(seconds: 1_700_000_010)
    private static let hash = String(repeating: "01", count: 32)
    private static let item = """
        {"pk":{"S":"order-1"},"sk":{"S":"order-confirmation"},"status":{"S":"SENDING"},"rank":{"N":"20"},\
        "attemptId":{"S":"00000000000000010000000000000002"},"epoch":{"N":"7"},"email":{"S":"jo@example.net"},\
        "payloadHash":{"S":"\(hash)"},"createdAt":{"N":"1700000000000000"},"updatedAt":{"N":"1700000000000000"},\
        "expiresAt":{"N":"1800000000"},"version":{"N":"1"},"ofTheFuture":{"M":{}}}
        """

    private func apply(
        _ fixture: AWSFixture,
        signedAt: Timestamp? = nil
    ) async throws -> LedgerOutcome {
        let transition = DeliveryTransition.doubt(AttemptID(high: 1, low: 2), reason: "no evidence")
        return try await DynamoDBLedger(context: fixture.context, table: "deliveries")
            .apply(transition, to: SampleTransitions().id, now: Self.now, signedAt: signedAt)
    }

    @Test func anAppliedWriteGivesTheRecordBeforeAndAfter() async throws {
        let capacity =
            #""ConsumedCapacity":{"TableName":"deliveries","CapacityUnits":2.5,"Table":{"CapacityUnits":1},"#
            + #""GlobalSecondaryIndexes":{"byEmail":{"CapacityUnits":1},"byStatus":{"CapacityUnits":0.5}}}"#
        let fixture = AWSFixture(.answer(200, #"{"Attributes":\#(Self.item),\#(capacity)}"#))
        guard case .applied(let before, let after) = try await apply(fixture) else {
            Issue.record("not applied")
            return
        }
        #expect(before?.status == .sending)
        #expect(after.status == .unconfirmed)
        #expect(after.version == 2)
        #expect(after.updatedAt == Self.now)
        #expect(after.reason == "no evidence")
        #expect(
            fixture.usage.sums == [
                UsageKey(.dynamoDBWriteUnits, of: "deliveries"): 1000,
                UsageKey(.dynamoDBWriteUnits, of: "deliveries/byEmail"): 1000,
                UsageKey(.dynamoDBWriteUnits, of: "deliveries/byStatus"): 500,
            ]
        )
        let sent = try #require(fixture.transport.requests.first)
        #expect(sent.header("X-Amz-Target") == "DynamoDB_20120810.UpdateItem")
        let body = try sent.json()
        #expect(body["Key"] == ["pk": ["S": "order-1"], "sk": ["S": "order-confirmation"]])
        #expect(body["ReturnValues"] == "ALL_OLD")
        #expect(body["ReturnValuesOnConditionCheckFailure"] == "ALL_OLD")
        #expect(body["ReturnConsumedCapacity"] == "INDEXES")
    }

    /// 2 and 7 bytes, 2 and 18, 6 and 9 for the 16 digits.
    @Test func theSizeOfARecordThatWasSentIsMeasured() async throws {
        let key = #""pk":{"S":"order-1"},"sk":{"S":"order-confirmation"}"#
        let sent = #"{\#(key),"sentAt":{"N":"1795392000000000"}}"#
        let fixture = AWSFixture(.answer(200, #"{"Attributes":\#(sent)}"#), .answer(200, #"{"Attributes":{\#(key)}}"#))
        for _ in 0..<2 { await #expect(throws: LedgerError.self) { try await apply(fixture) } }
        #expect(fixture.usage[.records, of: "deliveries"] == 1)
        #expect(fixture.usage[.recordBytes, of: "deliveries"] == 44)
    }

    @Test func aRefusedWriteGivesTheRecordThatIsThereAndIsBilled() async throws {
        let type = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"
        let there = AWSFixture(.answer(400, #"{"__type":"\#(type)","message":"no","Item":\#(Self.item)}"#))
        guard case .refused(let record) = try await apply(there) else {
            Issue.record("not refused")
            return
        }
        #expect(record?.epoch == Epoch(7))
        #expect(there.usage.reported == [Usage(.dynamoDBWriteUnits, of: "deliveries", thousandths: 1000)])
        let absent = AWSFixture(.refusal("ConditionalCheckFailedException"))
        #expect(try await apply(absent) == .refused(nil))
    }

    @Test func theClaimIsSignedWithItsOwnTime() async throws {
        let fixture = AWSFixture(.refusal("ConditionalCheckFailedException"))
        _ = try await apply(fixture, signedAt: Timestamp(seconds: 1_699_999_990))
        #expect(fixture.transport.requests.first?.header("X-Amz-Date") == "20231114T221310Z")
    }

    static let failures: [(Result<HTTPResponse, HTTPError>, LedgerError.Code, attempts: Int)] = [
        (.lost(.timeout, .maybeSent), .unanswered, 1), (.refusal("InternalServerError", status: 500), .unanswered, 1),
        (.answer(503, "", requestID: nil), .unanswered, 1), (.answer(200, "{"), .unanswered, 1),
        (.lost(.cancelled, .maybeSent), .unanswered, 1), (.lost(.cancelled, .notSent), .cancelled, 1),
        (.lost(.connect, .notSent), .unavailable, 4),
        (.refusal("ProvisionedThroughputExceededException"), .unavailable, 4),
        (.refusal("ThrottlingException"), .unavailable, 4), (.refusal("RequestLimitExceeded"), .unavailable, 4),
        (.refusal("TransactionConflictException"), .unavailable, 1),
        (.refusal("ExpiredTokenException"), .unavailable, 1),
        (.refusal("InvalidSignatureException", "Signature expired: x"), .signatureExpired, 1),
        (.refusal("ResourceNotFoundException"), .rejected, 1), (.refusal("ValidationException"), .rejected, 1),
        (.refusal("AccessDeniedException"), .rejected, 1),
        (.answer(200, #"{"Attributes":{"status":{"S":"SENDING"}}}"#), .malformedRecord, 1),
        (.answer(200, #"{"Attributes":{"status":{"BOOL":true}}}"#), .malformedRecord, 1),
    ]

    @Test(arguments: failures.indices)
    func aFailedClaimSaysWhetherItMayHaveHappened(_ row: Int) async throws {
        let (answer, code, attempts) = Self.failures[row]
        let fixture = AWSFixture(answer, answer, answer, answer, answer)
        let error = await #expect(throws: LedgerError.self) {
            try await apply(fixture, signedAt: SteppedEnvironment.start)
        }
        #expect(error?.code == code, "\(answer)")
        #expect(fixture.transport.requests.count == attempts, "\(answer)")
        #expect(fixture.transport.requests.allSatisfy { !$0.repeatable })
    }

    @Test func aReadIsStronglyConsistentAndMetered() async throws {
        let fixture = AWSFixture(.answer(200, #"{"Item":\#(Self.item),"ConsumedCapacity":{"CapacityUnits":0.5}}"#))
        let ledger = DynamoDBLedger(context: fixture.context, table: "deliveries")
        #expect(try await ledger.read(SampleTransitions().id, now: Self.now)?.status == .sending)
        #expect(try fixture.transport.requests.first?.json()["ConsistentRead"] == .bool(true))
        #expect(fixture.transport.requests.first?.repeatable == true)
        #expect(fixture.usage[.dynamoDBReadUnits] == [500])
    }

    @Test func aQueryPassesOverPagesWhoseRecordsAreAllExpired() async throws {
        let expired = Self.item.replacing("1800000000", with: "1700000000")
        let key = #"{"pk":{"S":"order-1"},"sk":{"S":"order-confirmation"}}"#
        let fixture = AWSFixture(
            .answer(200, #"{"Items":[\#(expired)],"LastEvaluatedKey":\#(key)}"#),
            .answer(200, #"{"Items":[\#(Self.item)],"LastEvaluatedKey":\#(key)}"#)
        )
        let ledger = DynamoDBLedger(context: fixture.context, table: "deliveries")
        let order = try SampleTransitions().id.order
        let page = try await ledger.query(LedgerQuery(key: .order(order), limit: 1, now: Self.now))
        #expect(page.records.count == 1)
        #expect(page.next != nil)
        #expect(try fixture.transport.requests.last?.json()["ExclusiveStartKey"] == JSON.parse(Array(key.utf8)))
    }

    @Test func keysThatABatchLeftOverAreAskedForAgain() async throws {
        let index = #"{"Items":[{"pk":{"S":"order-1"},"sk":{"S":"order-confirmation"}}]}"#
        let left = #"{"Responses":{},"UnprocessedKeys":{"deliveries":{"Keys":[{"pk":{"S":"order-1"}}]}}}"#
        let found = #"{"Responses":{"deliveries":[\#(Self.item)]},"ConsumedCapacity":[{"CapacityUnits":1}]}"#
        let fixture = AWSFixture(.answer(200, index), .answer(200, left), .answer(200, found))
        let ledger = DynamoDBLedger(context: fixture.context, table: "deliveries")
        let page = try await ledger.query(LedgerQuery(key: .email("jo@example.net"), limit: 10, now: Self.now))
        #expect(page.records.map(\.email) == ["jo@example.net"])
        #expect(fixture.transport.left == 0)
        #expect(fixture.usage[.dynamoDBReadUnits] == [1000])
    }

    @Test func aPageOutsideTheLimitsIsRefused() async throws {
        let ledger = DynamoDBLedger(context: AWSFixture().context, table: "deliveries")
        for limit in [0, 1001] {
            let error = await #expect(throws: LedgerError.self) {
                try await ledger.query(LedgerQuery(key: .status("SENT"), limit: limit, now: Self.now))
            }
            #expect(error?.code == .rejected)
        }
    }
}
