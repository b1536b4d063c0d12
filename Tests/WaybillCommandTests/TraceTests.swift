import Testing
import WaybillCore
import WaybillPorts
import WaybillSimulation

@testable import waybill

@Suite struct TraceTests {
    @Test func theStoryIsToldInOrderOfTimeWhateverTheOrderOfFacts() {
        let facts: [DeliveryFact: Timestamp] = [
            .complained: Sample.start + .seconds(60), .sent: Sample.start + .milliseconds(400),
            .delivered: Sample.start + .seconds(2),
        ]
        let trace = OrderTrace(
            order: Sample.order("1001"),
            deliveries: [
                .init(
                    id: Sample.delivery("1001"),
                    record: Sample.record("1001", .complaint, facts: facts),
                    job: Sample.job("1001", .finished, finishedAt: Sample.start + .milliseconds(500), status: "SENT")
                )
            ],
            quarantine: []
        )
        #expect(
            trace.timeline.map(\.what) == [
                "the order became a job",
                "the delivery record was made",
                "the request to SES was signed, attempt 00000000000000010000000000000002",
                "SES accepted it",
                "the job was finished as SENT",
                "the receiving server took it",
                "the recipient called it spam",
            ]
        )
        let lines = trace.lines(.plain)
        #expect(lines.contains("  The recipient called it spam."))
        #expect(lines.contains("  status      COMPLAINT"))
        #expect(lines.contains("2026-11-23T21:04:05.400Z   +1.400 s  SES accepted it"))
        #expect(lines.contains("2026-11-23T21:05:05.000Z  +61.000 s  the recipient called it spam"))
    }

    @Test func aDecisionNotToSendIsAMomentOfTheStory() {
        let delivery = OrderTrace.Delivery(id: Sample.delivery("1"), record: Sample.record("1", .failed))
        let trace = OrderTrace(order: Sample.order("1"), deliveries: [delivery], quarantine: [])
        #expect(trace.timeline.last?.what == "it became FAILED")
    }

    @Test func whatIsAcceptedAndWaitsIsSaidToWait() {
        let delivery = OrderTrace.Delivery(id: Sample.delivery("1"), job: Sample.job("1", .ready))
        let trace = OrderTrace(order: Sample.order("1"), deliveries: [delivery], quarantine: [])
        #expect(trace.isKnown)
        #expect(trace.lines(.plain).contains("  It has no delivery record yet: no worker has claimed it for sending."))
        #expect(trace.lines(.plain).contains("  run at       2026-11-23T21:04:05.000Z"))
    }

    @Test func aQuarantinedBodyCannotSteerTheTerminal() async throws {
        let store = InMemoryJobStore { Sample.start }
        let mine = Sample.quarantined("7")
        try store.keep([mine, mine, Sample.quarantined("8", body: [1, 255])])
        let trace = try await gathered("7", store)
        #expect(trace.quarantine.map(\.count) == [2])
        let lines = trace.lines(.plain)
        #expect(lines.contains("Quarantined: invalid-order"))
        #expect(lines.contains("  reason  $.total: expected 3.00, found 4.00"))
        #expect(lines.contains("          $.lines: expected an array, found null"))
        #expect(lines.contains("  seen    2 times, last 2026-11-23T21:04:05.000Z"))
        #expect(lines.contains(#"  body    {\u{1B}}"#))
        #expect(lines.contains { $0.hasSuffix("the same message for the 2nd time: invalid-order") })
    }

    @Test func recordJobAndQuarantineOfAnOrderAreFoundTogether() async throws {
        let store = InMemoryJobStore { Sample.start }
        let ledger = InMemoryDeliveryLedger()
        try await ledger.deliver("1001", at: Sample.start, .sent)
        try await ledger.deliver("1002", at: Sample.start, .sent)
        let job = NewJob(
            delivery: Sample.delivery("1001"),
            payload: "{}",
            payloadHash: Sample.hash(1),
            email: "ada@example.com"
        )
        _ = try store.enqueue([job])
        try store.keep([Sample.quarantined("1001"), Sample.quarantined("1002", body: [2])])
        let trace = try await gathered("1001", store, ledger)
        #expect(trace.deliveries.map(\.record?.status) == [.sent])
        #expect(trace.deliveries.map(\.job?.state) == [.ready])
        #expect(trace.quarantine.map(\.message.delivery) == [Sample.delivery("1001")])
        let json = trace.json
        #expect(json["deliveries"]?.elements?.first?["record"]?["facts"]?["sent"]?.text == "2026-11-23T21:04:06.000Z")
        #expect(json["quarantine"]?.elements?.first?["code"]?.text == "invalid-order")
        #expect(json.members?.map(\.name) == ["order", "deliveries", "quarantine", "timeline"])
    }

    @Test func anUnknownOrderIsNotKnown() async throws {
        let trace = try await gathered("nobody", InMemoryJobStore { Sample.start })
        #expect(!trace.isKnown)
        #expect(trace.timeline.isEmpty)
    }

    @Test func aBodyThatIsNoTextIsWrittenInBase64URL() {
        let entry = QuarantineEntry(
            id: 1,
            message: Sample.quarantined(nil, body: [0xFF, 0xFE]),
            count: 1,
            firstSeen: Sample.start,
            lastSeen: Sample.start
        )
        let json = JSONShapes.quarantine(entry)
        #expect(json["body"] == .null)
        #expect(json["bodyBase64URL"]?.text == "__4")
        #expect(json["delivery"] == .null)
    }

    @Test func everyStatusAndFactHasAnEndedSentence() {
        for status in DeliveryStatus.allCases { #expect(status.sentence.hasSuffix("."), "\(status)") }
        #expect(Set(DeliveryFact.allCases.map(\.sentence)).count == DeliveryFact.allCases.count)
    }

    private func gathered(
        _ order: String,
        _ store: InMemoryJobStore,
        _ ledger: InMemoryDeliveryLedger = InMemoryDeliveryLedger()
    ) async throws -> OrderTrace {
        try await OrderTrace.gather(
            Sample.order(order),
            ledger: ledger,
            jobs: store,
            quarantine: store,
            now: Sample.start
        )
    }
}
