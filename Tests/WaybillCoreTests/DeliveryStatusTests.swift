import Testing
import WaybillCore

@Suite struct DeliveryStatusTests {
    @Test func everyStatusIsReadBackFromItsNameAndRank() {
        for status in DeliveryStatus.allCases {
            #expect(DeliveryStatus(name: status.name, rank: status.rank) == status)
        }
    }

    @Test func aNameWithAnotherStatusesRankIsNoStatus() {
        #expect(DeliveryStatus(name: "SENT", rank: 50) == nil)
        #expect(DeliveryStatus(name: "BOUNCED", rank: 50) == nil)
        #expect(DeliveryStatus(name: "sent", rank: 30) == nil)
    }

    @Test func evidenceStandsAboveEveryDecision() {
        let decisions = DeliveryStatus.allCases.filter { $0.isDecidedAgainst }
        for fact in DeliveryFact.allCases {
            #expect(decisions.allSatisfy { $0.rank < fact.status.rank })
            #expect(fact.status.isAccepted)
        }
    }
}
