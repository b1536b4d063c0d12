import Foundation
import Testing
import WaybillCore

@Suite struct StatusNoticeTests {
    private let world = DeliveryFixture()

    @Test func anIdIsOneOfADeliveryAndARank() {
        var ids: Set<String> = []
        for status in DeliveryStatus.allCases {
            let notice = StatusNotice(delivery: world.id, status: status, at: world.now, messageID: nil)
            var later = notice
            later.at = world.now + .seconds(1)
            later.messageID = "m"
            #expect(later.id == notice.id)
            ids.insert(notice.id)
        }
        #expect(ids.count == Set(DeliveryStatus.allCases.map(\.rank)).count)
    }

    @Test(arguments: DeliveryStatus.allCases)
    func theEndOfAJobTellsTheDecisionOrTheAcceptance(status: DeliveryStatus) {
        let notice = StatusNotice.settled(world.id, status: status.name, messageID: "m", at: world.now)
        guard status.endsJob else {
            #expect(notice == nil)
            return
        }
        #expect(notice?.status == (status.isDecidedAgainst ? status : .sent))
    }

    @Test(arguments: DeliveryFact.allCases)
    func anEventTellsItsOwnStatus(fact: DeliveryFact) {
        let evidence = DeliveryEvidence(fact: fact, at: world.now, sentAt: world.now, messageID: "m")
        let notice = StatusNotice(evidence, of: world.id)
        #expect(notice.status == fact.status)
        #expect(notice.messageID == "m")
    }

    /// The example of the documentation is what is published, and the schema names every member.
    @Test func theTextIsAsItIsDocumented() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = try Data(contentsOf: root.appending(path: "ops/schema/delivery-status.v1.json"))
        let schema = try JSON.parse(Array(file))
        let order = try #require(OrderID("1001"))
        let notice = StatusNotice(
            delivery: DeliveryID(order: order),
            status: .delivered,
            at: try #require(Timestamp(rfc3339: "2027-01-15T08:00:03.250Z")),
            messageID: "0100018c-example"
        )
        #expect(schema["examples"]?.elements?.first == notice.json)
        let members = Set(notice.json.members?.map(\.name) ?? [])
        #expect(members == Set(schema["properties"]?.members?.map(\.name) ?? []))
        let statuses = schema["properties"]?["status"]?["enum"]?.elements?.compactMap(\.text) ?? []
        let told = DeliveryStatus.allCases.filter(\.endsJob).map(\.name)
        #expect(Set(statuses) == Set(told))
        #expect(!notice.json.description.contains("@"))
    }
}
