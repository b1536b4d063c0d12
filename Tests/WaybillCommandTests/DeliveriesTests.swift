import Testing
import WaybillCore
import WaybillPorts
import WaybillSimulation

@testable import waybill

@Suite struct DeliveriesTests {
    @Test func aPageIsATable() {
        var bounced = Sample.record("ü-2", .bouncedHard)
        bounced.messageID = nil
        bounced.reason = "no such\nuser"
        let listing = DeliveriesListing(
            page: LedgerPage(records: [Sample.record("1001", .delivered), bounced], next: "token")
        )
        #expect(
            listing.lines(.plain) == [
                "ORDER  STATUS     ADDRESS          UPDATED                   MESSAGE ID    REASON",
                "1001   DELIVERED  ada@example.com  2026-11-23T21:04:09.000Z  0100-message  -",
                "ü-2    BOUNCED    ada@example.com  2026-11-23T21:04:09.000Z  -             no such\\nuser",
                "",
                "There are more: repeat the command with --after token",
            ]
        )
    }

    @Test func anEmptyPageSaysSo() {
        #expect(DeliveriesListing(page: LedgerPage(records: [], next: nil)).lines(.plain) == ["No deliveries."])
    }

    @Test func anotherKindOfMessageIsAColumn() throws {
        var record = Sample.record("1", .sent)
        record.id = DeliveryID(order: Sample.order("1"), kind: try #require(MessageKind("order-confirmation~2")))
        let lines = DeliveriesListing(page: LedgerPage(records: [record], next: nil)).lines(.plain)
        #expect(lines.first?.hasPrefix("ORDER  KIND                  STATUS") == true)
    }

    @Test func everyKeyOfARecordIsAlwaysThere() {
        var bare = Sample.record("1", .pending)
        (bare.attempt, bare.owner, bare.signedAt, bare.messageID) = (nil, nil, nil, nil)
        (bare.reason, bare.template) = (nil, nil)
        let full = Sample.record("2", .delivered, facts: [.delivered: Sample.start, .sent: Sample.start])
        let names = JSONShapes.record(full).members?.map(\.name)
        #expect(names?.contains("messageId") == true)
        #expect(JSONShapes.record(bare).members?.map(\.name) == names)
        #expect(JSONShapes.record(bare)["attempt"] == .null)
        #expect(JSONShapes.record(full)["facts"]?.members?.map(\.name) == ["sent", "delivered"])
        let listing = DeliveriesListing(page: LedgerPage(records: [bare], next: nil)).json
        #expect(listing["next"] == .null)
        #expect(listing["records"]?.elements?.count == 1)
    }

    @Test func aPageAnswersEachKey() async throws {
        let ledger = InMemoryDeliveryLedger()
        try await ledger.deliver("1", at: Sample.start, .sent, .bouncedHard)
        try await ledger.deliver("2", email: "x@xn--exmple-cua.com", at: Sample.start, .sent)
        for (key, order) in [
            (try DeliveriesListing.key(order: "1", email: nil, status: nil), "1"),
            (try DeliveriesListing.key(order: nil, email: "x@EXÄMPLE.com", status: nil), "2"),
            (try DeliveriesListing.key(order: nil, email: nil, status: "bounced"), "1"),
        ] {
            let page = try ledger.query(LedgerQuery(key: key, limit: 10, now: Sample.start))
            #expect(page.records.map(\.id.order.text) == [order])
        }
    }

    @Test(arguments: [
        ("" as String?, nil as String?, nil as String?), (nil, "no address", nil), (nil, nil, "SENDING"),
        (nil, nil, "LOST"),
    ])
    func whatCannotBeAskedIsRefusedAsWrongUsage(order: String?, email: String?, status: String?) {
        let failure = #expect(throws: CommandFailure.self) {
            try DeliveriesListing.key(order: order, email: email, status: status)
        }
        #expect(failure?.exit == .usage)
    }
}
